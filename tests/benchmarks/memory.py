"""How much memory each service holds after a conversation."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row
from tests.benchmarks.people import APART, PEOPLE, ask
from tests.support.deskhand import READY


def measure(bench: Bench) -> Iterator[Row]:
    for person in bench.crowd.people:
        ask(person)
    held = {service: resident(bench.deskhand.pid(service)) for service in READY}
    held["supervisor"] = psutil.Process(bench.deskhand.process.pid).memory_info().rss
    for service, size in held.items():
        yield Row(f"memory of {service}", size / 1e6, "MB", "resident")
    yield Row("memory of all", sum(held.values()) / 1e6, "MB", f"after {PEOPLE + APART} people have ordered")


def resident(pid: int) -> int:
    """With children; shared pages count in each process that has them."""
    process = psutil.Process(pid)
    return sum(int(each.memory_info().rss) for each in (process, *process.children(recursive=True)))
