"""The token bucket."""

from __future__ import annotations

import pytest

from deskhand.gateway.errors import TooManyRequests
from deskhand.gateway.limits import Rate, RateLimit


def test_a_burst_is_taken_and_refills_with_time() -> None:
    now = [0.0]
    limit = RateLimit(Rate(burst=2, per_second=0.5), clock=lambda: now[0])
    limit.take("a")
    limit.take("a")
    with pytest.raises(TooManyRequests) as refused:
        limit.take("a")
    limit.take("b")
    now[0] = 2.0
    limit.take("a")

    assert refused.value.data == {"seconds": 2}
    with pytest.raises(TooManyRequests):
        limit.take("a")


def test_memory_stays_bounded() -> None:
    limit = RateLimit(Rate(burst=1, per_second=1))
    for index in range(20_000):
        limit.take(str(index))

    assert len(limit._buckets) <= 10_000
