"""How long a piece of work takes, told by a process to who started it. Loads nothing."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping


def tell(works: Mapping[str, Callable[[], object]]) -> None:
    """Does each in turn; prints JSON: [[name, seconds, seconds of all processors], ...]."""
    sys.stdout.write(json.dumps([[name, *_both(work)] for name, work in works.items()]))


def _both(work: Callable[[], object]) -> tuple[float, float]:
    """On the clock, and of all processors: of processes that it started and ended as well."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - wall, sum(os.times()[:4]) - cpu
