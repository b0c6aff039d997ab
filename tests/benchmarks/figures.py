"""Figures and how they are taken: the row of the report, medians, percentiles, clocks. Knows no Deskhand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One line of the report. `value` None: it could not be measured, and `note` says why."""

    name: str
    value: float | None
    unit: str
    note: str = ""


def seconds_of(work: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> float:
    return timed(work, *arguments, **named)[0]


def cpu_seconds_of(work: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> float:
    """Of this process alone: for work that waits for nothing, a busy machine distorts it less."""
    began = time.process_time()
    work(*arguments, **named)
    return time.process_time() - began


def timed(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> tuple[float, T]:
    """Seconds and result."""
    began = time.perf_counter()
    result = work(*arguments, **named)
    return time.perf_counter() - began, result


def percentile(values: Sequence[float], percent: int) -> float:
    """By the nearest rank: a value that was really measured."""
    rank = max(1, -(-len(values) * percent // 100))
    return sorted(values)[rank - 1]


def spread(values: Sequence[float], what: str = "runs") -> str:
    """What the median leaves out: how many, least and most."""
    return f"{len(values)} {what}, {rounded(min(values))} to {rounded(max(values))}"


def rounded(value: float) -> str:
    """Three digits that mean something; large numbers whole."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def interleaved_ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """Of two things measured in turn: the median over the rounds, so that a noisy neighbour hits both."""
    return statistics.median(one / other for one, other in zip(slow, fast, strict=True))
