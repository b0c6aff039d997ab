"""A file of refused rows that somebody corrected, read as the table that they came from.

Its extra columns are left out, and what was made harmless for spreadsheets is itself again. Knows no reason why rows
were refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from deskhand.erp.formulas import restored
from deskhand.erp.sources.model import Batch, Cell, Table

EXTRA_COLUMNS = ("deskhand_line", "deskhand_column", "deskhand_value", "deskhand_reason", "deskhand_code")


def as_it_was(table: Table) -> Table:
    """The original table where it is a file of refused rows; any other table itself."""
    return CorrectedTable(table) if set(EXTRA_COLUMNS) <= set(table.header) else table


class CorrectedTable(Table):
    """The columns that were there before, wherever a spreadsheet put the extra ones."""

    def __init__(self, found: Table) -> None:
        self._found = found
        self._kept = [at for at, name in enumerate(found.header) if name not in EXTRA_COLUMNS]
        header = tuple(restored(found.header[at]) for at in self._kept)
        super().__init__(found.name, header, found.header_line, found.told, found.notes, found.leftovers)

    def batches(self) -> Iterator[Batch]:
        columns = [itemgetter(at) for at in self._kept]
        for batch in self._found.batches():
            yield Batch(batch.lines, [[_restored(cell(row)) for cell in columns] for row in batch.rows])
        self.leftovers = self._found.leftovers


def _restored(cell: Cell) -> Cell:
    return restored(cell) if isinstance(cell, str) and cell[:1] == "'" else cell
