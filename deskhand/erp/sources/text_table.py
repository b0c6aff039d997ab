"""A delimited text as a table, read by the csv module in blocks. Knows dialects and lines, not what columns mean.

What is common costs nothing extra: a block whose rows all have the header's length is handed on as it was read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TextIO

from deskhand.erp.sources import blocks
from deskhand.erp.sources.content import Content
from deskhand.erp.sources.dialect import Dialect, Reader, said_delimiter, sniff
from deskhand.erp.sources.errors import LineTooLong, NothingThere, TooManyColumns
from deskhand.erp.sources.forms import MOST_ROWS
from deskhand.erp.sources.heading import LOOKED_AT, Heading, find_heading, may_be_no_record, why_no_record
from deskhand.erp.sources.model import ROWS_A_BATCH, Batch, Leftovers, Limits, Note, Table, Why
from deskhand.erp.sources.scanning import Scan, scan

_SAMPLE = 256 * 1024
_SAMPLE_LINES = 300
_WRAPPED = 64 << 20  # bytes of a list whose rows are each one value
_LARGEST_FORM = 256 * 1024  # bytes
_MOST_MENDED = 200  # quotes that are never closed
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_APOSTROPHE = re.compile(r"'(?=[-+=@]?\d|[-+=@]\S)")
_CONTROL = "\ufeff"


@dataclass(slots=True)
class TextTable(Table):
    """Delimited text."""

    content: Content = field(kw_only=True)
    scan: Scan = field(kw_only=True)
    dialect: Dialect = field(kw_only=True)
    limits: Limits = field(kw_only=True)
    above: list[tuple[int, list[str]]] = field(default_factory=list, kw_only=True)  # rows before the records
    first_line: int = field(default=1, kw_only=True)  # of the records

    def whole(self) -> list[tuple[int, list[str]]] | None:
        """Every row as it stands there, with its line; None where there are more than a form has."""
        if self.content.size > _LARGEST_FORM:
            return None
        with self._lines(1) as lines:
            reader = self.dialect.reader(lines)
            rows, fault = _block(reader)
            if fault or len(rows) >= min(ROWS_A_BATCH, MOST_ROWS):
                return None
            return list(zip(_numbers(rows, 1, 1 + reader.line_num), rows, strict=True))

    def batches(self) -> Iterator[Batch]:
        leftovers = self.leftovers = Leftovers()
        for line, row in self.above:
            leftovers.add(line, Why.PREAMBLE if any(cell.strip() for cell in row) else Why.BLANK, row)
        for line in self.scan.wrong:
            leftovers.add(line, Why.WRONG_BYTES)
        leftovers.counts[Why.WRONG_BYTES] += self.scan.wrong_count - len(self.scan.wrong)
        yield from self._read(leftovers)
        self.leftovers = leftovers

    def _read(self, leftovers: Leftovers) -> Iterator[Batch]:
        """In columns as far as it goes, then row by row: again from behind a quote that is never closed, each time
        that one is met.
        """
        line = yield from self._split(leftovers)
        mended = 0
        while line > 0:
            torn = None
            for batch in self._blocks(line, leftovers, mended < _MOST_MENDED):
                if isinstance(batch, int):
                    torn = batch
                else:
                    yield batch
            if torn is None:
                return
            mended += 1
            with self._lines(torn) as lines:
                row = Dialect(self.dialect.delimiter, quote="").reader([next(iter(lines), "").rstrip("\r\n")])
                cells = [cell.strip().strip(self.dialect.quote or '"') for cell in next(iter(row), [])]
            yield from self._made([cells], [torn], leftovers)
            line = torn + 1

    def _split(self, leftovers: Leftovers) -> Generator[Batch, None, int]:
        """The blocks of a large text whose lines are its rows; at last from which line to read on, 0 for none."""
        line, scan = self.first_line, self.scan
        if self.content.size < blocks.SMALLEST or scan.encoding != "utf-8-sig" or scan.wrong_count:
            return line
        if scan.protected or scan.tabs or self.dialect.loose or not blocks.can_be_split(self.dialect):
            return line
        width = len(self.header)
        with self.content.open() as file, closing(blocks.blocks(file, line, self.dialect, width)) as found:
            for block in found:
                numbers = range(line, line + block.count)
                if block.rows is not None and self._has_records_alone(set(block.rows.column(0).distinct)):
                    yield Batch(numbers, block.rows)
                elif block.rows is not None:
                    yield from self._made([*map(list, block.rows)], numbers, leftovers)
                elif block.lines is not None:
                    yield from self._made(list(self.dialect.reader(block.lines)), numbers, leftovers)
                else:
                    return line
                line = numbers.stop
        return 0

    def _blocks(self, start: int, leftovers: Leftovers, mend: bool) -> Iterator[Batch | int]:
        """Batches; at last the line of a quote that swallowed what follows, where there is one."""
        with self._lines(start) as lines:
            reader = self.dialect.reader(lines)
            while True:
                before = start + reader.line_num
                rows, fault = _block(reader)
                numbers = _numbers(rows, before, start + reader.line_num)
                torn = self._torn(rows, numbers, fault, before) if mend else None
                if fault and torn is None:
                    raise LineTooLong(f"{self.name} has a value that is too long: {fault}", line=before + len(rows))
                if torn is not None:
                    kept = next((place for place, number in enumerate(numbers) if number >= torn), len(rows))
                    rows, numbers = rows[:kept], numbers[:kept]
                yield from self._made(rows, numbers, leftovers)
                if torn is not None:
                    yield torn
                    return
                if len(rows) < ROWS_A_BATCH:
                    return

    def _torn(self, rows: Sequence[list[str]], numbers: Sequence[int], fault: str, before: int) -> int | None:
        """The line where a value begins that swallowed rows: it has several lines, and its row another length."""
        if isinstance(numbers, range) and not fault:
            return None
        width = len(self.header)
        for row, line in zip(rows, numbers, strict=True):
            if len(row) not in (0, width) and any(_swallows(cell, self.dialect.delimiter, width) for cell in row):
                return line
        return (numbers[-1] + 1 + _breaks(rows[-1]) if rows else before) if fault else None

    def _made(self, rows: list[list[str]], numbers: Sequence[int], leftovers: Leftovers) -> Iterator[Batch]:
        if self.scan.protected or (self.scan.tabs and self.dialect.delimiter != "\t"):
            rows = [[_bare(cell) if cell[:1] in _MARKS or cell[-1:] == "\t" else cell for cell in row] for row in rows]
        if self._needs_no_look(rows):
            kept, lines = rows, numbers
        else:
            kept, lines = self._looked_at(rows, numbers, leftovers)
        if kept:
            yield Batch(lines, kept)

    def _needs_no_look(self, rows: Sequence[list[str]]) -> bool:
        width = len(self.header)
        if set(map(len, rows)) - {width}:
            return False
        return self._has_records_alone({row[0] for row in rows})

    def _has_records_alone(self, firsts: set[str]) -> bool:
        """Whether rows that begin with these texts are no sums, no remarks and not the header again."""
        if "" in firsts or self.header[0] in firsts:
            return False
        return not any(map(may_be_no_record, firsts))

    def _looked_at(
        self, rows: Sequence[list[str]], numbers: Sequence[int], leftovers: Leftovers
    ) -> tuple[list[list[str]], list[int]]:
        kept: list[list[str]] = []
        lines: list[int] = []
        for row, line in zip(rows, numbers, strict=True):
            fitted = self._fitted(row, line, leftovers)
            if fitted is not None:
                kept.append(fitted)
                lines.append(line)
        return kept, lines

    def _fitted(self, row: list[str], line: int, leftovers: Leftovers) -> list[str] | None:
        """The row with a value for each column; None when it is left out."""
        width = len(self.header)
        if len(row) * 2 <= width and (found := _written_otherwise(row, self.dialect, width)):
            leftovers.add(line, Why.WRITTEN_OTHERWISE, row)
            row = found
        elif len(row) > width and (found := _rejoined(row, self.dialect, width)):
            leftovers.add(line, Why.WRITTEN_OTHERWISE, row)
            row = found
        why = why_no_record(row, self.header, whole=len(row) >= width or _is_crowded(row, width))
        if why is not None:
            leftovers.add(line, why, row)
            return None
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            leftovers.add(line, Why.TOO_LONG, row)
            return None
        if len(row) < width:
            leftovers.add(line, Why.TOO_SHORT, row)
        return [*row[:width], *[""] * (width - len(row))]

    def _lines(self, first: int) -> TextIO:
        lines = _text(self.content, self.scan.encoding)
        for _ in islice(lines, first - 1):
            pass
        return lines


_MARKS = ("=", "'", "\t")
_OTHER_SIGNS = ",;\t|^~"


def _written_otherwise(row: Sequence[str], dialect: Dialect, width: int) -> list[str] | None:
    """The values of a row that was quoted as one, or is parted by another sign than the rest."""
    text = dialect.delimiter.join(row)
    if width < 4 or "\n" in text or "\r" in text:
        return None
    for sign in (dialect.delimiter, *_OTHER_SIGNS) if len(row) == 1 else _OTHER_SIGNS:
        cells = next(iter(Dialect(sign).reader([text])), []) if text.count(sign) >= width - 1 else []
        if len(cells) == width:
            return cells
    return None


def _rejoined(row: Sequence[str], dialect: Dialect, width: int) -> list[str] | None:
    """The values of a row in which a comma of a text (Acme, Inc.) was not quoted: a space stands behind it, as behind
    no comma that parts values. None where those are not just as many as are too many.
    """
    row = row[: _filled_to(row)]
    inner = [place for place, cell in enumerate(row) if place and cell[:1] == " " and cell[1:2].strip()]
    if not inner or dialect.delimiter != "," or dialect.spaced or len(row) - len(inner) != width:
        return None
    joined: list[str] = []
    for place, cell in enumerate(row):
        if place in inner:
            joined[-1] += f",{cell}"
        else:
            joined.append(cell)
    return joined


def _filled_to(row: Sequence[str]) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)


def _is_crowded(row: Sequence[str], width: int) -> bool:
    """Whether a short row holds signs that part values: no remark does."""
    return width >= 4 and any(cell.count(sign) >= width // 2 for cell in row for sign in _OTHER_SIGNS)


def _bare(cell: str) -> str:
    """The value that ="0012" or '0012 or a tab before it protect from a spreadsheet."""
    cell = cell.strip("\t")
    found = _EXCEL_TEXT.fullmatch(cell)
    return found[1] if found else _APOSTROPHE.sub("", cell, count=1) if cell.startswith("'") else cell


def _block(reader: Reader) -> tuple[list[list[str]], str]:
    """Some rows, and what the csv module says of the next one when it can't read it."""
    rows: list[list[str]] = []
    try:
        rows.extend(islice(reader, ROWS_A_BATCH))
    except csv.Error as fault:
        return rows, str(fault)
    return rows, ""


def _numbers(rows: Sequence[list[str]], before: int, after: int) -> Sequence[int]:
    """The line at which each row begins."""
    if after - before == len(rows):
        return range(before, after)
    numbers, line = [], before
    for row in rows:
        numbers.append(line)
        line += 1 + _breaks(row)
    return numbers


def _breaks(row: Sequence[str]) -> int:
    return sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row)


def _swallows(cell: str, delimiter: str, width: int) -> bool:
    lines = cell.splitlines()
    return len(lines) > 1 and sum(line.count(delimiter) >= max(1, (width - 1) // 2) for line in lines) >= 1


def _text(content: Content, encoding: str) -> TextIO:
    return io.TextIOWrapper(content.open(), encoding=encoding, errors="replace", newline="")


def open_text(content: Content, limits: Limits, header_line: int | None = None, inner: bool = False) -> TextTable:
    """`inner`: of rows that were each quoted as one value.

    Raises NothingThere, NulBytes, LineTooLong, EncodingUnknown, TooManyColumns.
    """
    csv.field_size_limit(max(limits.line, csv.field_size_limit()))
    found = scan(content, limits)
    lines = _sample(content, found)
    dialect = sniff(lines)
    rows = _rows(dialect, lines)
    if not any(any(cell.strip() for cell in row) for _, row in rows):
        raise NothingThere(f"{content.name} holds nothing but blanks")
    place = _said_place(rows, header_line)
    heading = _with_commas(find_heading([row for _, row in rows], place), rows, dialect)
    if len(heading.names) > limits.columns:
        raise TooManyColumns(f"{content.name} has {len(heading.names):,} columns; at most {limits.columns:,} are taken")
    table = _table(content, found, dialect, limits, rows, heading)
    if inner or len(heading.names) > 1 or content.size > _WRAPPED:
        return table
    unwrapped = _unwrapped(table)
    parted = open_text(unwrapped, limits, header_line, inner=True) if unwrapped else table
    return parted if len(parted.header) > 1 else table


def _with_commas(heading: Heading, rows: Sequence[tuple[int, list[str]]], dialect: Dialect) -> Heading:
    """The heading without columns that have no name and hold what stands behind commas of texts."""
    width = _filled_to(heading.names)
    long = [row for _, row in rows[heading.last + 1 :] if _filled_to(row) > width]
    if heading.first < 0 or not long or not all(_rejoined(row, dialect, width) for row in long):
        return heading
    return replace(heading, names=heading.names[:width])


def _unwrapped(table: TextTable) -> Content | None:
    """What is left of rows that were each quoted as one value, as happens where a list is copied into one column."""
    whole = replace(table, above=[], first_line=1)
    first = [table.header[0], *(str(row[0]) for row in whole.sample(12))]
    if not any(sign in line for line in first for sign in ",;\t|"):
        return None
    lines = [str(row[0] or "") for batch in whole.batches() for row in batch.rows]
    text = "\n".join([*lines, ""]).encode()
    return Content(table.name, len(text), text, None) if lines else None


def _said_place(rows: Sequence[tuple[int, list[str]]], header_line: int | None) -> int | None:
    if header_line is None:
        return None
    return next((place for place, (line, _) in enumerate(rows) if line == header_line), -1)


def _table(
    content: Content, found: Scan, dialect: Dialect, limits: Limits, rows: list[tuple[int, list[str]]], heading: Heading
) -> TextTable:
    notes = [Note("no_header")] if heading.first < 0 else [Note("two_row_header")] if heading.two_rows else []
    if found.wrong_count:
        notes.append(Note("wrong_bytes", ", ".join(map(str, found.wrong[:20])), found.wrong_count))
    last = rows[heading.last] if heading.last >= 0 else None
    first_line = last[0] + 1 + _breaks(last[1]) if last else 1 + (said_delimiter("".join(rows[0][1])) is not None)
    return TextTable(
        content.name,
        heading.names,
        rows[heading.first][0] if heading.first >= 0 else 0,
        f"{found.encoding.removesuffix('-sig')}, {dialect}",
        notes,
        content=content,
        scan=found,
        dialect=dialect,
        limits=limits,
        above=rows[: max(heading.first, 0)],
        first_line=first_line,
    )


def _sample(content: Content, found: Scan) -> list[str]:
    lines: list[str] = []
    size = 0
    with _text(content, found.encoding) as text:
        for line in islice(text, _SAMPLE_LINES):
            lines.append(line if lines else line.lstrip(_CONTROL))
            size += len(line)
            if size > _SAMPLE:
                break
    return lines


def _rows(dialect: Dialect, lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The first rows with their lines, those that are blank too; a line `sep=;` is none."""
    reader = dialect.reader(lines)
    rows: list[tuple[int, list[str]]] = []
    if lines and said_delimiter(lines[0]):
        next(reader, None)
    while len(rows) < LOOKED_AT:
        line = reader.line_num + 1
        try:
            rows.append((line, next(reader)))
        except (StopIteration, csv.Error):
            break
    return rows
