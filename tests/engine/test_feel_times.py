"""Days, times, moments and durations, and the functions of FEEL."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskhand.engine import ExpressionInvalid, compile_expression, compile_tests
from deskhand.engine.feel_times import Months

SHANGHAI = timezone(timedelta(hours=8))
VALUES = {"day": date(2026, 11, 22), "moment": datetime(2026, 11, 22, 8, 30, tzinfo=UTC), "n": Decimal("2.5")}


def value_of(text: str) -> Any:
    return compile_expression(text, VALUES)(VALUES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2026-11-22")', date(2026, 11, 22)),
        ("date(2026, 11, 22)", date(2026, 11, 22)),
        ("date(moment)", date(2026, 11, 22)),
        ('@"2026-11-22"', date(2026, 11, 22)),
        ('time("08:30:00")', time(8, 30)),
        ('time("08:30:00+08:00")', time(8, 30, tzinfo=SHANGHAI)),
        ('time(8, 30, 0, duration("PT8H"))', time(8, 30, tzinfo=SHANGHAI)),
        ('@"08:30:00Z"', time(8, 30, tzinfo=UTC)),
        ("time(moment)", time(8, 30, tzinfo=UTC)),
        ('date and time("2026-11-22T08:30:00Z")', VALUES["moment"]),
        ('date and time(day, time("08:30:00Z"))', VALUES["moment"]),
        ('@"2026-11-22T08:30:00@Asia/Shanghai"', datetime(2026, 11, 22, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))),
        ('duration("P1DT2H3M4S")', timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ('duration("-PT36H")', timedelta(hours=-36)),
        ('duration("P1Y2M")', Months(14)),
        ('@"-P2M"', Months(-2)),
        ("years and months duration(date(2026, 1, 31), day)", Months(9)),
        ("years and months duration(day, date(2026, 1, 31))", Months(-9)),
    ],
)
def test_a_day_a_time_a_moment_and_a_duration_are_read(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('day + duration("P10D")', date(2026, 12, 2)),
        ('duration("P10D") + day', date(2026, 12, 2)),
        ('day - duration("P22D")', date(2026, 10, 31)),
        ('date(2026, 1, 31) + duration("P1M")', date(2026, 2, 28)),
        ('date(2028, 2, 29) - duration("P1Y")', date(2027, 2, 28)),
        ('moment + duration("PT90M")', datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ('time("23:00:00") + duration("PT2H")', time(1)),
        ('time("01:00:00") - duration("PT2H")', time(23)),
        ('time("10:00:00") - time("08:30:00")', timedelta(minutes=90)),
        ("day - date(2026, 11, 1)", timedelta(days=21)),
        ('duration("PT1H") * 2.5', timedelta(minutes=150)),
        ('2 * duration("P1Y")', Months(24)),
        ('duration("P1D") / 4', timedelta(hours=6)),
        ('duration("P1D") / duration("PT6H")', 4),
        ('duration("P1Y") / duration("P3M")', 4),
        ('duration("P1Y") + duration("P1M")', Months(13)),
        ('duration("P1D") - duration("PT1H")', timedelta(hours=23)),
        ('-duration("P1M")', Months(-1)),
        ("day.year * 100 + day.month", 202611),
        ("day.weekday", 7),
        ("moment.hour", 8),
        ("moment.time offset", timedelta()),
        ('duration("-P1DT2H").hours', -2),
        ('duration("P14M").months', 2),
        ('duration("P14M") > duration("P1Y")', True),
        ('time("08:00:00") < time("09:00:00")', True),
        ('day in [date("2026-11-01")..date("2026-11-30")]', True),
        ('moment.date = "x"', False),
    ],
)
def test_days_and_durations_are_reckoned_with(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'date("20261122")',
        'date("2026-02-30")',
        "date(2026, 2, 30)",
        "date(n, 1, 1)",
        'time("25:00:00")',
        'time("8:00")',
        'date and time("2026-11-22")',
        'date and time("2026-11-22T08:00:00@Nowhere/City")',
        'date and time("2026-11-22T08:00:00@../../etc/passwd")',
        'duration("P")',
        'duration("PT")',
        'duration("P1YT1H")',
        'duration("1 day")',
        'duration("P1M") < duration("P30D")',
        'duration("P1M") + duration("P1D")',
        'date(9999, 12, 31) + duration("P1D")',
        'date(9999, 12, 31) + duration("P1M")',
        'date(1, 1, 1) - duration("P1M")',
        'duration("P999999999D") * 999999999',
        'time("08:00:00") + duration("P1M")',
        'time("08:00:00") < time("08:00:00Z")',
        "day + 1",
        'day - "a"',
        "day * 2",
        'day - time("08:00:00")',
        'duration("P1D") / 0',
        'duration("P1M") / duration("P0M")',
        "n.year",
        "years and months duration(1, day)",
    ],
)
def test_days_and_durations_that_make_no_sense_are_null(text: str) -> None:
    assert value_of(text) is None


def test_a_literal_that_is_none_is_refused_when_loading() -> None:
    with pytest.raises(ExpressionInvalid, match="position 5 "):
        compile_expression('1 + @"soon"')


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ('< date("2026-12-01")', date(2026, 11, 22), True),
        ('[@"2026-11-01"..@"2026-11-22")', date(2026, 11, 22), False),
        ('>= duration("P30D")', timedelta(days=31), True),
        ('@"PT8H", @"PT9H"', timedelta(hours=9), True),
    ],
)
def test_a_cell_tests_days_and_durations(text: str, value: Any, expected: bool) -> None:
    assert compile_tests(text)(value, {}) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("floor(-1.5)", -2),
        ("ceiling(1.2)", 2),
        ("floor(1.56, 1)", Decimal("1.5")),
        ("decimal(n, 0)", 2),
        ("round half up(n, 0)", 3),
        ("round half down(n, 0)", 2),
        ("round up(1.01, 1)", Decimal("1.1")),
        ("round down(-1.99, 0)", -1),
        ("round up(151, -1)", 160),
        ("modulo(-7, 3)", 2),
        ("mean(1, 2, 6)", 3),
        ("all(true, true)", True),
        ("all([true, null, false])", False),
        ("any(false, true)", True),
        ("any([])", False),
        ("list contains([1, n], 2.5)", True),
        ('substring("Acme Ltd", 6)', "Ltd"),
        ('substring("Acme Ltd", -3, 2)', "Lt"),
        ('string length("箱子")', 2),
        ('upper case("abc") + lower case("DEF")', "ABCdef"),
        ('starts with("SO-1001", "SO-")', True),
        ('ends with("a.pdf", ".pdf")', True),
        ('substring before("SO-1001", "-")', "SO"),
        ('substring after("SO-1001", "-")', "1001"),
        ('number("-12.50")', Decimal("-12.5")),
        ('string(1.50) + "/" + string(true) + "/" + string(day)', "1.5/true/2026-11-22"),
        ('string(duration("P1DT2H")) + string(duration("-P14M")) + string(duration("PT0S"))', "P1DT2H-P1Y2MPT0S"),
        (r'"\u0041\U01F600"', "A\U0001f600"),
    ],
)
def test_a_function_gives_what_feel_says(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'floor("1")',
        "round up(1, 99)",
        "round up(1, 0.5)",
        "modulo(1, 0)",
        "mean([])",
        "all(true, 1)",
        'list contains("abc", "a")',
        'substring("abc", 4)',
        'substring("abc", 0)',
        "upper case(1)",
        'number("1e9")',
        'number("x")',
        "number(null)",
        "string(null)",
        "string([1])",
        "starts with(null, null)",
    ],
)
def test_a_function_of_what_it_cannot_take_is_null(text: str) -> None:
    assert value_of(text) is None
