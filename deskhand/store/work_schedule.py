"""Who works when, from a CSV of the company: day,person,hours,absent. Knows no order and no rule.

As spreadsheets save it: columns in any order, named in English or Chinese, UTF-8 or GB18030, commas or semicolons.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

_COLUMNS = {
    "day": "day", "date": "day", "日期": "day",
    "person": "person", "name": "person", "姓名": "person", "人员": "person",
    "hours": "hours", "工时": "hours", "小时": "hours",
    "absent": "absent", "缺勤": "absent", "请假": "absent",
}  # fmt: skip
_YES = frozenset({"yes", "y", "1", "true", "是", "缺勤", "请假", "absent"})
_USUAL_HOURS = "8"
_MOST_HOURS = 24
_PARTS_OF_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's day; `hours` are none when they are absent."""

    day: date
    person: str
    hours: Decimal
    absent: bool


def read_schedule(file: Path) -> list[Shift]:
    """Empty where there is no file; a line that can't be read is left out and said in the log."""
    if not file.exists():
        return []
    lines = _text(file.read_bytes()).splitlines()
    separator = ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    return list(_shifts(file, csv.reader(lines, delimiter=separator)))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def _shifts(file: Path, lines: Iterator[list[str]]) -> Iterator[Shift]:
    heads = [_COLUMNS.get(head.strip().lower(), "") for head in next(lines, [])]
    for number, line in enumerate(lines, 2):
        row = {head: cell.strip() for head, cell in zip(heads, line, strict=False)}
        if not any(row.values()):
            continue
        try:
            yield _shift(row)
        except (KeyError, ValueError, InvalidOperation):
            _log.warning("%s:%d: not day,person,hours,absent", file.name, number)


def _shift(row: Mapping[str, str]) -> Shift:
    """
    Raises:
        KeyError, ValueError, InvalidOperation: it is none.
    """
    absent = row.get("absent", "").lower() in _YES
    hours = Decimal(0) if absent else Decimal(row.get("hours") or _USUAL_HOURS)
    if not row["person"] or not hours.is_finite() or not 0 <= hours <= _MOST_HOURS:
        raise ValueError(row)
    return Shift(_day(row["day"]), row["person"], hours, absent)


def _day(said: str) -> date:
    parts = _PARTS_OF_DAY.fullmatch(said)
    if parts is None:
        raise ValueError(said)
    year, month, day = (int(part) for part in parts.groups())
    return date(year, month, day)
