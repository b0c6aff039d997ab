"""Days, times of day, moments and durations of FEEL: read from text, taken apart, put together. Knows no clock.

A duration of days to seconds is a `timedelta`, one of years and months is `Months`: the two cannot be compared, since
a month has no fixed length. What is not written as FEEL has it is null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import total_ordering
from typing import Any
from zoneinfo import ZoneInfo

PART_NAMES = ("time offset",)
LONGEST_YEARS = 9_999
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"(\d\d:\d\d:\d\d(?:\.\d{1,6})?)(Z|[+-]\d\d:\d\d|@[\w/+-]+)?")
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?(?<![PT])"
)
_MONTHS = re.compile(r"(-)?P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?<!P)")


@total_ordering
@dataclass(frozen=True, slots=True)
class Months:
    """A duration of years and months."""

    count: int

    def __lt__(self, other: Months) -> bool:
        return self.count < other.count


def text_of_months(value: Months) -> str:
    years, months = divmod(abs(value.count), 12)
    said = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    return f"{'-' if value.count < 0 else ''}P{said}"


def text_of_span(value: timedelta) -> str:
    parts = _parts(value)
    at = "".join(f"{abs(parts[name])}{name[0].upper()}" for name in ("hours", "minutes", "seconds") if parts[name])
    said = (f"{abs(parts['days'])}D" if parts["days"] else "") + (f"T{at}" if at else "")
    return f"{'-' if value < timedelta() else ''}P{said or 'T0S'}"


def day(*given: Any) -> date | None:
    """`date(text)`, `date(moment)`, `date(year, month, day)`; ValueError for a day that is none."""
    if len(given) == 3:
        year, month, number = (_whole(each) for each in given)
        return date(year, month, number)
    (value,) = given
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return date.fromisoformat(value) if _DATE.fullmatch(value) else None


def clock(*given: Any) -> time | None:
    """`time(text)`, `time(moment)`, `time(hour, minute, second)` and a duration as the offset."""
    if len(given) in (3, 4):
        hour, minute, second = (_whole(each) for each in given[:3])
        return time(hour, minute, second, tzinfo=timezone(given[3]) if len(given) == 4 else None)
    (value,) = given
    if isinstance(value, datetime):
        return value.timetz()
    if isinstance(value, time):
        return value
    match = _CLOCK.fullmatch(value)
    return time.fromisoformat(match[1]).replace(tzinfo=_zone(match[2])) if match else None


def moment(*given: Any) -> datetime | None:
    """`date and time(text)`, `date and time(day, time)`."""
    if len(given) == 2:
        on, at = day(given[0]), clock(given[1])
    else:
        (value,) = given
        if isinstance(value, datetime):
            return value
        said, _, rest = value.partition("T")
        on, at = day(said), clock(rest)
    return datetime.combine(on, at) if on is not None and at is not None else None


def duration(text: Any) -> timedelta | Months | None:
    if match := _MONTHS.fullmatch(text):
        count = int(match[2] or 0) * 12 + int(match[3] or 0)
        return Months(-count if match[1] else count)
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes = (int(part or 0) for part in match.groups()[1:4])
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(match[5] or 0))
    return -span if match[1] else span


def months_between(first: Any, last: Any) -> Months | None:
    """The whole months from one day to another."""
    if not isinstance(first, date) or not isinstance(last, date):
        return None
    sign = 1 if (first.year, first.month, first.day) <= (last.year, last.month, last.day) else -1
    one, other = (first, last) if sign > 0 else (last, first)
    count = (other.year - one.year) * 12 + other.month - one.month - (other.day < one.day)
    return Months(sign * count)


def literal(text: str) -> Any:
    """What `@"..."` stands for; null where it is none of the four kinds."""
    for read in (duration, day, clock, moment):
        value = quietly(read)(text)
        if value is not None:
            return value
    return None


def quietly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Null in place of an error."""

    def tried(*given: Any) -> Any:
        try:
            return function(*given)
        except (TypeError, ValueError, OverflowError, AttributeError, KeyError, OSError):
            return None

    return tried


def moved(value: date, months: int) -> date:
    """A day some months later; the last of the month where there is no such day."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    for number in range(value.day, value.day - 4, -1):
        try:
            return value.replace(year=year, month=month + 1, day=number)
        except ValueError:
            continue
    raise ValueError("beyond the calendar")


def turned(value: time, by: timedelta) -> time:
    """A time of day some hours later, past midnight too."""
    return (datetime.combine(date(2000, 1, 1), value) + timedelta(seconds=by.total_seconds() % 86_400)).timetz()


def seconds_of(value: time) -> float:
    """Since midnight; where the time has an offset, in UTC."""
    span = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    return (span - (value.utcoffset() or timedelta())).total_seconds()


def _zone(said: str | None) -> tzinfo | None:
    if said is None:
        return None
    if said == "Z":
        return UTC
    if said.startswith("@"):
        return ZoneInfo(said[1:])
    hours, minutes = int(said[1:3]), int(said[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if said[0] == "-" else offset)


def _whole(value: Any) -> int:
    if not isinstance(value, Decimal) or value != value.to_integral_value() or abs(value) > LONGEST_YEARS:
        raise ValueError("not a whole number")
    return int(value)


def _parts(span: timedelta) -> dict[str, int]:
    """Days to seconds, all with the sign of the whole."""
    sign = -1 if span < timedelta() else 1
    minutes, seconds = divmod(int(abs(span).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return {"days": sign * days, "hours": sign * hours, "minutes": sign * minutes, "seconds": sign * seconds}


_PARTS: Mapping[type, Callable[[Any], Mapping[str, Any]]] = {
    datetime: lambda at: {
        **_PARTS[date](at),
        **_PARTS[time](at.timetz()),
        "time offset": at.utcoffset(),
    },
    date: lambda at: {"year": at.year, "month": at.month, "day": at.day, "weekday": at.isoweekday()},
    time: lambda at: {"hour": at.hour, "minute": at.minute, "second": at.second, "time offset": at.utcoffset()},
    timedelta: _parts,
    Months: lambda span: {"years": int(span.count / 12), "months": span.count - int(span.count / 12) * 12},
}


def part(value: Any, name: str) -> Any:
    """`value.year` and its like; null where the value has no such part."""
    read = _PARTS.get(type(value))
    found = read(value).get(name) if read else None
    return Decimal(found) if isinstance(found, int) else found
