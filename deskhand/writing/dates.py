"""Dates as people write them in Chinese and English, read as far as they go. Knows nothing of facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from deskhand.numerals import MONTH, WEEKDAYS, ZH_WEEKDAYS, month_of
from deskhand.writing.numerals import chinese_number

_WEEKDAYS = "|".join(WEEKDAYS)
_ZH = "[0-9〇○零一二三四五六七八九十两]"
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)?"

ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
CHINESE = re.compile(rf"(?:({_ZH}{{2,4}})\s*年\s*)?({_ZH}{{1,3}})\s*月份?(?:\s*({_ZH}{{1,3}})\s*[日号])?")
CHINESE_YEAR = re.compile(rf"(?<!{_ZH})({_ZH}{{4}})\s*年")
CHINESE_DAY = re.compile(rf"(?<!{_ZH})(?<!后)(?<!起)({_ZH}{{1,3}})\s*[日号](?!元|之?内|以内|后)")
DAY_MONTH = re.compile(rf"(?<![\w.,]){_ORDINAL}\s+(?:of\s+)?({MONTH})\b\.?(?:,?\s+(\d{{4}})\b)?", re.IGNORECASE)
MONTH_DAY = re.compile(rf"\b({MONTH})\b\.?\s+{_ORDINAL}\b(?!\d)(?:,?\s+(\d{{4}})\b)?", re.IGNORECASE)
MONTH_YEAR = re.compile(rf"\b({MONTH})\b\.?,?\s+(\d{{4}})\b", re.IGNORECASE)
MONTH_ALONE = re.compile(rf"(?<=[a-z,] )({MONTH})\b")
SLASHED = re.compile(r"(?<![\d/.])(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d/])")
DAY_ALONE = re.compile(r"(?<![\w.,])(\d{1,2})(?:st|nd|rd|th)\b")
WEEKDAY = re.compile(rf"\b(?:{_WEEKDAYS})s?\b|(?:星期|礼拜|(?<!一)周)[{ZH_WEEKDAYS}]", re.IGNORECASE)
RELATIVE = re.compile(
    r"[今明昨后前][天日年]|次日|[本下上这]个?(?:周|星期|礼拜|月)|\b(?:today|tomorrow|yesterday|tonight)\b"
    rf"|\b(?:next|last|this|coming|following)\s+(?:day|morning|evening|week|month|year|{_WEEKDAYS})\b",
    re.IGNORECASE,
)
TIME = re.compile(
    r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b\.?)?(?!\d)|\b\d{1,2}\s*[ap]\.?m\b\.?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a date says; None for what it leaves out."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def agrees(self, other: date) -> bool:
        wanted = (self.year, self.month, self.day)
        return all(
            part in (None, real) for part, real in zip(wanted, (other.year, other.month, other.day), strict=True)
        )


def readings(pattern: re.Pattern[str], match: re.Match[str]) -> tuple[Reading, ...]:
    """Every way to read what `pattern` found; 03/04/2026 has two."""
    part = match.groups()
    if pattern is SLASHED:
        year = int(part[3]) + (2000 if len(part[3]) == 2 else 0)
        return (Reading(year, int(part[0]), int(part[2])), Reading(year, int(part[2]), int(part[0])))
    return (_SINGLE[pattern](part),)


def _number(text: str | None) -> int | None:
    if text is None or text.isascii():
        return None if text is None else int(text)
    value = chinese_number(text)
    return -1 if value is None else int(value)


_SINGLE = {
    ISO: lambda part: Reading(int(part[0]), int(part[2]), int(part[3])),
    CHINESE: lambda part: Reading(_year(part[0]), _number(part[1]), _number(part[2])),
    CHINESE_YEAR: lambda part: Reading(year=_year(part[0])),
    CHINESE_DAY: lambda part: Reading(day=_number(part[0])),
    DAY_MONTH: lambda part: Reading(_number(part[2]), month_of(part[1]), int(part[0])),
    MONTH_DAY: lambda part: Reading(_number(part[2]), month_of(part[0]), int(part[1])),
    MONTH_YEAR: lambda part: Reading(int(part[1]), month_of(part[0])),
    MONTH_ALONE: lambda part: Reading(month=month_of(part[0])),
    DAY_ALONE: lambda part: Reading(day=int(part[0])),
}

PATTERNS = (
    ISO, CHINESE, CHINESE_YEAR, CHINESE_DAY, DAY_MONTH, MONTH_DAY, MONTH_YEAR, SLASHED, DAY_ALONE, MONTH_ALONE,
)  # fmt: skip


def _year(text: str | None) -> int | None:
    """26 is 2026; 0026, written out, is no year that anybody meant."""
    value = _number(text)
    return value + 2000 if value is not None and 0 <= value < 100 and len(text or "") <= 2 else value
