"""How long to wait before trying again. Knows nothing of what is tried."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `first` up to `longest`; half of it is chance, so that many don't come back together."""

    first: float = 2.0
    longest: float = 900.0
    attempts: int = 8

    def exhausted(self, attempt: int) -> bool:
        return attempt >= self.attempts

    def delay(self, attempt: int) -> timedelta:
        """After the `attempt`-th failure (1, 2, 3 ...)."""
        full = min(self.longest, self.first * 2.0 ** min(attempt - 1, 32))
        return timedelta(seconds=full / 2 + random.uniform(0, full / 2))
