"""Rows that were refused, as a file that can be corrected and imported again. Knows no storage.

It holds the original columns as they were and, behind them, where each row stood and why it was refused. Reading knows
these columns by their names and leaves them out. What a spreadsheet would calculate is made harmless; reading takes
that back too.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import TextIO

from deskhand.erp.cleaning.model import Refused
from deskhand.erp.findings import Finding, Reason, sentence
from deskhand.erp.formulas import neutralised
from deskhand.erp.sources.corrected import EXTRA_COLUMNS
from deskhand.erp.sources.model import Batch, Table, Why

__all__ = ["EXTRA_COLUMNS", "RejectedFile", "RejectedNotWritten", "left_out", "refused_later"]
BETWEEN = " | "
_SAID = 1000  # different things to say of a row that are kept
_HARMFUL = frozenset("'=+-@\t\r\n＝＋－＠")


class RejectedNotWritten(Exception):
    """The file of refused rows can't be written: no room, or no right to. Nothing half-written is left."""

    code = "no_space"


class RejectedFile:
    """Of one table; rows go to disk as they come. It is there, whole, once it is closed, and not at all without rows.

    Excel opens it as it is: UTF-8 with a byte order mark, commas, CRLF.
    """

    def __init__(self, path: Path, header: Sequence[str], language: str) -> None:
        """`language`: zh or en, of the reasons."""
        self.path = path
        self.rows = 0
        self._header = header
        self._language = language
        self._unfinished = path.with_name(f".{path.name}.unfinished")
        self._file: TextIO | None = None
        self._said: dict[tuple[tuple[str, str, str, str], ...], list[str]] = {}

    def __enter__(self) -> RejectedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def add(self, refused: Iterable[Refused]) -> None:
        """Writes rows. Raises RejectedNotWritten."""
        try:
            writer = csv.writer(self._open()) if self._file is None else csv.writer(self._file)
            for row in refused:
                writer.writerow(self._written(row))
                self.rows += 1
        except (OSError, UnicodeError) as problem:
            self.discard()
            raise RejectedNotWritten(str(problem)) from problem

    def close(self) -> None:
        """Makes the file appear under its name. Raises RejectedNotWritten."""
        if self._file is None:
            return
        try:
            self._file.close()
            self._unfinished.replace(self.path)
        except OSError as problem:
            self.discard()
            raise RejectedNotWritten(str(problem)) from problem
        self._file = None

    def discard(self) -> None:
        """Leaves nothing behind."""
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
            self._unfinished.unlink(missing_ok=True)
        self._file = None

    def _open(self) -> TextIO:
        file = self._unfinished.open("w", encoding="utf-8-sig", errors="replace", newline="")
        self._file = file
        csv.writer(file).writerow([*map(_cell, self._header), *EXTRA_COLUMNS])
        return file

    def _written(self, row: Refused) -> list[str]:
        """A row of more values than columns has the rest behind everything: nothing is lost or comes under a wrong
        header.
        """
        width = len(self._header)
        cells = [_cell(cell) for cell in row.cells]
        cells += [""] * (width - len(cells))
        return [*cells[:width], *self._about(row), *cells[width:]]

    def _about(self, row: Refused) -> list[str]:
        """Line, columns, values, sentences and codes of a row: more than one where more than one thing is wrong."""
        told = tuple((one.kind, one.column, one.value, one.reason) for one in row.findings)
        if told not in self._said:
            if len(self._said) > _SAID:
                self._said.clear()
            self._said[told] = self._say(row.findings)
        return [str(row.line), *self._said[told]]

    def _say(self, findings: Sequence[Finding]) -> list[str]:
        columns = (
            [finding.column for finding in findings], [finding.value for finding in findings],
            [sentence(finding, self._language) for finding in findings], [str(finding.kind) for finding in findings],
        )  # fmt: skip
        return [neutralised(BETWEEN.join(parts)) for parts in columns]


def _cell(cell: object) -> str:
    """A cell as a text file would have held it."""
    if isinstance(cell, str):
        return neutralised(cell) if cell[:1] in _HARMFUL else cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, (datetime, date)):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return format(cell, "f") if isinstance(cell, Decimal) else neutralised(str(cell))


def left_out(table: Table) -> Iterable[Refused]:
    """Rows that reading couldn't put under the columns, once the table has been read to its end."""
    for row in table.leftovers.rows:
        if row.why is Why.TOO_LONG:
            told = Finding(table.name, row.line, Reason.ROW_TOO_LONG, reason=str(len(row.values)))
            yield Refused(row.line, row.values, (told,))


def refused_later(
    batches: Callable[[], Iterable[Batch]], findings: Mapping[int, Sequence[Finding]]
) -> Iterable[Refused]:
    """Rows that only the whole import could refuse (a cancellation of an unknown order), by line, looked up again."""
    for batch in batches():
        for line, cells in zip(batch.lines, batch.rows, strict=True):
            if line in findings:
                yield Refused(line, cells, tuple(findings[line]))
