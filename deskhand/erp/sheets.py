"""Rows -> a CSV or XLSX file, written as they come; memory does not grow with them. Knows no orders.

In CSV every text is quoted, and one that could be calculated is neutralised. In XLSX a text is a cell of the type text,
marked as such for whoever edits it, so nothing is calculated and nothing needs to be changed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import IO, Protocol

import xlsxwriter

from deskhand.erp.formulas import neutralised

Value = str | int | Decimal | datetime | date | None

MOST_ROWS = 1 << 20  # of a sheet, its heading too
_MOST_CHARACTERS = 32_767  # of a cell
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MOMENT, _DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"


class Format(StrEnum):
    """What a sheet is written as; also the ending of the file's name."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media(self) -> str:
        if self is Format.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Sheet(Protocol):
    """Takes one row after the other; nothing is whole before `close`."""

    def row(self, values: Sequence[Value]) -> None: ...

    def close(self) -> None: ...


def open_sheet(format_: Format, file: IO[bytes], name: str, header: Sequence[str]) -> Sheet:
    """A sheet with its heading; the file stays open when it is closed."""
    return CsvSheet(file, header) if format_ is Format.CSV else XlsxSheet(file, name, header)


class CsvSheet:
    """UTF-8 with a byte order mark, by which Excel knows it; times as 2026-11-20 10:00:00."""

    def __init__(self, file: IO[bytes], header: Sequence[str]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_NONNUMERIC)
        self._writer.writerow(header)

    def row(self, values: Sequence[Value]) -> None:
        self._writer.writerow([_plain(value) for value in values])

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


class XlsxSheet:
    """A workbook; what does not fit on its first sheet goes on with the heading on the next one."""

    def __init__(self, file: IO[bytes], name: str, header: Sequence[str]) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        self._text = self._book.add_format({"quote_prefix": True})
        self._bold = self._book.add_format({"bold": True, "quote_prefix": True})
        self._moment = self._book.add_format({"num_format": _MOMENT})
        self._day = self._book.add_format({"num_format": _DAY})
        self._name, self._header, self._sheets = name, header, 0
        self._next_sheet()

    def row(self, values: Sequence[Value]) -> None:
        if self._at == MOST_ROWS:
            self._next_sheet()
        for column, value in enumerate(values):
            self._write(column, value)
        self._at += 1

    def close(self) -> None:
        self._book.close()

    def _next_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(self._name if self._sheets == 1 else f"{self._name} {self._sheets}")
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._header) - 1, 18)
        for column, title in enumerate(self._header):
            self._sheet.write_string(0, column, title, self._bold)
        self._at = 1

    def _write(self, column: int, value: Value) -> None:
        if isinstance(value, datetime):
            self._sheet.write_datetime(self._at, column, value, self._moment)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._at, column, value, self._day)
        elif isinstance(value, int | Decimal):
            self._sheet.write_number(self._at, column, value)
        elif value is not None and value != "":
            self._sheet.write_string(self._at, column, _NOT_IN_XML.sub("", value)[:_MOST_CHARACTERS], self._text)


def _plain(value: Value) -> str | int | Decimal:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return neutralised(value or "") if value is None or isinstance(value, str) else value
