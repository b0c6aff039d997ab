"""Workbooks and other files that the tests of reading make."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"
_NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(fill: Callable[[Any], object], **options: Any) -> bytes:
    """What `fill` puts into an XlsxWriter workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    fill(book)
    book.close()
    return out.getvalue()


def sheet_of(rows: list[list[Any]]) -> bytes:
    """A workbook of one sheet."""
    return workbook(
        lambda book: [
            _row(sheet, number, row) for sheet in [book.add_worksheet("S")] for number, row in enumerate(rows)
        ]
    )


def _row(sheet: Any, number: int, row: list[Any]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, str):
            sheet.write_string(number, column, value)
        elif value is not None:
            sheet.write(number, column, value)


def changed(data: bytes, parts: Mapping[str, bytes], without: tuple[str, ...] = ()) -> bytes:
    """A packed file with other, or more, parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts and name not in without:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


def with_sheet(rows: str) -> bytes:
    """A workbook whose only sheet has these rows, as XML."""
    xml = f'<?xml version="1.0"?><worksheet {_NAMESPACE}><sheetData>{rows}</sheetData></worksheet>'
    return changed(sheet_of([["x"]]), {SHEET: xml.encode()})
