"""The hours in which people are at work, and how much of a span they make up. Knows no process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """`days`: 0 is Monday. They end on the day on which they begin."""

    days: frozenset[int] = frozenset(range(5))
    begins: time = time(9)
    ends: time = time(18)

    def between(self, since: datetime, until: datetime, zone: ZoneInfo) -> timedelta:
        """How much of it is working time in this zone."""
        spans = (
            (max(since, datetime.combine(day, self.begins, zone)), min(until, datetime.combine(day, self.ends, zone)))
            for day in _days(since.astimezone(zone).date(), until.astimezone(zone).date())
            if day.weekday() in self.days
        )
        # Times of one zone are subtracted by their clocks: across a change of the clocks only UTC tells the truth.
        return sum((max(_NONE, ends.astimezone(UTC) - begins.astimezone(UTC)) for begins, ends in spans), _NONE)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
