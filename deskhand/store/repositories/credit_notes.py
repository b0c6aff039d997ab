"""Credit notes: each takes a part of one invoice back, and is sent once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, select

from deskhand.orders.model import CreditedLine, CreditKind, CreditNote
from deskhand.orders.money import in_places
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import credit_note

FIRST_CREDIT_NOTE = 1001
# What came back is taken off what an order still comes to; of cancelled lines its total knows already.
OF_RETURNS = (credit_note.c.kind == str(CreditKind.RETURNED), credit_note.c.withdrawn_at.is_(None))
_NUMBERS = ("quantity", "unit_price", "amount")


class CreditNotes(Repository):
    """Their numbers have no gaps: one that was taken back in time stays, withdrawn."""

    def add(self, notes: Sequence[CreditNote]) -> list[CreditNote]:
        """With their numbers."""
        if not notes:
            return []
        first = self.next_numbers("credit_note", len(notes), FIRST_CREDIT_NOTE)
        made = [replace(note, number=f"CN-{first + place}") for place, note in enumerate(notes)]
        self.add_rows(credit_note, [_row(note) for note in made])
        return made

    def get(self, number: str) -> CreditNote:
        """One of them.

        Raises:
            LookupError: there is none.
        """
        row = self.row(select(credit_note).where(self.own(credit_note), credit_note.c.number == number))
        if row is None:
            raise LookupError(f"no credit note {number}")
        return _note(row)

    def of_orders(self, order_ids: Sequence[str]) -> dict[str, tuple[CreditNote, ...]]:
        """Those that count, oldest first; orders without any are left out."""
        found: dict[str, tuple[CreditNote, ...]] = {}
        for part in chunks(order_ids):
            mine = (credit_note.c.order_id.in_(part), credit_note.c.withdrawn_at.is_(None))
            query = select(credit_note).where(self.own(credit_note), *mine)
            for row in self.rows(query.order_by(credit_note.c.issued_at, credit_note.c.number)):
                found[row["order_id"]] = (*found.get(row["order_id"], ()), _note(row))
        return found

    def withdraw(self, number: str) -> None:
        """It was taken back before it left the house."""
        self.change(credit_note, credit_note.c.number == number, withdrawn_at=self.clock())

    def mark_sent(self, number: str, at: datetime | None = None) -> bool:
        """Says whether it was not sent before."""
        mine = (credit_note.c.number == number, credit_note.c.sent_at.is_(None))
        return self.change(credit_note, *mine, sent_at=at or self.clock()) > 0


def _row(note: CreditNote) -> dict[str, Any]:
    lines = [
        {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(line).items()}
        for line in note.lines
    ]
    return {name: getattr(note, name) for name in note.__slots__} | {"kind": str(note.kind), "lines": lines}


def _note(row: RowMapping) -> CreditNote:
    known = {name: value for name, value in row.items() if name != "tenant"}
    lines = tuple(_line(said) for said in row["lines"])
    amount = in_places(row["amount"], row["currency"])
    return CreditNote(**{**known, "kind": CreditKind(row["kind"]), "lines": lines, "amount": amount})


def _line(said: Mapping[str, Any]) -> CreditedLine:
    read: dict[str, Any] = {name: Decimal(value) if name in _NUMBERS else value for name, value in said.items()}
    return CreditedLine(**read)
