"""A written date -> year, month and day, and its time of day. Which of two numbers is the day is asked for.

Knows no zone and no column.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from functools import lru_cache

from deskhand.erp.cleaning.clock import MIDNIGHT, Clock, clock
from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.outcome import Refusal
from deskhand.erp.cleaning.rules import DateOrder
from deskhand.erp.findings import Reason
from deskhand.numerals import DIGITS, MONTH, WEEKDAY, month_of, parse_chinese

AskedOrder = Callable[[frozenset[DateOrder]], DateOrder | None]
YMD, DMY, MDY = DateOrder.YMD, DateOrder.DMY, DateOrder.MDY
PIVOT = 70  # 69 is 2069, 70 is 1970
_WEEKDAYS = re.compile(
    rf"^{WEEKDAY}\b[,.]? ?|[,，]? ?\(?(?:星期|周|礼拜)[一二三四五六日天]\)?,?|(?<=\d),? \(?{WEEKDAY}\b\)?(?=$|,| )",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?P<era>民国)?(?P<year>\d{2,4}) ?年 ?(?P<month>\d{1,2}) ?月(?: ?份)?(?: ?(?P<day>\d{1,2}) ?[日号]?)?(?P<rest>.*)"
)
_NUMBERS = re.compile(
    r"(?P<a>\d{1,4}) ?(?P<sep>[-/.,_\\]|(?<=\d{4}) ) ?(?P<b>\d{1,2}) ?(?P=sep) ?(?P<c>\d{1,4})(?!\d)\.?(?P<rest>.*)"
)
_COMMON = re.compile(  # most of all dates, without a look at the rarer forms
    r"(?P<a>\d{1,4})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{1,4})"
    r"(?: (?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?)?",
    re.ASCII,
)
_MONTH_FIRST = re.compile(
    rf"(?P<month>{MONTH})\.?[ -]?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?P<middle>[ ,]+.*?)??"
    r"[ ,.'-]+(?P<year>\d{4}|\d{2})(?![\d:])(?P<rest>.*)",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?(?: of)?[ .,/-]*(?P<month>{MONTH})\.?[ ,./'-]*"
    r"(?P<year>\d{4}|\d{2})(?!\d)(?P<rest>.*)",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[ ,./-]*(?P<month>{MONTH})\.?[ ,./-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?P<rest>.*)",
    re.IGNORECASE,
)
_RUN = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:[ T]?(?P<h>\d\d)(?P<m>\d\d)(?P<s>\d\d)?(?:\d{3})?(?P<zone>Z)?|(?:T| )(?P<rest>.+))?"
)
_SHORT_RUN = re.compile(r"(?P<a>\d\d)(?P<b>\d\d)(?P<c>\d\d)(?:(?P<h>\d\d)(?P<m>\d\d)(?P<s>\d\d)?)?", re.ASCII)
_WEEK = re.compile(r"(?P<year>\d{4}) ?-?W(?P<week>\d\d)-?(?P<day>[1-7])(?P<rest>(?:T| ).*)?", re.ASCII)
_PARTIAL = re.compile(
    rf"\d{{4}}|\d{{4}} ?[-/.年] ?\d{{1,2}} ?月?份?|\d{{1,2}} ?[-/月] ?\d{{1,2}} ?[日号]?|\d{{1,2}}/\d{{4}}"
    rf"|{MONTH}\.?[ -]\d{{2,4}}|\d{{1,2}}[ -]{MONTH}|{MONTH}",
    re.IGNORECASE,
)
_PLACEHOLDERS = re.compile(
    r"(?:0000[-/.]00[-/.]00|0001[-/.]0?1[-/.]0?1|0?1[-/.]0?1[-/.]0001|1899[-/.]12[-/.]3[01]|1900[-/.]0?1[-/.]0?[01]"
    r"|0?1[-/.]0?[01][-/.]1900|9999[-/.]12[-/.]31|31[-/.]12[-/.]9999|1970[-/.]0?1[-/.]0?1(?=.*00:00))"
    r"(?:[ T](?:00?:00|23:59)(?::(?:00|59)(?:\.\d+)?)?(?:Z|\+00:?00)?)?|0{8}|0{14}|0"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it was written. `day` is None for a placeholder that means no date."""

    day: date | None
    clock: Clock = MIDNIGHT
    changes: tuple[Change, ...] = ()


def written(text: str, ask: AskedOrder) -> Written:
    """`text` is narrow, with single spaces. `ask` is given the orders that it could be in, and says the column's.

    Raises:
        Refusal: no date, an incomplete or impossible one, or an unclear order.
    """
    common = _COMMON.fullmatch(text)
    if common and orders((common["a"], common["b"], common["c"]), common["sep"]) and _is_time(common):
        return _of_common(common, ask)
    if _PLACEHOLDERS.fullmatch(text):
        return Written(None, changes=(Change.PLACEHOLDER,))
    plain = " ".join(_arabic(_WEEKDAYS.sub(" ", text).strip(" ,")).split())
    run = _RUN.fullmatch(plain)
    if run:
        return _of_run(run)
    for pattern, read in _FORMS:
        match = pattern.fullmatch(plain)
        if match:
            return read(match, ask)
    raise Refusal(Reason.DATE_INCOMPLETE if _PARTIAL.fullmatch(plain) else Reason.NOT_A_DATE)


def _is_time(match: re.Match[str]) -> bool:
    return int(match["h"] or 0) < 24 and int(match["m"] or 0) < 60 and int(match["s"] or 0) < 60


def _of_common(match: re.Match[str], ask: AskedOrder) -> Written:
    day, changes = _ordered((match["a"], match["b"], match["c"]), match["sep"], ask)
    return Written(day, Clock(int(match["h"] or 0), int(match["m"] or 0), int(match["s"] or 0)), changes)


def _arabic(text: str) -> str:
    """二〇二四年一月五日 with Arabic digits."""
    if not any(sign in text for sign in "年月") or not any(character in DIGITS for character in text):
        return text
    return re.sub(r"[〇○零一二三四五六七八九十廿卅两]+(?=[年月日号时点分秒])", _digits, text)


def _digits(match: re.Match[str]) -> str:
    value = parse_chinese(match.group())
    return match.group() if value is None else f"{int(value)}"


def _of_run(match: re.Match[str]) -> Written:
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    if match["rest"]:
        return Written(day, clock(match["rest"]), (Change.DATE_FORM,))
    hour, minute, second = (int(match[name] or 0) for name in "hms")
    if hour > 23 or minute > 59 or second > 59:
        raise Refusal(Reason.DATE_IMPOSSIBLE)
    return Written(day, Clock(hour, minute, second, zone=UTC if match["zone"] else None), (Change.DATE_FORM,))


def _of_short_run(match: re.Match[str], ask: AskedOrder) -> Written:
    """241105, and 241105143000: which two digits are the year is the column's to say."""
    parts = (match["a"], match["b"], match["c"])
    if not orders(parts):
        raise Refusal(Reason.NOT_A_DATE)
    if not _is_time(match):
        raise Refusal(Reason.DATE_IMPOSSIBLE)
    day, changes = _ordered(parts, "", ask)
    return Written(day, Clock(int(match["h"] or 0), int(match["m"] or 0), int(match["s"] or 0)), changes)


def _of_week(match: re.Match[str], ask: AskedOrder) -> Written:
    """2024-W45-2 of ISO 8601: the second day of the 45th week."""
    try:
        day = date.fromisocalendar(int(match["year"]), int(match["week"]), int(match["day"]))
    except ValueError as problem:
        raise Refusal(Reason.DATE_IMPOSSIBLE) from problem
    return Written(day, clock((match["rest"] or "").strip(" T")), (Change.DATE_FORM,))


def _chinese(match: re.Match[str], ask: AskedOrder) -> Written:
    if not match["day"]:
        raise Refusal(Reason.DATE_INCOMPLETE if not match["rest"] else Reason.NOT_A_DATE)
    year, changes = _year(match["year"]) if not match["era"] else (int(match["year"]) + 1911, (Change.DATE_FORM,))
    return _finished(year, int(match["month"]), int(match["day"]), match["rest"], changes)


def _named(match: re.Match[str], ask: AskedOrder) -> Written:
    year, changes = _year(match["year"])
    rest = " ".join(filter(None, (match.groupdict().get("middle"), match["rest"]))).strip(" ,")
    return _finished(year, month_of(match["month"]), int(match["day"]), rest, changes)


def _finished(year: int, month: int, day: int, rest: str, changes: tuple[Change, ...]) -> Written:
    return Written(_day(year, month, day), clock(rest.strip(" ,:")), changes)


def _of_numbers(match: re.Match[str], ask: AskedOrder) -> Written:
    parts = (match["a"], match["b"], match["c"])
    if not orders(parts, match["sep"]):
        raise Refusal(Reason.DATE_IMPOSSIBLE if _looks_like_date(parts) else Reason.NOT_A_DATE)
    day, changes = _ordered(parts, match["sep"], ask)
    return Written(day, clock(match["rest"].strip(" ,:")), changes)


def _ordered(parts: tuple[str, str, str], sign: str, ask: AskedOrder) -> tuple[date, tuple[Change, ...]]:
    possible = orders(parts, sign)
    order = next(iter(possible)) if len(possible) == 1 else ask(possible)
    if order is None or order not in possible:
        raise Refusal(Reason.DATE_ORDER_UNCLEAR)
    year, month, day = (parts[str(order).index(part)] for part in "ymd")
    number, changes = _year(year)
    return _day(number, int(month), int(day)), changes


def _looks_like_date(parts: tuple[str, str, str]) -> bool:
    return len(parts[0]) == 4 or len(parts[2]) == 4 or all(len(part) <= 2 for part in parts)


@lru_cache(maxsize=4096)
def orders(parts: tuple[str, str, str], sign: str = "/") -> frozenset[DateOrder]:
    """In which orders three numbers are a date. The year has four digits or two; three are Taiwan's, and
    stand in front.

    With points between them nobody writes the month first, unless there is no other way to read it.
    """
    fitting = frozenset(order for order in DateOrder if _fits(parts, order))
    return fitting - {MDY} or fitting if sign == "." else fitting


def _fits(parts: tuple[str, str, str], order: DateOrder) -> bool:
    year, month, day = (parts[str(order).index(part)] for part in "ymd")
    if len(year) not in (2, 4) and not (order is YMD and _is_of_minguo(year)):
        return False
    if len(month) > 2 or len(day) > 2:
        return False
    try:
        return date(_year(year)[0], int(month), int(day)) is not None
    except ValueError:
        return False


def evidence(text: str) -> dict[DateOrder, int]:
    """The orders in which a text of three numbers is a date, each with its year; empty where nothing is open.

    A year of four digits in front says nothing of how the column writes other dates.
    """
    match = _NUMBERS.fullmatch(text) or _SHORT_RUN.fullmatch(text)
    if not match or len(match["a"]) == 4:
        return {}
    parts = (match["a"], match["b"], match["c"])
    sign = match.groupdict().get("sep") or ""
    return {order: _year(parts[str(order).index("y")])[0] for order in orders(parts, sign)}


def _year(text: str) -> tuple[int, tuple[Change, ...]]:
    number = int(text)
    if _is_of_minguo(text):
        return number + 1911, (Change.DATE_FORM,)
    if len(text) == 3:
        raise Refusal(Reason.NOT_A_DATE)  # of an era that it doesn't name
    if len(text) != 2:
        return number, (Change.DATE_FORM,)
    return number + (2000 if number < PIVOT else 1900), (Change.DATE_FORM, Change.SHORT_YEAR)


def _is_of_minguo(year: str) -> bool:
    """113 is 2024 in Taiwan; no other calendar that is in use there counts so."""
    return len(year) == 3 and 90 <= int(year) <= 150


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as problem:
        raise Refusal(Reason.DATE_IMPOSSIBLE) from problem


_FORMS = (
    (_CHINESE, _chinese),
    (_NUMBERS, _of_numbers),
    (_YEAR_FIRST, _named),
    (_DAY_FIRST, _named),
    (_MONTH_FIRST, _named),
    (_SHORT_RUN, _of_short_run),
    (_WEEK, _of_week),
)
