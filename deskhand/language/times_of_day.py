"""Times of day of which a text names several: 晚上十点到早上七点, from 10pm to 7am, 22:00-07:00. Knows no day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from deskhand.language.values import read_moments

_BETWEEN = re.compile(r"到|至|~|–|—|(?<=\d)\s?-\s?(?=\d)|\bto\b|\band\b|\btill\b|\buntil\b")
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def read_times_of_day(text: str, language: str | None = None) -> tuple[time, ...]:
    """Each in the order in which it is said; one that belongs to a day (明天八点) is none."""
    return tuple(
        moment.time
        for part in _BETWEEN.split(text)
        for moment in read_moments(part, language, _ANY_DAY)
        if moment.time is not None and moment.date is None
    )
