"""Rows of typed cells as a table: a sheet, records, a result. Knows no format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from deskhand.erp.sources.errors import TooManyColumns
from deskhand.erp.sources.forms import MOST_ROWS
from deskhand.erp.sources.heading import LOOKED_AT, Heading, find_heading, is_blank, may_be_no_record, why_no_record
from deskhand.erp.sources.model import Batch, Cell, Leftovers, Limits, Note, Table, Why
from deskhand.erp.sources.spool import Spool


@dataclass(slots=True)
class GridTable(Table):
    """Rows that lie in a spool, with a header among them."""

    spool: Spool = field(kw_only=True)
    first: int = field(default=0, kw_only=True)  # line of the first record
    width: int = field(default=0, kw_only=True)

    def whole(self) -> list[tuple[int, list[Cell]]] | None:
        """Every row as it stands there, with its line; None where there are more than a form has."""
        rows: list[tuple[int, list[Cell]]] = []
        for lines, block in self.spool.blocks():
            rows.extend(zip(lines, block, strict=True))
            if len(rows) > MOST_ROWS:
                return None
        return rows

    def batches(self) -> Iterator[Batch]:
        leftovers = self.leftovers = Leftovers()
        last = self.first - 1
        for lines, rows in self.spool.blocks():
            if lines[0] >= self.first and lines[-1] - last == len(lines) and self._needs_no_look(rows):
                last = lines[-1]
                yield Batch(lines, rows)
                continue
            kept: list[Sequence[Cell]] = []
            numbers: list[int] = []
            for line, row in zip(lines, rows, strict=True):
                if line < self.first:
                    if line != self.header_line:
                        leftovers.add(line, Why.PREAMBLE, row)
                    continue
                leftovers.counts[Why.BLANK] += max(0, line - last - 1)
                last = line
                fitted = self._fitted(row, line, leftovers)
                if fitted is not None:
                    kept.append(fitted)
                    numbers.append(line)
            if kept:
                yield Batch(numbers, kept)
        self.leftovers = leftovers

    def _needs_no_look(self, rows: Sequence[list[Cell]]) -> bool:
        if set(map(len, rows)) != {len(self.header)}:
            return False
        firsts = {row[0] for row in rows}
        texts = [each for each in firsts if isinstance(each, str)]
        return None not in firsts and self.header[0] not in firsts and not any(map(may_be_no_record, texts))

    def _fitted(self, row: Sequence[Cell], line: int, leftovers: Leftovers) -> Sequence[Cell] | None:
        width = len(self.header)
        why = why_no_record(row, self.header)
        if why is None and any(not is_blank(cell) for cell in row[width:]):
            why = Why.TOO_LONG
        if why is not None:
            leftovers.add(line, why, row)
            return None
        return [*row[:width], *[None] * (width - len(row))]


@dataclass(slots=True)
class RecordTable(Table):
    """Records whose fields have names: nothing among them is a header, a sum or a remark."""

    spool: Spool = field(kw_only=True)

    def batches(self) -> Iterator[Batch]:
        self.leftovers = Leftovers()
        width = len(self.header)
        for lines, rows in self.spool.blocks():
            yield Batch(lines, [row if len(row) == width else [*row, *[None] * (width - len(row))] for row in rows])


def grid_table(
    name: str, spool: Spool, told: str, notes: list[Note], limits: Limits, header_line: int | None = None
) -> GridTable | None:
    """The table that the rows of a spool are; None where there is none.

    Raises TooManyColumns.
    """
    first: list[tuple[int, list[Cell]]] = []
    for lines, rows in spool.blocks():
        first.extend(islice(zip(lines, rows, strict=True), LOOKED_AT - len(first)))
        if len(first) >= LOOKED_AT:
            break
    if not first:
        return None
    heading = find_heading([row for _, row in first], _place(first, header_line))
    if len(heading.names) > limits.columns:
        raise TooManyColumns(f"{name} has {len(heading.names):,} columns; at most {limits.columns:,} are taken")
    return _table(name, spool, told, notes, first, heading)


def _place(first: Sequence[tuple[int, list[Cell]]], header_line: int | None) -> int | None:
    if header_line is None:
        return None
    return next((place for place, (line, _) in enumerate(first) if line == header_line), -1)


def _table(
    name: str,
    spool: Spool,
    told: str,
    notes: list[Note],
    first: Sequence[tuple[int, list[Cell]]],
    heading: Heading,
) -> GridTable:
    if heading.first < 0:
        notes = [*notes, Note("no_header")]
    elif heading.two_rows:
        notes = [*notes, Note("two_row_header")]
    begins = first[heading.last][0] + 1 if heading.last >= 0 else first[0][0]
    line = first[heading.first][0] if heading.first >= 0 else 0
    return GridTable(name, heading.names, line, told, notes, spool=spool, first=begins)
