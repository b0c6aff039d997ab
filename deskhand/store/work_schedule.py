"""Who works when, from a CSV of the company: day,person,hours,absent. Knows no order and no rule."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

_YES = frozenset({"yes", "y", "1", "true", "是", "缺勤", "请假", "absent"})
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
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(_shifts(file, csv.DictReader(lines)))


def _shifts(file: Path, rows: Iterator[Mapping[str, str]] | csv.DictReader[str]) -> Iterator[Shift]:
    for number, row in enumerate(rows, 2):
        try:
            absent = (row.get("absent") or "").strip().lower() in _YES
            hours = Decimal(0) if absent else Decimal((row.get("hours") or "8").strip())
            yield Shift(date.fromisoformat(row["day"].strip()), row["person"].strip(), hours, absent)
        except (KeyError, ValueError, AttributeError, InvalidOperation):
            _log.warning("%s:%d: not day,person,hours,absent", file.name, number)
