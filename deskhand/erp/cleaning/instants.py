"""Cells that are dates, as systems and spreadsheets have them -> instants in UTC, or days of the source's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from deskhand.erp.cleaning.clock import Clock
from deskhand.erp.cleaning.dates import AskedOrder, written
from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.numbers import EXPONENT, scientific
from deskhand.erp.cleaning.outcome import Read, Refusal
from deskhand.erp.cleaning.texts import narrow, tidy
from deskhand.erp.findings import Reason

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?", re.ASCII)
_NUMBER = re.compile(r"\d{5}(?:\.\d+)?|\d{10}(?:\.\d{1,6})?|\d{13}|\d{16}|\d{8}\.0+|\d{14}\.0+", re.ASCII)
_DOT_NET = re.compile(r"/Date\((?P<count>\d{10,13})(?:[+-]\d{4})?\)/")
_LONGEST = 100  # characters of a date
_SERIALS = range(20_000, 80_000)  # 1954 to 2119
_EPOCH = range(10**8, 10**10)  # seconds: 1973 to 2286
_FIRST, _LAST = (
    date(1970, 1, 2),
    date(2100, 1, 1),
)  # between them no day is a placeholder
_DAYS_KEPT = 50_000
_PLACEHOLDERS = frozenset({date(1, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(9999, 12, 31)})


class Days(dict[date, timedelta | None]):
    """Day -> how far a zone's clock is from UTC on it; None where that changes, or the day is no common one."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, day: date) -> timedelta | None:
        found = None
        if _FIRST < day < _LAST:
            hours = [datetime.combine(day, time(hour), self._zone) for hour in (0, 12)]
            hours.append(datetime.combine(day + timedelta(days=1), time(), self._zone))
            offsets = {each.replace(fold=fold).utcoffset() for each in hours for fold in (0, 1)}
            found = offsets.pop() if len(offsets) == 1 else None
        if len(self) < _DAYS_KEPT:
            self[day] = found
        return found


@dataclass(frozen=True)
class Dating:
    """How the dates of one column are read.

    Attributes:
        ask: which of three numbers is the day, where a value leaves it open.
        not_before, not_after: instants outside are told of.
    """

    zone: tzinfo
    ask: AskedOrder
    not_before: datetime
    not_after: datetime
    excel_1904: bool = False
    days: Days = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", Days(self.zone))


def moment(cell: object, dating: Dating) -> Read:
    """An aware UTC datetime.

    Raises:
        Refusal: no date.
    """
    if isinstance(cell, str) and _ISO.fullmatch(cell):
        return _of_iso(_iso(cell), dating)
    local, changes = _local(cell, dating)
    return Read(None, changes) if local is None else _checked(local, changes, dating)


def day(cell: object, dating: Dating) -> Read:
    """The calendar day, as the source's people see it.

    Raises:
        Refusal: no date.
    """
    local, changes = (_iso(cell), ()) if isinstance(cell, str) and _ISO.fullmatch(cell) else _local(cell, dating)
    if local is None:
        return Read(None, changes)
    if local.tzinfo is not None:
        local = local.astimezone(dating.zone)
    if local.date() in _PLACEHOLDERS:
        return Read(None, (Change.PLACEHOLDER,))
    at_noon = datetime.combine(local.date(), time(12), UTC)
    return Read(local.date(), changes, warning=_far(at_noon, dating))


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)  # its zone is given where it is checked
    except ValueError:
        return _refuse_iso(text)


def _refuse_iso(text: str) -> datetime:
    found = written(text, lambda _: None)  # 24:00, and placeholders such as 0000-00-00
    if found.day is None:
        return datetime.min  # noqa: DTZ901 — a placeholder like the others
    return _at(found.day, found.clock)


def _local(cell: object, dating: Dating) -> tuple[datetime | None, tuple[Change, ...]]:
    if isinstance(cell, datetime):
        return cell, ()
    if isinstance(cell, date):
        return datetime.combine(cell, time()), ()
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float, Decimal)):
        raise Refusal(Reason.NOT_A_DATE)
    if isinstance(cell, str) and len(cell) > _LONGEST:
        raise Refusal(Reason.NOT_A_DATE)
    if not isinstance(cell, str):
        return _counted(format(cell, "f") if isinstance(cell, Decimal) else repr(cell), dating)
    tidied, changes = tidy(cell)
    plain = " ".join(narrow(tidied).split()).lstrip("'")
    plain = _as_count(plain)
    if _NUMBER.fullmatch(plain):
        return _counted(plain, dating)
    found = written(plain, dating.ask)
    if found.day is None:
        return None, (Change.PLACEHOLDER,)
    return _at(found.day, found.clock, dating.zone), (*changes, *found.changes)


def _as_count(text: str) -> str:
    """/Date(1704413100000)/ of .NET and 1.7E9 of programs, as plain digits; any other text itself."""
    net = _DOT_NET.fullmatch(text)
    exponent = EXPONENT.fullmatch(text)
    return net["count"] if net else format(scientific(exponent), "f") if exponent else text


def _counted(text: str, dating: Dating) -> tuple[datetime | None, tuple[Change, ...]]:
    """A spreadsheet's count of days, an epoch's of seconds, or a run of digits that lost its being text."""
    digits = text.removesuffix(".0") if "." in text else text
    if len(digits) in (6, 8, 14) and digits.isdigit():
        found = written(digits, dating.ask)
        return (None if found.day is None else _at(found.day, found.clock)), found.changes
    count = _amount(digits)
    if count == 0:
        return None, (Change.PLACEHOLDER,)
    for scale in (1, 1000, 1_000_000):
        if int(count / scale) in _EPOCH and _NUMBER.fullmatch(digits):
            micro = int(count / scale * 1_000_000)
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro), (Change.EPOCH,)
    if int(count) not in _SERIALS:
        raise Refusal(Reason.NOT_A_DATE)
    return _of_serial(count + (1462 if dating.excel_1904 else 0)), (Change.SERIAL,)


def _amount(text: str) -> Decimal:
    try:
        count = Decimal(text)
    except ArithmeticError as problem:
        raise Refusal(Reason.NOT_A_DATE) from problem
    if not count.is_finite() or not 0 <= count < 10**17:
        raise Refusal(Reason.NOT_A_DATE)
    return count


def _of_serial(count: Decimal) -> datetime:
    """Days since 1899-12-30, to the nearest second: a float can't say 8:05 exactly."""
    seconds = int((count * 86400).to_integral_value())
    return datetime(1899, 12, 30) + timedelta(seconds=seconds)  # noqa: DTZ001 — the source's zone is given later


def _at(on: date, at: Clock, zone: tzinfo | None = None) -> datetime:
    """The written time, aware only when the text named a zone."""
    try:
        local = datetime.combine(on, time(at.hour, at.minute, at.second, at.microsecond))
        local += timedelta(days=at.next_day)
    except OverflowError as problem:
        raise Refusal(Reason.DATE_IMPOSSIBLE) from problem
    named = at.zone
    if at.letters and zone is not None and local.replace(tzinfo=zone).tzname() == at.letters:
        named = zone  # CST is China's in China
    if at.letters and named is None:
        raise Refusal(Reason.ZONE_UNCLEAR)
    return local.replace(tzinfo=named)


def _checked(local: datetime, changes: tuple[Change, ...], dating: Dating) -> Read:
    if local.date() in _PLACEHOLDERS or (Change.EPOCH not in changes and local == datetime(1970, 1, 1)):  # noqa: DTZ001
        return Read(None, (Change.PLACEHOLDER,))
    warning = None
    if local.tzinfo is None:
        warning = _clock_change(local, dating.zone)
        local = local.replace(tzinfo=dating.zone)
    try:
        instant = local.astimezone(UTC)
    except OverflowError as problem:
        raise Refusal(Reason.DATE_IMPOSSIBLE) from problem
    return Read(instant, changes, warning=warning or _far(instant, dating))


def _of_iso(local: datetime, dating: Dating) -> Read:
    """As `_checked`, and quickly for all the days that no clock is turned on."""
    offset = dating.days[local.date()]
    if offset is None:
        return _checked(local, (), dating)
    instant = (local - offset).replace(tzinfo=UTC)
    return Read(instant, (), warning=_far(instant, dating))


def _clock_change(local: datetime, zone: tzinfo) -> Reason | None:
    """Whether the clock went back over a time: then it came twice, and the first is taken.

    Raises:
        Refusal: the clock went forward over it, so it never was.
    """
    if local.time() == time():
        return None  # a day without a time, whose midnight the clock may have jumped over
    before, after = local.replace(tzinfo=zone, fold=0).utcoffset(), local.replace(tzinfo=zone, fold=1).utcoffset()
    if before == after or before is None or after is None:
        return None
    if before < after:
        raise Refusal(Reason.TIME_SKIPPED)
    return Reason.TIME_TWICE


def _far(instant: datetime, dating: Dating) -> Reason | None:
    return None if dating.not_before <= instant <= dating.not_after else Reason.DATE_FAR
