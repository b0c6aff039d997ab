"""A process of its own that reads one workbook and writes its rows to its output, within limits that the kernel holds.

A workbook can claim a cell in its last column of its last row, and the reader then asks for half a terabyte and ends
its process: this one. Run as a script, by path; knows nothing of Deskhand, so that it starts quickly.

Output: lines of JSON, each a block [lines, rows] of one sheet; then one of all sheets with the places of their blocks;
then eight bytes: where that last one begins. What this process writes is read as data alone, whatever became of it.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

ROWS_A_BLOCK = 5000
USUAL_WIDTH = 64
ACROSS = 60  # rows from the top in which a value is repeated over the columns that it was merged across
NOT_A_WORKBOOK, PASSWORD, TOO_LARGE, MACROS, NO_SPACE = 10, 11, 12, 13, 14  # exit codes


def main() -> int:
    asked = json.loads(sys.argv[1])
    _limit(asked)
    try:
        return _write(asked, sys.stdout.buffer)
    except PasswordError:
        return PASSWORD
    except MemoryError:
        return TOO_LARGE
    except OSError:
        return NO_SPACE
    except (CalamineError, ValueError, OverflowError, ArithmeticError):
        return NOT_A_WORKBOOK


def _limit(asked: dict[str, Any]) -> None:
    for what, most in ((resource.RLIMIT_AS, asked["memory"]), (resource.RLIMIT_CPU, asked["seconds"]),
                       (resource.RLIMIT_FSIZE, asked["spool"]), (resource.RLIMIT_CORE, 0)):  # fmt: skip
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _write(asked: dict[str, Any], out: BinaryIO) -> int:
    workbook = CalamineWorkbook.from_path(asked["path"])
    sheets: list[dict[str, Any]] = []
    for meta in workbook.sheets_metadata:
        if meta.typ is SheetTypeEnum.MacroSheet or meta.typ is SheetTypeEnum.Vba:
            return MACROS
        sheet: dict[str, Any] = {
            "name": meta.name,
            "hidden": meta.visible is not SheetVisibleEnum.Visible,
            "blocks": [],
        }
        sheets.append(sheet)
        if sheet["hidden"] or meta.typ is not SheetTypeEnum.WorkSheet:
            sheet["hidden"] = True
            continue
        found = workbook.get_sheet_by_name(meta.name)
        if found.height * found.width > asked["cells"]:
            return TOO_LARGE
        _write_rows(found, sheet["blocks"], out)
    place = out.tell()
    out.write(json.dumps(sheets).encode() + b"\n")
    out.write(place.to_bytes(8, "big"))
    out.flush()
    return 0


def _write_rows(sheet: CalamineSheet, blocks: list[tuple[int, int]], out: BinaryIO) -> None:
    merged = _Merged(sheet)
    wide = sheet.width > USUAL_WIDTH
    lines: list[int] = []
    rows: list[list[Any]] = []
    for number, row in enumerate(sheet.iter_rows()):  # from the sheet's first row, and from its first used column
        values = [value if value.__class__ is str and value else _plain(value) for value in row]
        values = merged.filled(number, values)
        if wide:
            _strip(values)
        if any(value is not None for value in values):
            lines.append(number + 1)
            rows.append(values)
        if len(rows) == ROWS_A_BLOCK:
            blocks.append(_dump(lines, rows, out))
            lines, rows = [], []
    if rows:
        blocks.append(_dump(lines, rows, out))


def _strip(values: list[Any]) -> None:
    """One stray cell far to the right would make every row as long as that."""
    while values and values[-1] is None:
        values.pop()


def _dump(lines: list[int], rows: list[list[Any]], out: BinaryIO) -> tuple[int, int]:
    place = out.tell()
    out.write(json.dumps([lines, rows], default=_day).encode() + b"\n")
    return place, len(rows)


def _day(value: Any) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    return {"d": value.isoformat()} if isinstance(value, date) else {"s": str(value)}


def _plain(value: Any) -> Any:
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return str(value) if isinstance(value, time | timedelta) else value


class _Merged:
    """Repeats the value of merged cells in all rows, and near the top in all columns, that they cover."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self._starts: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        shift = sheet.start[1] if sheet.start else 0
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
            if left >= shift:
                self._starts[top].append((top, left - shift, bottom, right - shift))
        self._open: list[tuple[int, int, int, Any]] = []  # last row, first column, last column, value

    def filled(self, number: int, row: list[Any]) -> list[Any]:
        if not self._open and number not in self._starts:
            return row
        for top, left, bottom, right in self._starts.get(number, ()):
            value = row[left] if left < len(row) else None
            if value is not None:
                self._open.append((bottom, left, right if top < ACROSS or bottom > top else left, value))
        for _, left, right, value in self._open:
            for column in range(left, min(right, len(row) - 1) + 1):
                row[column] = value
        self._open = [each for each in self._open if each[0] > number]
        return row


if __name__ == "__main__":
    sys.exit(main())
