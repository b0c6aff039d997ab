"""The first turn of a fresh action server, which has just read its catalogues, beside the turns that come after it."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, interleaved_ratio, spread
from tests.benchmarks.people import leave, place

STARTS, LATER = 3, 8
_WHAT = "an order in one sentence"


def measure(bench: Bench) -> Iterator[Row]:
    cold, warm = [], []
    _milliseconds(bench)  # everybody is signed in, and everything else is warm
    for _ in range(STARTS):
        bench.deskhand.wait_restarted("actions", bench.deskhand.kill("actions"))
        first, *later = [_milliseconds(bench) for _ in range(1 + LATER)]
        cold.append(first)
        warm.append(statistics.median(later))
    yield Row("cold turn, median", statistics.median(cold), "ms", f"{spread(cold, 'starts')}; the first one, {_WHAT}")
    yield Row("warm turn, median", statistics.median(warm), "ms", f"{spread(warm, 'starts')}; the {LATER} after it")
    yield Row("cold : warm", interleaved_ratio(cold, warm), "x", f"{STARTS} starts of the action server")


def _milliseconds(bench: Bench) -> float:
    person = bench.crowd.next()
    taken = person.timed(place) * 1000
    leave(person)
    return taken
