"""Messages that were not understood, in what way, and what they mean as somebody said who read them later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, Select, select

from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import message


class Misread(StrEnum):
    """What became of the message instead."""

    ASKED = "asked"  # which of two was meant
    FELL_BACK = "fell_back"  # not understood at all
    DECLINED = "declined"  # taken for something that is nobody's task here
    NO_PASSAGE = "no_passage"  # a question that no policy text answers
    REPEATED = "repeated"  # the same question again and again


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """`intent` and `confidence` are what it was taken for; `others` the likeliest meanings with theirs.

    `chosen` is the meaning that its writer picked, when asked which of two it was.
    """

    id: str
    text: str
    how: Misread
    intent: str
    confidence: float
    others: Mapping[str, float]
    chosen: str | None
    label: str | None
    at: datetime


class Misunderstandings(Repository):
    """They lie beside the messages, and go with them."""

    def note(self, message_id: str, how: Misread, understood: Mapping[str, object]) -> None:
        self.change(message, message.c.id == message_id, misunderstood=str(how), understood=dict(understood))

    def note_chosen(self, message_id: str, intent: str) -> None:
        """Beside what is noted already; nothing for a message that was understood."""
        noted = (message.c.id == message_id, message.c.misunderstood.is_not(None))
        known = self.value(select(message.c.understood).where(self.own(message), *noted))
        if known is not None:
            self.change(message, *noted, understood={**known, "chosen": intent})

    def list(
        self, labelled: bool | None = None, since: datetime | None = None, limit: int = 1000
    ) -> list[Misunderstood]:
        """Newest first. `labelled`: only those that have a label, or only those that have none."""
        query = self._all().order_by(message.c.created_at.desc(), message.c.id.desc()).limit(limit)
        if labelled is not None:
            query = query.where(message.c.label.is_not(None) if labelled else message.c.label.is_(None))
        if since is not None:
            query = query.where(message.c.created_at >= since)
        return [_misunderstood(row) for row in self.rows(query)]

    def get(self, message_id: str) -> Misunderstood | None:
        row = self.row(self._all().where(message.c.id == message_id))
        return None if row is None else _misunderstood(row)

    def label(self, message_ids: Sequence[str], intent: str | None) -> None:
        """None takes a label away."""
        for part in chunks(message_ids):
            self.change(message, message.c.id.in_(part), message.c.misunderstood.is_not(None), label=intent)

    def _all(self) -> Select[Any]:
        columns = (message.c.id, message.c.text, message.c.misunderstood, message.c.understood, message.c.label)
        there = (message.c.misunderstood.is_not(None), message.c.text.is_not(None))
        return select(*columns, message.c.created_at).where(self.own(message), *there)


def _misunderstood(row: RowMapping) -> Misunderstood:
    known = row["understood"] or {}
    return Misunderstood(
        id=row["id"],
        text=row["text"],
        how=Misread(row["misunderstood"]),
        intent=str(known.get("intent") or ""),
        confidence=float(known.get("confidence") or 0.0),
        others={str(name): float(sure) for name, sure in (known.get("others") or {}).items()},
        chosen=known.get("chosen"),
        label=row["label"],
        at=row["created_at"],
    )
