"""How many statements a chat turn sends to the database. Rasa's own database of conversations is not counted."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

import httpx2 as httpx

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import P, Row, seconds_of
from tests.benchmarks.people import Person, ask, confirm, correct, greet, place

TIMES = 8
IDLE_SECONDS = 6.0
CATALOGUES = re.compile(r'^deskhand_catalogue_total\{outcome="(\w+)"\} (\S+)', re.MULTILINE)
COUNT = re.compile(r"^deskhand_db_statements_total (\S+)", re.MULTILINE)
TURNS: Mapping[str, Callable[[Person], object]] = {
    "small talk": greet,
    "query of an order": ask,
    "order in one sentence": place,
    "correction of a draft": correct,
    "yes that places it": confirm,
}


class Counters:
    """What both services that a turn runs through say they have sent."""

    def __init__(self, bench: Bench) -> None:
        actions = f"http://127.0.0.1:{bench.environment['ACTIONS_PORT']}/metrics"
        token = {"X-Deskhand-Actions-Token": bench.environment["DESKHAND_ACTIONS_TOKEN"]}
        self._pages = {"gateway": (f"{bench.deskhand.address}/metrics", {}), "actions": (actions, token)}

    def read(self) -> dict[str, float]:
        return {service: _count(address, headers) for service, (address, headers) in self._pages.items()}

    def catalogue_hits(self) -> float:
        """Which part of the catalogues that turns took was in memory."""
        address, headers = self._pages["actions"]
        taken = dict(CATALOGUES.findall(httpx.get(address, headers=dict(headers)).raise_for_status().text))
        counts = {outcome: float(count) for outcome, count in taken.items()}
        return counts.get("hit", 0.0) / sum(counts.values())

    def during(
        self, work: Callable[P, object], *arguments: P.args, **named: P.kwargs
    ) -> tuple[float, dict[str, float]]:
        """Seconds, and what was sent meanwhile."""
        before = self.read()
        seconds = seconds_of(work, *arguments, **named)
        return seconds, {service: now - before[service] for service, now in self.read().items()}


def _count(address: str, headers: Mapping[str, str]) -> float:
    found = COUNT.search(httpx.get(address, headers=dict(headers)).raise_for_status().text)
    assert found is not None, address
    return float(found[1])


def measure(bench: Bench) -> Iterator[Row]:
    people, counters = bench.crowd.people[:TIMES], Counters(bench)
    seconds, resting = counters.during(time.sleep, IDLE_SECONDS)
    idle = {service: count / seconds for service, count in resting.items()}
    for service, rate in idle.items():
        yield Row(f"idle {service}", rate, "statements/s", "polling; taken off the figures below")
    for name, turn in TURNS.items():
        sent: dict[str, float] = defaultdict(float)
        for person in people:
            seconds, counts = counters.during(turn, person)
            for service, count in counts.items():
                sent[service] += count - idle[service] * seconds
        for service, count in sent.items():
            yield Row(f"{name}, {service}", max(0.0, count / len(people)), "statements", "BEGIN counts on SQLite")
    yield Row("catalogue in memory", counters.catalogue_hits() * 100, "%", "of the turns that looked at it")
