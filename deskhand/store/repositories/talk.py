"""Conversations, messages and drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Table, delete, func, select, update

from deskhand.orders.errors import VersionConflict
from deskhand.orders.tenant import MESSENGERS
from deskhand.store.ids import new_id, secret_id
from deskhand.store.records import Conversation, Draft, Message
from deskhand.store.repositories.base import Repository
from deskhand.store.repositories.handovers import PERSON
from deskhand.store.repositories.messengers import Messengers
from deskhand.store.schema import card, conversation, draft, handover, message

_ITEM_COLUMNS = ("text", "card")


class Conversations(Repository):
    """One for each user and channel; its id is also Rasa's sender id."""

    def open(self, user_id: str, channel: str, create: bool = True, language: str = "en") -> Conversation | None:
        """The newest of the user in that channel; made if there is none and `create`."""
        query = (
            select(conversation)
            .where(self.own(conversation), conversation.c.user_id == user_id, conversation.c.channel == channel)
            .order_by(conversation.c.created_at.desc(), conversation.c.id)
            .limit(1)
        )
        row = self.row(query)
        if row is not None:
            return _conversation(row)
        return self.start(user_id, channel, language) if create else None

    def start(self, user_id: str, channel: str, language: str = "en") -> Conversation:
        """A new one, whatever else the user has open."""
        now = self.clock()
        self.add_row(
            conversation,
            id=(made := secret_id()),
            user_id=user_id,
            channel=channel,
            language=language,
            state="bot",
            last_seq=0,
            created_at=now,
            updated_at=now,
        )
        return Conversation(made, user_id, channel, language, "bot", None, now)

    def get(self, conversation_id: str) -> Conversation | None:
        row = self.row(select(conversation).where(self.own(conversation), conversation.c.id == conversation_id))
        return None if row is None else _conversation(row)

    def list(self, user_id: str | None = None) -> list[Conversation]:
        """Newest first; all of the tenant without `user_id`."""
        query = select(conversation).where(self.own(conversation)).order_by(conversation.c.created_at.desc())
        if user_id is not None:
            query = query.where(conversation.c.user_id == user_id)
        return [_conversation(row) for row in self.rows(query)]

    def delete(self, conversation_id: str) -> bool:
        """With its messages, cards and handovers; says whether it was there.

        It goes before its messages and cards, so that what somebody adds at this moment goes too; handovers are held
        before their conversation, so they come first, and once more for one that was asked for meanwhile.
        """
        self._delete_of(conversation_id, handover)
        query = delete(conversation).where(self.own(conversation), conversation.c.id == conversation_id)
        there = self.connection.execute(query).rowcount > 0
        self._delete_of(conversation_id, handover, message, card)
        return there

    def _delete_of(self, conversation_id: str, *tables: Table) -> None:
        for table in tables:
            column = table.c.conversation_id
            self.connection.execute(delete(table).where(self.own(table), column == conversation_id))

    def set_language(self, conversation_id: str, language: str) -> None:
        self.change(conversation, conversation.c.id == conversation_id, language=language)


class Messages(Repository):
    """Every message, numbered within its conversation in commit order."""

    def add_inbound(
        self,
        conversation_id: str,
        client_id: str,
        text: str | None,
        card_action: Mapping[str, object] | None = None,
        place: Mapping[str, object] | None = None,
    ) -> tuple[Message, bool]:
        """Stores what came in, once for each client id: the second value is False for a repeat.

        While a person has the conversation it counts as answered, so that the bot leaves it alone.

        Args:
            place: where in its messenger it was said, which is where it is answered.
        """
        found = self.by_client_id(conversation_id, client_id)
        if found is not None:
            return found, False
        made = new_id()
        values = {
            "id": made,
            "direction": "in",
            "text": text,
            "card_action": card_action,
            "client_id": client_id,
            "turn": made,
            "extra": {"place": dict(place)} if place else {},
        }
        return self._add(conversation_id, [values])[0], True

    def add_outbound(
        self, conversation_id: str, turn: str | None, items: Sequence[Mapping[str, object]]
    ) -> list[Message]:
        """Stores replies; an item has `text`, `card` and whatever else the client shows (quick_replies, language)."""
        rows = [
            {
                "id": new_id(),
                "direction": "out",
                "text": item.get("text"),
                "card": item.get("card"),
                "extra": {name: value for name, value in item.items() if name not in _ITEM_COLUMNS},
                "turn": turn,
                "answered": True,
            }
            for item in items
        ]
        return self._add(conversation_id, rows)

    def add_written(self, conversation_id: str, client_id: str, person_id: str, text: str) -> tuple[Message, bool]:
        """Stores what a colleague wrote in the bot's place, once for each client id."""
        found = self.by_client_id(conversation_id, client_id)
        if found is not None:
            return found, False
        row = {"id": new_id(), "direction": "out", "text": text, "client_id": client_id, "turn": None}
        return self._add(conversation_id, [row | {"written_by": person_id, "answered": True}])[0], True

    def last_said(self, conversation_id: str) -> str | None:
        """The last words of the bot."""
        query = (
            select(message.c.text)
            .where(self.own(message), message.c.conversation_id == conversation_id, message.c.direction == "out")
            .where(message.c.turn.is_not(None), message.c.text.is_not(None))
            .order_by(message.c.seq.desc())
            .limit(1)
        )
        found: str | None = self.value(query)
        return found

    def get(self, message_id: str) -> Message | None:
        row = self.row(select(message).where(self.own(message), message.c.id == message_id))
        return None if row is None else _message(row)

    def by_client_id(self, conversation_id: str, client_id: str) -> Message | None:
        query = select(message).where(
            self.own(message), message.c.conversation_id == conversation_id, message.c.client_id == client_id
        )
        row = self.row(query)
        return None if row is None else _message(row)

    def after(self, conversation_id: str, seq: int, limit: int = 200) -> list[Message]:
        """In order, those with a higher number."""
        query = (
            select(message)
            .where(self.own(message), message.c.conversation_id == conversation_id, message.c.seq > seq)
            .order_by(message.c.seq)
            .limit(limit)
        )
        return [_message(row) for row in self.rows(query)]

    def of_turn(self, turn: str) -> list[Message]:
        """The replies of one turn."""
        inbound = self.get(turn)
        if inbound is None:
            return []
        later = self.after(inbound.conversation_id, inbound.seq, limit=1000)
        return [one for one in later if one.turn == turn and one.direction == "out"]

    def latest_seq(self, conversation_id: str) -> int:
        query = select(conversation.c.last_seq).where(self.own(conversation), conversation.c.id == conversation_id)
        return int(self.value(query) or 0)

    def seq_at(self, conversation_id: str, when: datetime) -> int:
        """The number that was the latest then."""
        then = (message.c.conversation_id == conversation_id, message.c.created_at <= when)
        return int(self.value(select(func.max(message.c.seq)).where(self.own(message), *then)) or 0)

    def turn_result(self, message_id: str) -> Any | None:
        """What the action server answered for this message, if it did."""
        return self.value(select(message.c.result).where(self.own(message), message.c.id == message_id))

    def save_turn_result(self, message_id: str, result: object) -> None:
        self.change(message, message.c.id == message_id, result=result)

    def unanswered(self, older_than: datetime, limit: int = 100) -> list[Message]:
        """What came in before `older_than` and still waits for its answer."""
        query = (
            select(message)
            .where(self.own(message), message.c.answered.is_(False), message.c.created_at < older_than)
            .order_by(message.c.created_at, message.c.id)
            .limit(limit)
        )
        return [_message(row) for row in self.rows(query)]

    def unanswered_of(self, conversation_id: str, limit: int) -> list[Message]:
        """The messages of one conversation that still wait for their answer, oldest first."""
        query = (
            select(message)
            .where(self.own(message), message.c.conversation_id == conversation_id, message.c.answered.is_(False))
            .order_by(message.c.seq)
            .limit(limit)
        )
        return [_message(row) for row in self.rows(query)]

    def mark_answered(self, message_id: str) -> None:
        self.change(message, message.c.id == message_id, answered=True)

    def update_card(self, card_id: str, conversation_id: str, changes: Mapping[str, object]) -> Message | None:
        """Changes the stored card (state, outcome) so that a reload shows it as it is now."""
        query = (
            select(message)
            .where(self.own(message), message.c.conversation_id == conversation_id, message.c.card.is_not(None))
            .order_by(message.c.seq.desc())
            .limit(50)
        )
        for row in self.rows(query):
            if row["card"].get("id") == card_id:
                shown = {**row["card"], **changes}
                self.change(message, message.c.id == row["id"], card=shown)
                return replace(_message(row), card=shown)
        return None

    def _add(self, conversation_id: str, rows: Sequence[dict[str, Any]]) -> list[Message]:
        if not rows:
            return []
        now = self.clock()
        query = (
            update(conversation)
            .where(self.own(conversation), conversation.c.id == conversation_id)
            .values(last_seq=conversation.c.last_seq + len(rows), updated_at=now)
            .returning(conversation.c.last_seq, conversation.c.state, conversation.c.channel, conversation.c.user_id)
        )
        said = self.row(query)
        if said is None:
            raise LookupError(f"no conversation {conversation_id}")
        last, answered = said["last_seq"], said["state"] == PERSON  # whose turn it is, as of the numbering
        blank: dict[str, Any] = {
            "text": None,
            "card": None,
            "card_action": None,
            "extra": {},
            "client_id": None,
            "result": None,
            "written_by": None,
            "answered": answered,
        }
        full = [
            {**blank, **row, "conversation_id": conversation_id, "seq": last - len(rows) + number, "created_at": now}
            for number, row in enumerate(rows, start=1)
        ]
        self.add_rows(message, full)
        if said["channel"] in MESSENGERS:
            self._post(said["channel"], said["user_id"], full)
        return [_message(row) for row in full]

    def _post(self, channel: str, user_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Whoever writes into a conversation that is held in a messenger: it goes out from there."""
        messengers = Messengers(self.connection, self.tenant, self.clock)
        for row in rows:
            if row["direction"] == "out":
                card_id = (row["card"] or {}).get("id")
                messengers.post(channel, user_id, message_id=row["id"], subject=f"card:{card_id}" if card_id else None)


class Drafts(Repository):
    """What users are putting together; at most one open of a kind for each user."""

    def open_of(self, user_id: str, kind: str | None = None) -> Draft | None:
        """The user's latest open draft."""
        query = (
            select(draft)
            .where(self.own(draft), draft.c.user_id == user_id, draft.c.status == "open")
            .order_by(draft.c.updated_at.desc(), draft.c.id.desc())
            .limit(1)
        )
        row = self.row(query if kind is None else query.where(draft.c.kind == kind))
        return None if row is None else _draft(row)

    def new(self, user_id: str, kind: str, state: Mapping[str, object], asked: str | None = None) -> Draft:
        """A draft that is not stored yet: `save` it."""
        return Draft(new_id(), user_id, kind, state, asked, "open", 0, self.clock())

    def save(self, one: Draft) -> Draft:
        """Inserts (row_version 0) or updates; returns it with its new version.

        Raises:
            VersionConflict: if it was saved elsewhere since it was read.
        """
        now = self.clock()
        values = {"state": dict(one.state), "asked": one.asked, "status": one.status, "updated_at": now}
        saved = replace(one, row_version=one.row_version + 1, updated_at=now)
        if one.row_version == 0:
            key = {"id": one.id, "user_id": one.user_id, "kind": one.kind}
            self.add_row(draft, **key, **values, row_version=1, created_at=now)
            return saved
        same = (draft.c.id == one.id, draft.c.row_version == one.row_version)
        if not self.change(draft, *same, **values, row_version=one.row_version + 1):
            raise VersionConflict(number=one.id, status="draft")
        return saved

    def finish(self, draft_id: str) -> None:
        self._close(draft_id, "finished")

    def leave(self, draft_id: str) -> None:
        self._close(draft_id, "left")

    def _close(self, draft_id: str, status: str) -> None:
        self.change(draft, draft.c.id == draft_id, status=status, asked=None, updated_at=self.clock())


def _conversation(row: RowMapping) -> Conversation:
    return Conversation(
        id=row["id"],
        user_id=row["user_id"],
        channel=row["channel"],
        language=row["language"],
        state=row["state"],
        person_id=row["person_id"],
        created_at=row["created_at"],
    )


def _message(row: Mapping[str, Any] | RowMapping) -> Message:
    return Message(
        id=row["id"],
        seq=row["seq"],
        conversation_id=row["conversation_id"],
        direction=row["direction"],
        text=row["text"],
        card=row["card"],
        card_action=row["card_action"],
        extra=row["extra"] or {},
        client_id=row["client_id"],
        turn=row["turn"],
        created_at=row["created_at"],
        answered=row["answered"],
        written_by=row["written_by"],
    )


def _draft(row: RowMapping) -> Draft:
    return Draft(
        id=row["id"],
        user_id=row["user_id"],
        kind=row["kind"],
        state=row["state"],
        asked=row["asked"],
        status=row["status"],
        row_version=row["row_version"],
        updated_at=row["updated_at"],
    )
