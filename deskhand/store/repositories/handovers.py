"""Conversations that want a person or have one. The only place that says who answers in a conversation.

What a turn has to know (`conversation.state` and `person_id`) is changed in the same transaction as the handover,
so that no turn has to read a second row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, and_, func, or_, select, update

from deskhand.store.ids import secret_id
from deskhand.store.records import Handover
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import conversation, handover, message

BOT, WAITING, PERSON = "bot", "waiting", "person"  # who has a conversation
TAKEN, CLOSED = "taken", "closed"
OPEN = (WAITING, TAKEN)


class Handovers(Repository):
    """At most one is open for a conversation; the database sees to that."""

    def ask(self, conversation_id: str, user_id: str, reason: str, language: str) -> tuple[Handover, bool]:
        """A person is wanted; the second value is False when one is already.

        Raises:
            LookupError: the conversation was deleted meanwhile.
        """
        found = self.open_of(conversation_id)
        if found is not None:
            return found, False
        made = Handover(secret_id(), conversation_id, user_id, reason, language, WAITING, self.clock())
        row = {"id": made.id, "conversation_id": conversation_id, "user_id": user_id, "reason": reason}
        added = self.add_missing(handover, [row | {"language": language, "state": WAITING, "asked_at": made.asked_at}])
        if not added:  # somebody asked at the same moment
            return self.open_of(conversation_id) or made, False
        if not self._give(conversation_id, WAITING, None):
            raise LookupError(f"no conversation {conversation_id}")
        return made, True

    def open_of(self, conversation_id: str) -> Handover | None:
        query = select(handover).where(
            self.own(handover), handover.c.conversation_id == conversation_id, handover.c.state.in_(OPEN)
        )
        row = self.row(query)
        return None if row is None else _handover(row)

    def get(self, handover_id: str) -> Handover | None:
        row = self.row(select(handover).where(self.own(handover), handover.c.id == handover_id))
        return None if row is None else _handover(row)

    def hold(self, handover_id: str) -> Handover | None:
        """As `get`; nobody else changes it until the transaction ends. Held before its conversation, never after."""
        query = (
            update(handover)
            .where(self.own(handover), handover.c.id == handover_id)
            .values(state=handover.c.state)
            .returning(*handover.c)
        )
        row = self.row(query)
        return None if row is None else _handover(row)

    def list(self, states: Collection[str] = OPEN, limit: int = 200) -> list[Handover]:
        """Those that wait first, the longest wait before the others; where all are closed, the latest first."""
        order = (
            [handover.c.closed_at.desc()] if {*states} == {CLOSED} else [handover.c.state.desc(), handover.c.asked_at]
        )
        query = select(handover).where(self.own(handover), handover.c.state.in_(states))
        return [_handover(row) for row in self.rows(query.order_by(*order, handover.c.id).limit(limit))]

    def maybe_late(self, asked_until: datetime, taken_until: datetime) -> Sequence[Handover]:
        """All that have waited since then for somebody to take them, or were taken by then; the oldest first."""
        waits = and_(handover.c.state == WAITING, handover.c.asked_at <= asked_until)
        has_person = and_(handover.c.state == TAKEN, handover.c.taken_at <= taken_until)
        query = select(handover).where(self.own(handover), or_(waits, has_person))
        return [_handover(row) for row in self.rows(query.order_by(handover.c.asked_at, handover.c.id))]

    def take(self, handover_id: str, conversation_id: str, person_id: str) -> bool:
        """From now on a person answers, and what was said to the bot and not answered is theirs. One wins."""
        now = self.clock()
        still = (handover.c.id == handover_id, handover.c.state == WAITING)
        if not self.change(handover, *still, state=TAKEN, taken_by=person_id, taken_at=now):
            return False
        self._give(conversation_id, PERSON, person_id)
        theirs = (message.c.conversation_id == conversation_id, message.c.answered.is_(False))
        self.change(message, *theirs, answered=True)
        return True

    def close(self, handover_id: str, conversation_id: str, outcome: str, by: str | None) -> bool:
        """From now on the bot answers; False when it does already."""
        still = (handover.c.id == handover_id, handover.c.state.in_(OPEN))
        if not self.change(handover, *still, state=CLOSED, outcome=outcome, closed_by=by, closed_at=self.clock()):
            return False
        self._give(conversation_id, BOT, None)
        return True

    def silent_since(self, one: Handover) -> datetime | None:
        """Since when who asked has waited for a word of the person who took it; None: they have the last word."""
        last = select(func.max(message.c.seq)).where(
            self.own(message),
            message.c.conversation_id == one.conversation_id,
            message.c.written_by == one.taken_by,
            message.c.created_at >= one.taken_at,
        )
        seq = self.value(last)
        if seq is None:
            return one.taken_at
        unheard = select(func.min(message.c.created_at)).where(
            self.own(message),
            message.c.conversation_id == one.conversation_id,
            message.c.direction == "in",
            message.c.seq > seq,
        )
        found: datetime | None = self.value(unheard)
        return found

    def _give(self, conversation_id: str, state: str, person_id: str | None) -> bool:
        given = self.change(conversation, conversation.c.id == conversation_id, state=state, person_id=person_id)
        return given > 0


def _handover(row: RowMapping) -> Handover:
    return Handover(**{name: value for name, value in row.items() if name != "tenant"})
