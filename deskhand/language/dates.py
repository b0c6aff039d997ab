"""Dates that people write, read as the future: 下周五前, 月底, 三天内, by Friday, in two weeks, Dec 3.

Choices where people differ: a week begins on Monday. A bare weekday is the next one to come, never today.
下周五 and "next Friday" are the Friday of next week, whatever day it is. 本周五 and "this Friday" are this week's,
even when it is over. 下周 alone is its Monday, 月底 the last day, 月中 the 15th, 周末 the coming Saturday.
A day without a year is its next occurrence, today included. 12/3 is 3 December unless only day/month makes sense.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from deskhand.language.numerals import parse_chinese, parse_english
from deskhand.language.readings import DateReading
from deskhand.language.text import normalise
from deskhand.language.values import days_en, days_zh
from deskhand.language.values.calendar import Calendar
from deskhand.language.values.pieces import by_rules

_N = r"(?:\d{1,3}|[零一二两三四五六七八九十百]{1,4}|半)"
_WORDS = (
    "a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|"
    r"a couple of|couple of|\d{1,3}"
)
_ZH_DAYS = "一二三四五六日天末"
_EN_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EN_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
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
_TIME = re.compile(
    r"(?: at)? ?(?:\d{1,2}(?::\d{2}| ?(?:am|pm)|:\d{2} ?(?:am|pm))(?![A-Za-z])|"
    r"noon|midnight|morning|afternoon|evening)\b"
    r"|(?:早上|上午|中午|下午|晚上)?\d{1,2}(?:点半?|:\d{2})|早上|上午|中午|下午|晚上",
    re.IGNORECASE,
)

Rule = Callable[[re.Match[str], date], date | None]


def _monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def _month_of(today: date, ahead: int) -> date:
    years, month = divmod(today.month - 1 + ahead, 12)
    return date(today.year + years, month + 1, 1)


def _month_end(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _add(today: date, amount: float, unit: str) -> date:
    if unit.startswith(("月", "个月", "month")):
        if amount == 0.5:
            return today + timedelta(days=15)
        first = _month_of(today, int(amount))
        return first.replace(day=min(today.day, monthrange(first.year, first.month)[1]))
    days = 7 if unit.startswith(("周", "星期", "礼拜", "个星期", "个礼拜", "week")) else 1
    if unit.startswith(("年", "year")):
        days = 365
    if "工作" in unit or unit.startswith(("work", "business")):
        return _working(today, int(amount))
    return today + timedelta(days=round(amount * days))


def _working(today: date, amount: int) -> date:
    day, left = today, amount
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def _count(word: str) -> float:
    if word.isdigit():
        return int(word)
    value = parse_chinese(word) if not word[0].isascii() else parse_english(word)
    return float(value) if value is not None else 0.0


def _relative(match: re.Match[str], today: date) -> date | None:
    return today + timedelta(days=_RELATIVE[match[0].lower()])


def _ahead(match: re.Match[str], today: date) -> date | None:
    return _add(today, _count(match[1].lower()), match[2].lower())


def _ago(match: re.Match[str], today: date) -> date | None:
    return today - (_add(today, _count(match[1].lower()), match[2].lower()) - today)


def _weekday_zh(match: re.Match[str], today: date) -> date | None:
    which, day = match[1] or "", min(_ZH_DAYS.index(match[2]), 6)
    if match[2] == "末":
        day = 5
    return _weekday(which.count("下") - which.count("上"), bool(which), day, today)


def _weekday(weeks: int, said: bool, day: int, today: date) -> date:
    this = _monday(today) + timedelta(days=day)
    if said:
        return this + timedelta(weeks=weeks)
    return this if this > today else this + timedelta(weeks=1)


def _weekday_en(match: re.Match[str], today: date) -> date | None:
    which = (match[1] or "").strip().lower()
    weeks = {"next": 1, "last": -1}.get(which, 0)
    return _weekday(weeks, which in {"next", "last", "this"}, _EN_DAYS.index(match[2][:3].lower()), today)


def _weekday_next_week(match: re.Match[str], today: date) -> date | None:
    return _weekday(1, True, _EN_DAYS.index(match[1][:3].lower()), today)


def _week_from_day(match: re.Match[str], today: date) -> date | None:
    return _weekday(0, False, _EN_DAYS.index(match[2][:3].lower()), today) + timedelta(weeks=_count(match[1].lower()))


def _week(match: re.Match[str], today: date) -> date | None:
    return _monday(today) + timedelta(weeks=match[0].count("下") or 1)


def _weekend_en(match: re.Match[str], today: date) -> date | None:
    return _weekday(1 if "next" in match[0].lower() else 0, "next" in match[0].lower(), 5, today)


def _week_end(match: re.Match[str], today: date) -> date | None:
    return _monday(today) + timedelta(days=4, weeks="next" in match[0].lower())


def _month_edge_zh(match: re.Match[str], today: date) -> date | None:
    ahead = (match[1] or "").count("下")
    return _edge(match[2], _month_of(today, ahead), today, bool(match[1]))


def _edge(edge: str, first: date, today: date, said: bool) -> date:
    day = {"初": first, "中": first.replace(day=15), "旬": first.replace(day=15)}.get(edge[-1], _month_end(first))
    if day < today and not said:
        return _edge(edge, _month_of(first, 1), today, True)
    return day


def _month_edge_en(match: re.Match[str], today: date) -> date | None:
    which = match[0].lower()
    edge = "初" if which.startswith(("begin", "start", "early")) else "中" if which.startswith("mid") else "末"
    return _edge(edge, _month_of(today, int("next" in which)), today, "next" in which)


def _year_end(match: re.Match[str], today: date) -> date | None:
    return date(today.year, 12, 31)


def _next_month(match: re.Match[str], today: date) -> date | None:
    return _month_of(today, max(1, match[0].count("下")))


def _ymd(match: re.Match[str], today: date) -> date | None:
    return _date(int(match[1]), int(match[2]), int(match[3]))


def _year_zh(word: str | None, today: date) -> int | None:
    words = {"今年": today.year, "明年": today.year + 1, "后年": today.year + 2, "去年": today.year - 1}
    if not word:
        return None
    value = words.get(word) or int(parse_chinese(word.removesuffix("年")) or 0)
    return value + 2000 if value < 100 else value


def _month_day_zh(match: re.Match[str], today: date) -> date | None:
    month, day = parse_chinese(match[2]), parse_chinese(match[3])
    return _future(_year_zh(match[1], today), int(month or 0), int(day or 0), today)


def _day_of_month_zh(match: re.Match[str], today: date) -> date | None:
    day, which = int(parse_chinese(match[2]) or 0), match[1]
    return _nth(day, today, _month_of(today, which.count("下")) if which else None)


def _day_of_month_en(match: re.Match[str], today: date) -> date | None:
    return _nth(int(match[1]), today, _month_of(today, 1) if "next month" in match[0].lower() else None)


def _nth(day: int, today: date, month: date | None) -> date | None:
    if month:
        return _date(month.year, month.month, day)
    this = _date(today.year, today.month, day)
    following = _month_of(today, 1)
    return this if this and this >= today else _date(following.year, following.month, day)


def _slashed(match: re.Match[str], today: date) -> date | None:
    first, second = int(match[1]), int(match[2])
    year = int(match[3]) if match[3] else None
    year = year + 2000 if year is not None and year < 100 else year
    month, day = (first, second) if first <= 12 else (second, first)
    return _future(year, month, day, today)


def _month_first(match: re.Match[str], today: date) -> date | None:
    return _future(int(match[3]) if match[3] else None, _MONTHS.index(match[1][:3].lower()) + 1, int(match[2]), today)


def _day_first(match: re.Match[str], today: date) -> date | None:
    return _future(int(match[3]) if match[3] else None, _MONTHS.index(match[2][:3].lower()) + 1, int(match[1]), today)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _future(year: int | None, month: int, day: int, today: date) -> date | None:
    if year is not None:
        return _date(year, month, day)
    candidates = (_date(y, month, day) for y in range(today.year, today.year + 5))
    return next((c for c in candidates if c and c >= today), None)


_UNITS_ZH = "(个?工作日|天|日|周|个?星期|个?礼拜|个月|年)"
_UNITS_EN = r"(working days?|business days?|days?|weeks?|months?|years?)"
_YMD_TAIL = r"(?![\d-])"
_RULES: tuple[tuple[str, Rule], ...] = (
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
        lambda m, t: t + timedelta(days=2 if "after" in m[0].lower() else -2),
    ),
    (
        "|".join(re.escape(w) if not w[0].isascii() else rf"\b{w}\b" for w in sorted(_RELATIVE, key=len, reverse=True)),
        _relative,
    ),
    (rf"(?:未来|接下来|今后)?({_N}){_UNITS_ZH}(?:之内|以内|内|之后|以后|后)(?!面)", _ahead),
    (rf"(?:过|再过)({_N}){_UNITS_ZH}", _ahead),
    (rf"({_N}){_UNITS_ZH}(?:之前|以前|前)(?=下|买|订|的|了)", _ago),
    (r"(上上|上个?|下下?个?|本|这个?)?(?:周|星期|礼拜)([一二三四五六日天末])(?!起)", _weekday_zh),
    (r"下下?个?(?:周|星期|礼拜)(?![一二三四五六日天末])", _week),
    (r"(本|这个?|下下?个?)?月(底|末|初|中旬?)(?!国)", _month_edge_zh),
    (r"年(?:底|末)(?!前年)", _year_end),
    (r"下下?个?月(?![底末初中\d一二三四五六七八九十])", _next_month),
    (rf"\b(?:in|within) (?:the next )?({_WORDS}) {_UNITS_EN}\b", _ahead),
    (rf"\b({_WORDS}) {_UNITS_EN} (?:from (?:now|today)|later|hence)\b", _ahead),
    (rf"\b({_WORDS}) {_UNITS_EN} ago\b", _ago),
    (rf"\b({_WORDS}) weeks? from ({_EN_DAY})\b", _week_from_day),
    (rf"\b({_EN_DAY}),? (?:of )?next week\b", _weekday_next_week),
    (rf"\b(?:the )?(?:(next|last|this|coming|this coming) )?({_EN_DAY})\b(?!')", _weekday_en),
    (r"\b(?:the )?end of (?:the |this |next )?week\b|\beow\b", _week_end),
    (r"\b(?:this |next |the )?weekend\b", _weekend_en),
    (r"\bnext week\b", _week),
    (
        r"\b(?:(?:the )?(?:end|beginning|start|middle) of|mid|early|late|month[- ]end) ?-?(?:the |"
        r"this |next )?month\b|\beom\b|\bmonth[- ]end\b",
        _month_edge_en,
    ),
    (r"\b(?:the )?end of (?:the |this )?year\b", _year_end),
    (r"\bnext month\b", _next_month),
    (rf"\b({_MONTH})\.? (?:the )?(\d{{1,2}}){_TH}(?:,? (\d{{4}}))?(?!\d)", _month_first),
    (rf"\b(?:the )?(\d{{1,2}}){_TH} (?:of )?({_MONTH})\b\.?(?:,? (\d{{4}}))?", _day_first),
    (
        r"\b(?:the )(\d{1,2})(?:st|nd|rd|th)\b(?: of (?:this|next) month)?(?! (?:one|"
        r"line|item|order|floor|street|st\b|ave))",
        _day_of_month_en,
    ),
    (r"(?<![\dA-Za-z/.-])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/A-Za-z号楼室])", _slashed),
)


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[re.Pattern[str], Rule], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), rule) for pattern, rule in _RULES)


def read_dates(text: str, today: date) -> list[DateReading]:
    """Every date in a text, from left to right, the longest wording winning."""
    return dates_in(normalise(text), today)


def dates_in(plain: str, today: date) -> list[DateReading]:
    """The dates of a normalised text."""
    candidates = [*_candidates(plain, today), *_further(plain, today)]
    found = sorted(candidates, key=lambda r: (r.span[0], -r.span[1]))
    kept: list[DateReading] = []
    for reading in found:
        if not kept or reading.span[0] >= kept[-1].span[1]:
            kept.append(reading)
    return kept


def _candidates(text: str, today: date) -> Iterator[DateReading]:
    for pattern, rule in _compiled():
        for match in pattern.finditer(text):
            try:
                day = rule(match, today)
            except (ValueError, OverflowError, IndexError):
                continue
            if day is not None:
                yield _widened(text, match.span(), day)


def _further(text: str, today: date) -> Iterator[DateReading]:
    """What only the general reader knows: the first Monday of December, 下个月的第一个周五, before Christmas."""
    calendar = Calendar(datetime.combine(today, time(), UTC))
    for piece in by_rules(text, (*days_zh.PLAIN_RULES, *days_en.PLAIN_RULES), calendar):
        if piece.day and piece.day >= today:
            yield _widened(text, (piece.start, piece.end), piece.day)


def _widened(text: str, span: tuple[int, int], day: date) -> DateReading:
    """The reading with the words around it that say a time of day or a limit."""
    start, end = said_from, said_to = span
    while (clock := _TIME.match(text, end)) and clock.end() > end:
        end = clock.end()
    limit = _BEFORE.search(text[:start])
    after = _AFTER.match(text, end)
    inside = re.search(r"内$|^(?:within)", text[said_from:said_to], re.IGNORECASE)
    if limit:
        start = limit.start()
    if after:
        end = after.end()
    return DateReading(day, text[start:end], (start, end), bool(limit or after or inside))
