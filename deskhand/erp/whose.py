"""Rows that leave their customer's column blank and name somebody in another: a company here, a person there.

Shops write the company of those that have one. Knows columns and cells, nothing of what becomes of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from deskhand.erp.header_names import meanings
from deskhand.erp.kinds import Field, Kind, has_lines
from deskhand.erp.proposal import Proposal
from deskhand.erp.sources import Batch, Cell, Table
from deskhand.erp.sources.heading import is_blank

_PARTY = (Field.CUSTOMER_NAME, Field.CUSTOMER_ID)
_INSTEAD = (Field.CUSTOMER_NAME, Field.CUSTOMER_ID, Field.CONTACT, Field.EMAIL, Field.PHONE)
_STRONG = ("name", "like_name")


def named(table: Table, proposal: Proposal) -> Table:
    """The table with its blank customers filled from the next column that names one; itself where none is blank."""
    if proposal.kind is not Kind.ORDERS:
        return table
    own = [proposal.columns[field].index for field in _PARTY if field in proposal.columns]
    if not own or any(proposal.columns[field].reason == "mapping" for field in _PARTY if field in proposal.columns):
        return table
    instead = [index for index in _others(table.header) if index not in own]
    by_line = has_lines(proposal.columns) and Field.ORDER_NUMBER in proposal.columns
    order = proposal.columns[Field.ORDER_NUMBER].index if by_line else None
    nameless = Nameless(own, order)
    if not any(nameless(row) and any(not is_blank(row[index]) for index in instead) for row in table.sample()):
        return table
    return NamedTable(table, own, instead, order)


def _others(header: Sequence[str]) -> list[int]:
    """Columns that name a person or a company, the best first; a given name with the family name after it."""
    weighed = []
    for index, name in enumerate(header):
        for meaning in meanings(name, Kind.ORDERS) if name else ():
            if meaning.field in _INSTEAD and (meaning.how in _STRONG or meaning.field is Field.CUSTOMER_ID):
                weighed.append((_INSTEAD.index(meaning.field), -meaning.weight, index))
                break
    return [index for *_, index in sorted(weighed)]


class Nameless:
    """Whether a row names no customer, nor does a row above it of the same order: shops name one on the first alone."""

    def __init__(self, own: Sequence[int], order: int | None) -> None:
        self._own, self._order = own, order
        self._named: Cell = None

    def __call__(self, row: Sequence[Cell]) -> bool:
        if any(not is_blank(row[index]) for index in self._own):
            self._named = row[self._order] if self._order is not None else None
            return False
        return self._order is None or row[self._order] != self._named and not is_blank(row[self._order])


class NamedTable(Table):
    """The same rows, each with its customer where any column tells it."""

    def __init__(self, found: Table, own: Sequence[int], instead: Sequence[int], order: int | None) -> None:
        self._found, self._own, self._instead, self._order = found, own, instead, order
        super().__init__(found.name, found.header, found.header_line, found.told, found.notes, found.leftovers)

    def batches(self) -> Iterator[Batch]:
        nameless = Nameless(self._own, self._order)
        for batch in self._found.batches():
            yield replace(batch, rows=[self._with_customer(row) if nameless(row) else row for row in batch.rows])
        self.leftovers = self._found.leftovers

    def _with_customer(self, row: Sequence[Cell]) -> Sequence[Cell]:
        told = next((row[index] for index in self._instead if not is_blank(row[index])), None)
        return row if told is None else [told if at == self._own[0] else cell for at, cell in enumerate(row)]
