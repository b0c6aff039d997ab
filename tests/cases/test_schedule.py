"""When cases begin by the clock: shifts, cron lines, zones. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from deskhand.cases.schedule import Schedule, Shift, Shifts, cron

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, tzinfo=ZONE)
DAY = timedelta(days=1)


def moments(schedule: Schedule, since: datetime = MONDAY, until: datetime = MONDAY + DAY) -> list[str]:
    return [f"{at.astimezone(ZONE):%d %H:%M}" for at, _ in schedule.moments(since, until, ZONE)]


def test_before_each_end_of_each_shift() -> None:
    shifts = (Shift("early", time(8), time(16)), Shift("night", time(0, 5), time(8)))
    each = Shifts(shifts, ("shift_start", "shift_end"), timedelta(minutes=15))

    assert moments(each) == ["23 07:45", "23 15:45", "23 07:45", "23 23:50"]
    assert [more for _, more in each.moments(MONDAY, MONDAY + timedelta(hours=8), ZONE)] == [
        {"shift": "early", "edge": "shift_start"},
        {"shift": "night", "edge": "shift_end"},
    ]


def test_the_moment_before_counts_no_more_and_the_last_one_does() -> None:
    at = MONDAY + timedelta(hours=8)
    schedule = Shifts((Shift("early", time(8), time(16)),), ("shift_start",))

    assert moments(schedule, at - timedelta(minutes=1), at) == ["23 08:00"]
    assert moments(schedule, at, at + timedelta(minutes=1)) == []
    assert moments(schedule, at.astimezone(UTC) - DAY, at.astimezone(UTC)) == ["23 08:00"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 8 * * *", ["23 08:00"]),
        ("30 8,17 * * 1-5", ["23 08:30", "23 17:30"]),
        ("0 8 * * 0", []),
        ("0 8 * * 7", []),
        ("*/30 9 23 11 *", ["23 09:00", "23 09:30"]),
        ("0 9 1 * 1", ["23 09:00"]),  # the first of the month, or a Monday
        ("0 9 1 * *", []),
        ("0 20/2 * * *", ["23 20:00", "23 22:00"]),
    ],
)
def test_a_cron_line(line: str, expected: list[str]) -> None:
    assert moments(cron(line)) == expected


@pytest.mark.parametrize("line", ["", "0 8 * *", "60 8 * * *", "0 24 * * *", "a 8 * * *", "0 8-6 * * *", "*/0 8 * * *"])
def test_what_is_no_cron_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not"):
        cron(line)
