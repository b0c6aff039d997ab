"""How much one caller may ask for: a token bucket for each key, kept in this process.

With several gateways behind a balancer each counts for itself, so the limit is as many times higher. It is there to
stop a runaway script and password guessing, not to bill anyone.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from deskhand.gateway.errors import TooManyRequests

_MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, refilled by `per_second`."""

    burst: int
    per_second: float


SIGN_IN = Rate(burst=10, per_second=10 / 60)  # for one login
SIGN_IN_ADDRESS = Rate(burst=100, per_second=1.0)  # for one address: an office shares one
CHAT = Rate(burst=30, per_second=2.0)


class RateLimit:
    """Buckets of one kind; the longest unused ones are forgotten first, so memory stays bounded."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Use one up.

        Raises:
            TooManyRequests: saying in how many seconds the next one is free.
        """
        now = self._clock()
        left, since = self._buckets.pop(key, (float(self._rate.burst), now))
        left = min(float(self._rate.burst), left + (now - since) * self._rate.per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyRequests(seconds=math.ceil((1 - left) / self._rate.per_second))
