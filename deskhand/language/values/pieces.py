"""What moments are put together from: a day, a time on the clock, a part of the day, a moment counted from now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from deskhand.language.values.calendar import Calendar


@dataclass(frozen=True)
class Piece:
    """Words that say one of day, clock, part of the day or whole moment.

    `settled`: the clock leaves no doubt of morning or evening. `weak`: no time of its own unless a day is beside it.
    """

    start: int
    end: int
    day: date | None = None
    clock: time | None = None
    part: str = ""
    moment: datetime | None = None
    settled: bool = False
    weak: bool = False


Said = date | datetime | tuple[date, str] | None
DayRule = Callable[[re.Match[str], Calendar], Said]


def by_rules(text: str, rules: Iterable[tuple[re.Pattern[str], DayRule]], calendar: Calendar) -> Iterator[Piece]:
    """The days that a table of patterns finds; what names no real day is left out."""
    for pattern, rule in rules:
        for match in pattern.finditer(text):
            try:
                said = rule(match, calendar)
            except (ValueError, OverflowError, IndexError):
                continue
            if said is not None:
                yield _piece(match, said)


def _piece(match: re.Match[str], said: date | datetime | tuple[date, str]) -> Piece:
    if isinstance(said, tuple):
        return Piece(*match.span(), day=said[0], part=said[1])
    if isinstance(said, datetime):
        return Piece(*match.span(), moment=said)
    return Piece(*match.span(), day=said)
