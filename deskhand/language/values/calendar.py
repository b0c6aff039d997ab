"""Which day is meant by words that name no full date: the arithmetic behind Friday, 25号, Dec 3 and 三天后.

A week begins on Monday. "Next Friday" and 下周五 are the Friday of next week, "this" and 本 this week's even when it is
over. What has no year, no month or no week is ambiguous: `prefer` says which one is taken, and today counts as future.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

PREFER = ("future", "past", "nearest")


@dataclass(frozen=True)
class Calendar:
    """The moment of speaking on the speaker's clock, and which of two possible days is meant."""

    now: datetime
    prefer: str = "future"

    @property
    def today(self) -> date:
        """The day of speaking."""
        return self.now.date()

    def choose(self, days: Iterable[date | None]) -> date | None:
        """The one of several possible days that is meant."""
        known = sorted(day for day in days if day)
        if self.prefer == "nearest":
            return min(known, key=lambda day: abs((day - self.today).days), default=None)
        if self.prefer == "past":
            return next((day for day in reversed(known) if day < self.today), None)
        return next((day for day in known if day >= self.today), None)

    def day_of_year(self, month: int, day: int, year: int | None = None) -> date | None:
        """The day of a month, in the year that was said or the one that is meant."""
        if year is not None:
            return day_or_none(year, month, day)
        return self.choose(day_or_none(self.today.year + away, month, day) for away in range(-8, 9))

    def day_of_month(self, day: int, months: int | None = None) -> date | None:
        """The 25th: of so many months ahead, or of the month that is meant."""
        if months is not None:
            first = self.month(months)
            return day_or_none(first.year, first.month, day)
        firsts = [self.month(away) for away in range(-3, 4)]
        return self.choose(day_or_none(first.year, first.month, day) for first in firsts)

    def weekday(self, weekday: int, weeks: int | None = None) -> date | None:
        """Friday (0 is Monday): of so many weeks ahead, or the one that is meant."""
        this = self.today + timedelta(days=weekday - self.today.weekday())
        if weeks is not None:
            return this + timedelta(weeks=weeks)
        return self.choose(this + timedelta(weeks=away) for away in (-1, 0, 1))

    def nth_weekday(self, nth: int, weekday: int, month: int, year: int | None = None) -> date | None:
        """The second Friday (or with -1 the last) of a month."""
        years = [year] if year is not None else range(self.today.year - 2, self.today.year + 3)
        days = [nth_of(nth, weekday, each, month) for each in years]
        return days[0] if year is not None else self.choose(days)

    def month(self, ahead: int) -> date:
        """The first of the month so many months ahead."""
        years, month = divmod(self.today.month - 1 + ahead, 12)
        return date(self.today.year + years, month + 1, 1)


def day_or_none(year: int, month: int, day: int) -> date | None:
    """The date, None where there is none; a year of two digits is this century's up to 49."""
    if year < 100:
        year += 2000 if year < 50 else 1900
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def nth_of(nth: int, weekday: int, year: int, month: int) -> date | None:
    """The nth weekday of a month, the last with -1."""
    length = monthrange(year, month)[1]
    days = [day for day in range(1, length + 1) if date(year, month, day).weekday() == weekday]
    return date(year, month, days[nth - 1 if nth > 0 else nth]) if nth <= len(days) else None


def shifted(moment: datetime, amount: float, unit: str) -> datetime:
    """So many units on (or back): day, week, fortnight, month, year, workday, hour, minute, second.

    Months and years keep the day of the month, cut to the month's length; half a month is 15 days.
    """
    if unit == "workday":
        return _workdays(moment, int(amount))
    if unit in {"month", "year"}:
        months = amount * (12 if unit == "year" else 1)
        return _months(moment, int(months)) + timedelta(days=round((months - int(months)) * 30))
    days = {"day": 1, "week": 7, "fortnight": 14}.get(unit)
    if days:
        return moment + timedelta(days=amount * days)
    return moment + timedelta(seconds=amount * {"hour": 3600, "minute": 60, "second": 1}[unit])


def _months(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _workdays(moment: datetime, amount: int) -> datetime:
    step = timedelta(days=1 if amount > 0 else -1)
    left = min(abs(amount), 1000)
    while left:
        moment += step
        left -= moment.weekday() < 5
    return moment
