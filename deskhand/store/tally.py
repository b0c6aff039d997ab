"""How often the same thing happened, so that it can be told without being told each time.

The first time is told at once; what follows within a minute is counted, and told together when the minute is over.
Kept in this process: whoever stops asks for the rest. Knows nothing of what is counted.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from deskhand.store.repositories.base import Clock

PERIOD = timedelta(minutes=1)
MOST_KEYS = 10_000

T = TypeVar("T")


@dataclass(slots=True)
class _Count(Generic[T]):
    told_at: datetime
    latest: T
    untold: int = 0


class Tally(Generic[T]):
    """One for each kind of thing; not for several threads at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[Hashable, _Count[T]] = {}

    def count(self, key: Hashable, what: T) -> bool:
        """Whether this one is to be told now. Beyond `MOST_KEYS` in one minute nothing more is told or counted."""
        known = self._counts.get(key)
        if known is not None:
            known.latest, known.untold = what, known.untold + 1
            return False
        if len(self._counts) >= MOST_KEYS:
            return False
        self._counts[key] = _Count(self._clock(), what)
        return True

    def due(self) -> list[tuple[T, int]]:
        """What happened again, its latest time and how often, where the minute is over; it counts as told now."""
        now = self._clock()
        over = {key: one for key, one in self._counts.items() if now - one.told_at >= PERIOD}
        for key, one in over.items():
            if one.untold:
                self._counts[key] = _Count(now, one.latest)
            else:
                del self._counts[key]
        return [(one.latest, one.untold) for one in over.values() if one.untold]

    def rest(self) -> list[tuple[T, int]]:
        """All that is not told yet; nothing is remembered any more."""
        counts, self._counts = self._counts, {}
        return [(one.latest, one.untold) for one in counts.values() if one.untold]
