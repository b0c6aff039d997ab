"""Hours in which somebody wants to be left alone, and the moments at which a digest is due. Knows no notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(7))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins` until the next `ends`, on the days (0: Monday) on which they begin.

    Where both are the same, they last until that time of the next day: [sat, sun] from 00:00 is a whole weekend.
    """

    begins: time
    ends: time
    days: frozenset[int] = EVERY_DAY

    def hold(self, local: datetime) -> bool:
        """Whether they last at this time of the person's own clock."""
        at, today = local.time(), local.weekday()
        if self.begins < self.ends:
            return today in self.days and self.begins <= at < self.ends
        return (today in self.days and at >= self.begins) or ((today - 1) % 7 in self.days and at < self.ends)


class Every(StrEnum):
    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class DigestTimes:
    """Each day at `at`; each hour at its minute."""

    every: Every = Every.DAY
    at: time = time(8)

    def last(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The latest moment of it that is not after `now`."""
        local = now.astimezone(zone)
        if self.every is Every.HOUR:
            passed = timedelta(minutes=(local.minute - self.at.minute) % 60)
            return now.replace(second=0, microsecond=0) - passed
        days = (local.date() + _DAY * n for n in (1, 0, -1))
        moments = (datetime.combine(day, self.at, zone).astimezone(UTC) for day in days)
        return next((moment for moment in moments if moment <= now), now - 2 * _DAY)
