"""Cards: questions with buttons that work once, for one user, until they expire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import RowMapping, select

from deskhand.orders.errors import CardExpired, CardUnknown, CardUsed
from deskhand.store.ids import secret_id
from deskhand.store.records import Card
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import card

OPEN = "open"
USED = "used"
EXPIRED = "expired"
SUPERSEDED = "superseded"


class Cards(Repository):
    """The ids can't be guessed, and are worth nothing to anybody but their user."""

    def issue(
        self,
        kind: str,
        user_id: str,
        conversation_id: str,
        payload: Mapping[str, object],
        actions: Sequence[str],
        expires_at: datetime,
    ) -> Card:
        """A new open card; others stay open until `supersede_open`."""
        made = Card(secret_id(), kind, user_id, conversation_id, payload, tuple(actions), OPEN, expires_at)
        self.add_row(
            card,
            id=made.id,
            kind=kind,
            user_id=user_id,
            conversation_id=conversation_id,
            payload=dict(payload),
            actions=list(actions),
            state=OPEN,
            expires_at=expires_at,
            created_at=self.clock(),
        )
        return made

    def get(self, card_id: str, user_id: str) -> Card:
        """The user's card; an open one past its time is shown as expired.

        Raises:
            CardUnknown: if there is none, or it belongs to somebody else.
        """
        row = self.row(select(card).where(self.own(card), card.c.id == card_id, card.c.user_id == user_id))
        if row is None:
            raise CardUnknown(card=card_id)
        found = _card(row)
        late = found.state == OPEN and found.expires_at <= self.clock()
        return replace(found, state=EXPIRED) if late else found

    def open_of(self, user_id: str) -> Card | None:
        """The user's latest card that still waits for an answer."""
        query = (
            select(card)
            .where(self.own(card), card.c.user_id == user_id, card.c.state == OPEN, card.c.expires_at > self.clock())
            .order_by(card.c.created_at.desc(), card.c.id)
            .limit(1)
        )
        row = self.row(query)
        return None if row is None else _card(row)

    def consume(self, card_id: str, user_id: str, action: str, now: datetime) -> Card:
        """Uses the card up; of two at once, one wins.

        Raises:
            CardUnknown: not the user's, or it has no such action.
            CardExpired: too late, or replaced by a newer card.
            CardUsed: answered before.
        """
        found = self.get(card_id, user_id)
        if action not in found.actions:
            raise CardUnknown(card=card_id, action=action)
        still_open = (card.c.id == card_id, card.c.state == OPEN, card.c.expires_at > now)
        if not self.change(card, *still_open, state=USED, used_by=user_id, used_at=now, action=action):
            found = self.get(card_id, user_id)
            raise CardUsed(card=card_id, action=found.action) if found.state == USED else CardExpired(card=card_id)
        return replace(found, state=USED, used_by=user_id, used_at=now, action=action)

    def supersede_open(self, user_id: str) -> list[str]:
        """A newer card replaces them; returns their ids."""
        waiting = (card.c.user_id == user_id, card.c.state == OPEN)
        ids = [row["id"] for row in self.rows(select(card.c.id).where(self.own(card), *waiting))]
        if ids:
            self.change(card, *waiting, state=SUPERSEDED)
        return ids


def _card(row: RowMapping) -> Card:
    return Card(
        id=row["id"],
        kind=row["kind"],
        user_id=row["user_id"],
        conversation_id=row["conversation_id"],
        payload=row["payload"],
        actions=tuple(row["actions"]),
        state=row["state"],
        expires_at=row["expires_at"],
        used_by=row["used_by"],
        used_at=row["used_at"],
        action=row["action"],
    )
