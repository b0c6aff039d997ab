"""Dates that people write, read as the future: 下周五前, 月底, 三天内, by Friday, in two weeks, Dec 3.

Choices where people differ: a week begins on Monday. A bare weekday is the next one to come, never today.
下周五 and "next Friday" are the Friday of next week, whatever day it is. 本周五 and "this Friday" are this week's,
even when it is over. 下周 alone is its Monday, 月底 the last day, 月中 the 15th, 周末 the coming Saturday.
Before a holiday (春节前, before Christmas) is the day before it.
A day without a year is its next occurrence, today included. 12/3 is 3 December unless only day/month makes sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from deskhand.language.readings import DateReading
from deskhand.language.text import normalise
from deskhand.language.units import GENERAL_PATTERN
from deskhand.language.values import days_en, days_zh
from deskhand.language.values.calendar import Calendar, shifted
from deskhand.language.values.holidays import is_holiday
from deskhand.language.values.pieces import DayRule, Piece, Said, by_rules
from deskhand.language.values.words_en import AMOUNT, amount_of, unit_of
from deskhand.numerals import MONTH, WEEKDAY, ZH_WEEKDAYS, month_of, parse_chinese, weekday_of

_N = r"(?:\d{1,3}|[零一二两三四五六七八九十百]{1,4}|半)"
_TH = r"(?:st|nd|rd|th)?"
_RELATIVE = {
    "今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "明儿": 1, "后天": 2, "后日": 2,
    "大后天": 3,
    "昨天": -1, "昨日": -1, "前天": -2, "大前天": -3, "today": 0, "tonight": 0, "this afternoon": 0, "this evening": 0,
    "eod": 0, "end of day": 0, "tomorrow": 1, "tmr": 1, "tmrw": 1, "the day after tomorrow": 2, "day after tomorrow": 2,
    "yesterday": -1, "the day before yesterday": -2,
}  # fmt: skip
_BEFORE = re.compile(
    r"(?:\bby|\bbefore|no later than|\bwithin|\buntil|\btill|\bdue(?: on)?|deadline(?: is)?|"
    r"最迟|最晚|不晚于|赶在|截止到?)[ :]?(?:the |on )?$",
    re.I,
)
_AFTER = re.compile(
    r"(?:[ ]?(?:noon|morning|afternoon|evening|早上|上午|中午|下午|晚上))?(?:之前|"
    r"以前|前|之内|以内|内|为止|截止|at the latest|or earlier)",
    re.I,
)
_DAY_NEXT = re.compile(rf" (?:on |this |next )?(?:{WEEKDAY}|{MONTH}|tomorrow|the \d)", re.IGNORECASE)
_UNIT_NEXT = re.compile(rf" ?{GENERAL_PATTERN}", re.IGNORECASE)
_TIME = re.compile(
    r"(?: at)? ?(?:\d{1,2}(?::\d{2}| ?(?:am|pm)|:\d{2} ?(?:am|pm))(?![A-Za-z])|"
    r"noon|midnight|morning|afternoon|evening)\b"
    r"|(?:早上|上午|中午|下午|晚上)?\d{1,2}(?:点半?|:\d{2})|早上|上午|中午|下午|晚上",
    re.IGNORECASE,
)


def _relative(match: re.Match[str], calendar: Calendar) -> Said:
    if match[0].lower() in {"eod", "end of day"} and _DAY_NEXT.match(match.string, match.end()):
        return None  # eod Friday
    return calendar.today + timedelta(days=_RELATIVE[match[0].lower()])


def _two_away(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.today + timedelta(days=2 if "after" in match[0].lower() else -2)


def _ahead_zh(match: re.Match[str], calendar: Calendar) -> Said:
    return days_zh.moved(calendar.now, match[1], match[2]).date()


def _ago_zh(match: re.Match[str], calendar: Calendar) -> Said:
    return days_zh.moved(calendar.now, match[1], match[2], -1).date()


def _ahead_en(match: re.Match[str], calendar: Calendar) -> Said:
    return shifted(calendar.now, amount_of(match[1]), unit_of(match[2])).date()


def _ago_en(match: re.Match[str], calendar: Calendar) -> Said:
    return shifted(calendar.now, -amount_of(match[1]), unit_of(match[2])).date()


def _weekday_zh(match: re.Match[str], calendar: Calendar) -> Said:
    weeks = match[1].count("下") - match[1].count("上") if match[1] else None
    return _weekday(calendar, 5 if match[2] == "末" else weekday_of(match[2]), weeks)


def _weekday(calendar: Calendar, weekday: int, weeks: int | None) -> date | None:
    """Of so many weeks ahead, or the next one to come, which is never today."""
    if weeks is not None:
        return calendar.weekday(weekday, weeks)
    return calendar.today + timedelta(days=(weekday - calendar.today.weekday() - 1) % 7 + 1)


def _weekday_en(match: re.Match[str], calendar: Calendar) -> Said:
    which = (match[1] or "").strip().lower()
    return _weekday(calendar, weekday_of(match[2]), {"next": 1, "last": -1, "this": 0}.get(which))


def _weekday_next_week(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.weekday(weekday_of(match[1]), 1)


def _weeks_from_day(match: re.Match[str], calendar: Calendar) -> Said:
    day = _weekday(calendar, weekday_of(match[2]), None)
    return day + timedelta(weeks=amount_of(match[1])) if day else None


def _within_week(match: re.Match[str], calendar: Calendar) -> Said:
    """Before the week is over: its Friday, or its Sunday when Friday is gone."""
    weeks = match[0].count("下") or int("next" in match[0].lower())
    friday = calendar.weekday(4, weeks)
    return friday if friday and friday >= calendar.today else calendar.weekday(6, weeks)


def _within_month(match: re.Match[str], calendar: Calendar) -> Said:
    return _edge(calendar, "末", match[0].count("下"))


def _week(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.weekday(0, match[0].count("下") or 1)


def _weekend_en(match: re.Match[str], calendar: Calendar) -> Said:
    return _weekday(calendar, 5, 1 if "next" in match[0].lower() else None)


def _week_end(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.weekday(4, int("next" in match[0].lower()))


def _month_edge_zh(match: re.Match[str], calendar: Calendar) -> Said:
    return _edge(calendar, match[2][0], match[1].count("下") if match[1] else None)


def _month_edge_en(match: re.Match[str], calendar: Calendar) -> Said:
    which = match[0].lower()
    edge = "初" if which.startswith(("begin", "start", "early")) else "中" if which.startswith("mid") else "末"
    return _edge(calendar, edge, 1 if "next" in which else None)


def _edge(calendar: Calendar, edge: str, months: int | None) -> date:
    """The first, the middle or the last day of a month; of the next one when this month's is over."""
    first = calendar.month(months or 0)
    last = calendar.month((months or 0) + 1) - timedelta(days=1)
    day = {"初": first, "中": first.replace(day=15)}.get(edge, last)
    return _edge(calendar, edge, 1) if day < calendar.today and months is None else day


def _year_end(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.today.replace(month=12, day=31)


def _next_month(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.month(max(1, match[0].count("下")))


def _ymd(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_year(int(match[2]), int(match[3]), int(match[1]))


def _month_day_zh(match: re.Match[str], calendar: Calendar) -> Said:
    year = days_zh.year_of(match[1].removesuffix("年") if match[1] else None, calendar)
    return calendar.day_of_year(int(parse_chinese(match[2]) or 0), int(parse_chinese(match[3]) or 0), _full(year))


def _full(year: int | None) -> int | None:
    """A year of two digits is this century's: orders are for the future."""
    return year + 2000 if year is not None and year < 100 else year


def _day_of_month_zh(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_month(int(parse_chinese(match[2]) or 0), match[1].count("下") if match[1] else None)


def _day_of_month_en(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_month(int(match[1]), 1 if "next month" in match[0].lower() else None)


def _slashed(match: re.Match[str], calendar: Calendar) -> Said:
    first, second = int(match[1]), int(match[2])
    if first < second <= 10 and not match[3] and _UNIT_NEXT.match(match.string, match.end()):
        return None  # half a box
    month, day = (first, second) if first <= 12 else (second, first)
    return calendar.day_of_year(month, day, _full(int(match[3])) if match[3] else None)


def _month_first(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_year(month_of(match[1]), int(match[2]), int(match[3]) if match[3] else None)


def _day_first(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_year(month_of(match[2]), int(match[1]), int(match[3]) if match[3] else None)


_UNITS_ZH = "(个?工作日|天|日|周|个?星期|个?礼拜|个月|年)"
_UNITS_EN = r"(working days?|business days?|days?|weeks?|months?|years?)"
_YEAR = rf"(?:,? (20[2-4]\d)(?!\d| ?{GENERAL_PATTERN}))?"  # Dec 10, 5103 units
_YMD_TAIL = r"(?![\d-])"
_RULES: tuple[tuple[str, DayRule], ...] = (
    (r"(?<![\dA-Za-z-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _YMD_TAIL, _ymd),
    (
        rf"(\d{{2,4}}年|[零〇一二三四五六七八九]{{4}}年|今年|明年|后年|去年)?({_N})月份?({_N})(?:日|号|(?![\d个]))",
        _month_day_zh,
    ),
    (rf"(本月|这个?月|下下?个?月)({_N})(?:日|号)", _day_of_month_zh),
    (
        r"(?<![\d楼栋座室路弄街巷])()(\d{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?:日|"
        r"号)(?=之前|以前|前|之后|送|交|发|到货)",
        _day_of_month_zh,
    ),
    (
        r"(?:the )?day (?:after tomorrow|before yesterday)",
        _two_away,
    ),
    (
        "|".join(re.escape(w) if not w[0].isascii() else rf"\b{w}\b" for w in sorted(_RELATIVE, key=len, reverse=True)),
        _relative,
    ),
    (rf"(?:未来|接下来|今后)?({_N}){_UNITS_ZH}(?:之内|以内|内|之后|以后|后)(?!面)", _ahead_zh),
    (rf"(?:过|再过)({_N}){_UNITS_ZH}", _ahead_zh),
    (rf"({_N}){_UNITS_ZH}(?:之前|以前|前)(?=下|买|订|的|了)", _ago_zh),
    (rf"(上上|上个?|下下?个?|本|这个?)?(?:周|星期|礼拜)([{ZH_WEEKDAYS}末])(?!起)", _weekday_zh),
    (r"(?:本|这个?|下下?个?)(?:周|星期|礼拜)(?:之内|以内|内)", _within_week),
    (r"(?:本|这个?|下下?个?)月(?:之内|以内|内)", _within_month),
    (rf"下下?个?(?:周|星期|礼拜)(?![{ZH_WEEKDAYS}末])", _week),
    (r"(本|这个?|下下?个?)?月(底|末|初|中旬?)(?!国)", _month_edge_zh),
    (r"年(?:底|末)(?!前年)", _year_end),
    (r"下下?个?月(?![底末初中\d一二三四五六七八九十])", _next_month),
    (rf"\b(?:in|within) (?:the next )?({AMOUNT}) {_UNITS_EN}\b", _ahead_en),
    (rf"\b({AMOUNT}) {_UNITS_EN} (?:from (?:now|today)|later|hence)\b", _ahead_en),
    (rf"\b({AMOUNT}) {_UNITS_EN} ago\b", _ago_en),
    (rf"\b({AMOUNT}) weeks? from ({WEEKDAY})\b", _weeks_from_day),
    (rf"\b({WEEKDAY}),? (?:of )?next week\b", _weekday_next_week),
    (rf"\b(?:the )?(?:(next|last|this|coming|this coming) )?({WEEKDAY})\b(?!')", _weekday_en),
    (r"\b(?:the )?end of (?:the |this |next )?week\b|\beow\b", _week_end),
    (r"\b(?:this |next |the )?weekend\b", _weekend_en),
    (r"\b(?:within|during|sometime|some time|any ?time) (?:this|next) week\b|\bthis week\b", _within_week),
    (r"\bnext week\b", _week),
    (
        r"\b(?:(?:the )?(?:end|beginning|start|middle) of|mid|early|late|month[- ]end) ?-?(?:the |"
        r"this |next )?month\b|\beom\b|\bmonth[- ]end\b",
        _month_edge_en,
    ),
    (r"\b(?:the )?end of (?:the |this )?year\b", _year_end),
    (r"\bnext month\b", _next_month),
    (rf"\b({MONTH})\.? (?:the )?(\d{{1,2}}){_TH}{_YEAR}(?!\d)", _month_first),
    (rf"\b(?:the )?(\d{{1,2}}){_TH} (?:of )?({MONTH})\b\.?{_YEAR}", _day_first),
    (
        r"\b(?:the )(\d{1,2})(?:st|nd|rd|th)\b(?: of (?:this|next) month)?(?! (?:one|"
        r"line|item|order|floor|street|st\b|ave))",
        _day_of_month_en,
    ),
    (r"(?<![\dA-Za-z/.-])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/A-Za-z号楼室])", _slashed),
)


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[re.Pattern[str], DayRule], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), rule) for pattern, rule in _RULES)


def read_dates(text: str, today: date) -> list[DateReading]:
    """Every date in a text, from left to right, the longest wording winning."""
    return dates_in(normalise(text), today)


def dates_in(plain: str, today: date) -> list[DateReading]:
    """The dates of a normalised text."""
    calendar = Calendar(datetime.combine(today, time(), UTC))
    candidates = [_widened(plain, piece, piece.day, today) for piece in _pieces(plain, calendar) if piece.day]
    found = sorted(candidates, key=lambda r: (r.span[0], -r.span[1]))
    kept: list[DateReading] = []
    for reading in found:
        if not kept or reading.span[0] >= kept[-1].span[1]:
            kept.append(reading)
    return kept


def _pieces(text: str, calendar: Calendar) -> Iterator[Piece]:
    """The days by an order's own rules, then what only the general reader knows, so far as it is still to come.

    The first Monday of December, 下个月的第一个周五, before Christmas.
    """
    yield from by_rules(text, _compiled(), calendar)
    for piece in by_rules(text, (*days_zh.PLAIN_RULES, *days_en.PLAIN_RULES), calendar):
        if piece.day and piece.day >= calendar.today:
            yield piece


def _widened(text: str, piece: Piece, day: date, today: date) -> DateReading:
    """The reading with the words around it that say a time of day or a limit."""
    start, end = piece.start, piece.end
    while (clock := _TIME.match(text, end)) and clock.end() > end:
        end = clock.end()
    limit = _BEFORE.search(text[:start])
    after = _AFTER.match(text, end)
    inside = re.search(r"内$|^(?:within)", text[piece.start : piece.end], re.IGNORECASE)
    if day > today and is_holiday(text[piece.start : piece.end]):
        if (limit and "before" in limit[0].lower()) or (after and "前" in after[0]):
            day -= timedelta(days=1)  # nobody is there on the day itself
    if limit:
        start = limit.start()
    if after:
        end = after.end()
    return DateReading(day, text[start:end], (start, end), bool(limit or after or inside))
