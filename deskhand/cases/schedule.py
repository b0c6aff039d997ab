"""When cases begin by the clock: before or at the starts and ends of shifts, or by a cron line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHIFT_START, SHIFT_END = "shift_start", "shift_end"
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))  # minute, hour, day, month, weekday (0 and 7: Sunday)


@dataclass(frozen=True, slots=True)
class Shift:
    name: str
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Shifts:
    """`before` each start and end of the shifts that `each` names."""

    shifts: tuple[Shift, ...]
    each: tuple[str, ...]
    before: timedelta = timedelta(0)

    def moments(self, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, dict[str, str]]]:
        """After `since`, up to and with `until`; with the shift and which of its ends it is."""
        for day in _days(since + self.before, until + self.before, zone):
            for shift in self.shifts:
                for edge in self.each:
                    at = shift.start if edge == SHIFT_START else shift.end
                    moment = datetime.combine(day, at, zone) - self.before
                    if since < moment <= until:
                        yield moment, {"shift": shift.name, "edge": edge}


@dataclass(frozen=True, slots=True)
class Cron:
    """Minute, hour, day, month, weekday; a day fits as cron has it: either of day and weekday, where both are given."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    every_day: bool
    every_weekday: bool

    def moments(self, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, dict[str, str]]]:
        for day in _days(since, until, zone):
            if not self.fits(day):
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    moment = datetime.combine(day, time(hour, minute), zone)
                    if since < moment <= until:
                        yield moment, {}

    def fits(self, day: date) -> bool:
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        either = by_day and by_weekday if self.every_day or self.every_weekday else by_day or by_weekday
        return day.month in self.months and either


Schedule = Shifts | Cron


def cron(line: str) -> Cron:
    """
    Raises:
        ValueError: it is no cron line of five parts.
    """
    parts = line.split()
    if len(parts) != len(_BOUNDS):
        raise ValueError(f"{line!r} is not five parts: minute, hour, day, month, weekday")
    minutes, hours, days, months, weekdays = (
        _numbers(part, *bounds) for part, bounds in zip(parts, _BOUNDS, strict=True)
    )
    sundays = frozenset(each % 7 for each in weekdays)
    return Cron(minutes, hours, days, months, sundays, parts[2] == "*", parts[4] == "*")


def _numbers(part: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for piece in part.split(","):
        span, _, step = piece.partition("/")
        first, dash, last = span.partition("-")
        numbers = (first, last if dash else first, step or "1") if span != "*" else (str(low), str(high), step or "1")
        if not all(each.isascii() and each.isdigit() for each in numbers):
            raise ValueError(f"{piece!r} is not a number, a range, a list or * of a cron line")
        begin, end, by = map(int, numbers)
        if not low <= begin <= end <= high or by < 1:
            raise ValueError(f"{piece!r} is not within {low} to {high}")
        found |= set(range(begin, (high if step and not dash and span != "*" else end) + 1, by))
    return frozenset(found)


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)
