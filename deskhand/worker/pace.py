"""How fast a messenger is written to: a few at once to one place, then one a second; nothing while it asks to wait.

Knows no messenger. Kept in this process: each worker is told by the messenger itself when all together are too many.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_MOST_PLACES = 10_000


class Pace:
    """A bucket of `burst` for each place that fills by `rate` a second."""

    def __init__(self, burst: float = 4.0, rate: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._filled: dict[str, tuple[float, float]] = {}  # place -> what was in it, and when
        self._promised: dict[str, float] = {}  # place -> when the next one that has to wait may come
        self._stopped: dict[str, float] = {}  # company -> until when its messenger wants nothing

    def wait(self, company: str, place: str) -> float:
        """Seconds until this one may go; 0: now, and it is counted.

        Each that has to wait is given a time of its own, one after the other: a thousand that wait don't all come back
        with every second.
        """
        now = self._clock()
        stopped = self._stopped.get(company, 0.0) - now
        held, at = self._filled.get(place, (self._burst, now))
        held = min(self._burst, held + (now - at) * self._rate)
        if stopped <= 0 and held >= 1.0:
            self._forget_full(now)
            self._filled[place] = (held - 1.0, now)
            return 0.0
        free = now + max(stopped, (1.0 - held) / self._rate)
        turn = max(free, self._promised.get(place, 0.0))
        self._promised[place] = turn + 1.0 / self._rate
        return turn - now

    def stop(self, company: str, seconds: float) -> None:
        """The messenger has asked for it."""
        self._stopped[company] = max(self._stopped.get(company, 0.0), self._clock() + seconds)

    def _forget_full(self, now: float) -> None:
        """Places that were quiet for long are full again, which is what is thought of those that nobody knows."""
        if len(self._filled) >= _MOST_PLACES:
            full = self._burst / self._rate
            self._filled = {place: kept for place, kept in self._filled.items() if now - kept[1] < full}
            self._promised = {place: turn for place, turn in self._promised.items() if turn > now}
