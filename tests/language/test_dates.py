"""Dates are read as the future; a week begins on Monday."""

from datetime import date

import pytest

from deskhand.language import read_dates

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("said", "day", "deadline"),
    [
        ("今天", date(2026, 11, 18), False),
        ("明天下午", date(2026, 11, 19), False),
        ("后天", date(2026, 11, 20), False),
        ("大后天", date(2026, 11, 21), False),
        ("周五", date(2026, 11, 20), False),
        ("周三", date(2026, 11, 25), False),
        ("本周五", date(2026, 11, 20), False),
        ("下周五前", date(2026, 11, 27), True),
        ("下下周一", date(2026, 11, 30), False),
        ("月底前", date(2026, 11, 30), True),
        ("下月初", date(2026, 12, 1), False),
        ("三天内", date(2026, 11, 21), True),
        ("两周后", date(2026, 12, 2), False),
        ("12月3日", date(2026, 12, 3), False),
        ("1月5号", date(2027, 1, 5), False),
        ("十二月三日", date(2026, 12, 3), False),
        ("2026年12月3日", date(2026, 12, 3), False),
        ("2026-12-03", date(2026, 12, 3), False),
        ("12/3", date(2026, 12, 3), False),
        ("本周内", date(2026, 11, 20), True),
        ("下周之内", date(2026, 11, 27), True),
        ("本月内", date(2026, 11, 30), True),
        ("this week", date(2026, 11, 20), False),
        ("sometime next week", date(2026, 11, 27), False),
        ("下週五前", date(2026, 11, 27), True),
        ("兩個禮拜內", date(2026, 12, 2), True),
        ("1/2", date(2027, 1, 2), False),
        ("by EOD Friday", date(2026, 11, 20), False),
        ("by eod", date(2026, 11, 18), True),
        ("next Friday", date(2026, 11, 27), False),
        ("by Friday noon", date(2026, 11, 20), True),
        ("Friday next week", date(2026, 11, 27), False),
        ("tomorrow", date(2026, 11, 19), False),
        ("the day after tomorrow", date(2026, 11, 20), False),
        ("in two weeks", date(2026, 12, 2), False),
        ("within 3 days", date(2026, 11, 21), True),
        ("end of month", date(2026, 11, 30), False),
        ("by the end of the month", date(2026, 11, 30), True),
        ("Dec 3", date(2026, 12, 3), False),
        ("the first Monday of December", date(2026, 12, 7), False),
        ("by the third of December", date(2026, 12, 3), True),
        ("in ninety days", date(2027, 2, 16), False),
        ("before Christmas", date(2026, 12, 24), True),
        ("by Christmas", date(2026, 12, 25), True),
        ("before the Spring Festival", date(2027, 2, 5), True),
        ("before Chinese New Year", date(2027, 2, 5), True),
        ("春节前", date(2027, 2, 5), True),
        ("过年之前", date(2027, 2, 5), True),
        ("中秋节前", date(2027, 9, 14), True),
        ("端午前", date(2027, 6, 8), True),
        ("国庆前", date(2027, 9, 30), True),
        ("五一前", date(2027, 4, 30), True),
        ("元旦前", date(2026, 12, 31), True),
        ("圣诞节前", date(2026, 12, 24), True),
        ("下个月的第一个周五", date(2026, 12, 4), False),
        ("3 December 2026", date(2026, 12, 3), False),
        ("December 3rd, 2026", date(2026, 12, 3), False),
        ("by the 25th", date(2026, 11, 25), True),
        ("yesterday", date(2026, 11, 17), False),
        ("昨天", date(2026, 11, 17), False),
        ("上周五", date(2026, 11, 13), False),
    ],
)
def test_a_date_is_read(said: str, day: date, deadline: bool) -> None:
    (reading,) = read_dates(said, WEDNESDAY)

    assert (reading.date, reading.deadline) == (day, deadline)


@pytest.mark.parametrize("said", ["A4纸", "SKU-1002", "张江路1号", "20箱", "2026", "99月99日", "2026-13-45", "hello"])
def test_what_is_no_date_is_not_read(said: str) -> None:
    assert read_dates(said, WEDNESDAY) == []


def test_next_friday_is_next_weeks_whatever_day_it_is() -> None:
    for day in range(16, 23):
        (reading,) = read_dates("next Friday", date(2026, 11, day))
        assert reading.date == date(2026, 11, 27)
