"""Holidays by their names in both languages: fixed days and weekdays of the solar calendar, days of the lunar one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache, partial

from borax.calendars.lunardate import LunarDate

from deskhand.language.values.calendar import day_or_none, nth_of

Rule = Callable[[int], date | None]

_FIXED = """
1-1 元旦节?|新年|new year'?s? day|new year(?!'?s? eve)(?:'?s(?! eve))?|yuan ?dan
2-2 groundhog day
2-14 情人节|(?:st\\.? )?valentine'?s(?:' | )?day|valentines day
3-8 妇女节|三八节|(?:international )?women'?s day
3-12 植树节|(?:tree planting|arbor) day
3-17 st\\.? patrick'?s day
4-1 愚人节|april fools(?:' | )?(?:day)?
4-22 地球日|earth day
5-1 五一(?:国际劳动节|劳动节|节|(?![路街大广]))|劳动节|may day|international workers'? day
5-4 青年节|youth day|五四(?:青年节)
6-1 儿童节|六一(?:儿童节)|children'?s day
7-4 (?:us )?independence day
7-14 bastille day
8-1 建军节
9-10 教师节|teacher'?s'? day
10-1 国庆节?|十一国庆|chinese national day
10-31 halloween|万圣节前夜|万圣夜
11-1 all saints'? day
11-11 光棍节|双十一|singles'? day|veterans'? day
12-24 平安夜|圣诞夜|christmas eve|xmas eve
12-25 圣诞节?|christmas(?! eve)(?: day)?|xmas(?! eve)(?: day)?
12-31 除夕夜?\\(公历\\)|new year'?s eve
"""
_NTH = """
1 0 3 (?:martin luther king(?: jr\\.?)?|mlk) day
2 0 3 presidents'? day
5 6 2 母亲节|mother'?s'? day
5 0 -1 memorial day
6 6 3 父亲节|father'?s'? day
9 0 1 labou?r day
10 0 2 columbus day
11 3 4 感恩节|thanksgiving(?: day)?
"""
_LUNAR = """
1-1 春节|农历新年|大年初一|新春佳节|过年|(?:chinese|lunar) new year(?:'?s day)?|spring festival
1-15 元宵节?|lantern festival
5-5 端午节?|端阳节|dragon boat(?: festival)?
7-7 七夕节?
8-15 中秋节?|mid-? ?autumn(?: festival| day)?|moon festival
9-9 重阳节?|double ninth(?: festival)?
"""


def _rules() -> Iterator[tuple[str, Rule]]:
    for line in _FIXED.strip().splitlines():
        said, names = line.split(" ", 1)
        month, day = map(int, said.split("-"))
        yield names, partial(day_or_none, month=month, day=day)
    for line in _NTH.strip().splitlines():
        *numbers, names = line.split(" ", 3)
        month, weekday, nth = map(int, numbers)
        yield names, partial(nth_of, nth, weekday, month=month)
    for line in _LUNAR.strip().splitlines():
        said, names = line.split(" ", 1)
        month, day = map(int, said.split("-"))
        yield names, partial(_lunar, month=month, day=day)
    yield "除夕夜?(?!\\(公历\\))|大年三十|年三十|(?:chinese|lunar) new year'?s eve", _eve_of_spring
    yield "black friday|黑色星期五", partial(_after_thanksgiving, days=1)
    yield "cyber monday", partial(_after_thanksgiving, days=4)
    yield "good friday", partial(_after_easter, days=-2)
    yield "easter monday", partial(_after_easter, days=1)
    yield "复活节|easter(?: sunday| day)?", easter


def _after_thanksgiving(year: int, days: int) -> date | None:
    day = nth_of(4, 3, year, 11)
    return day + timedelta(days=days) if day else None


def _after_easter(year: int, days: int) -> date:
    return easter(year) + timedelta(days=days)


@lru_cache(maxsize=256)
def _lunar(year: int, month: int, day: int) -> date | None:
    """The day of the lunar year that begins in this one; None beyond the years that the calendar is known for."""
    try:
        found: date = LunarDate(year, month, day).to_solar_date()
    except ValueError:
        return None
    return found


def _eve_of_spring(year: int) -> date | None:
    first = _lunar(year, 1, 1)
    return first - timedelta(days=1) if first else None


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, after Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    leap = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * leap) // 433
    month = (h + leap - 7 * m + 90) // 25
    return date(year, month, (h + leap - 7 * m + 33 * month + 19) % 32)


_RULES = tuple(_rules())
_ANY = "|".join(f"(?:{names})" for names, _ in sorted(_RULES, key=lambda rule: -len(rule[0])))
NAMES = f"(?:{_ANY})(?!快乐|[好礼版款特促贺装])"


def is_holiday(words: str) -> bool:
    """Whether the words name a holiday and nothing else."""
    return re.fullmatch(NAMES, words, re.IGNORECASE) is not None


def holiday(name: str, year: int) -> date | None:
    """The day of a holiday in a year."""
    for names, rule in _RULES:
        if re.fullmatch(names, name, re.IGNORECASE):
            return rule(year)
    return None
