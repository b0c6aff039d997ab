"""Faults put into the compiled table are found by the oracle's walks and by the second reading of the file."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from deskhand.engine import EngineError, TransitionTable
from tests.engine.alike import alike
from tests.engine.allowed import Checker
from tests.engine.blocks import grown
from tests.engine.drawing import AWAITED, Drawing
from tests.engine.mutants import Mutant, mutants
from tests.engine.reading import Marking, Reading
from tests.engine.walking import Pair, Tally, Trace, Walker

LEAST = 0.95
MOST_MARKINGS = 600


@dataclass
class Score:
    """What became of the mutants."""

    by_walks: int = 0
    by_reading: int = 0
    without_effect: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        found = self.by_walks + self.by_reading
        return found / (found + len(self.missed))

    def __str__(self) -> str:
        found = self.by_walks + self.by_reading
        return (
            f"mutations of the compiled table: {found} of {found + len(self.missed)} caught = {self.share:.1%} "
            f"({self.by_walks} by the oracle's walks, {self.by_reading} by the reading; {self.without_effect} more "
            f"change nothing, as an exhaustive comparison shows); {len(self.kinds)} kinds"
        )


def judged(seeds: Sequence[int], leaves: int, walks: int, chosen: int) -> Score:
    """Of each diagram so many mutants, taken by chance."""
    score = Score()
    for seed in seeds:
        chance = random.Random(seed)
        drawing = Drawing(grown(chance, leaves))
        pair = Pair(drawing)
        traces = [pair.walk(chance, Tally()) for _ in range(walks)]
        reading = Reading(drawing.xml, {AWAITED})
        found = list(mutants(pair.table))
        for mutant in chance.sample(found, min(chosen, len(found))):
            score.kinds[mutant.kind] += 1
            _judge(score, seed, mutant, pair, traces, reading)
    return score


def _judge(score: Score, seed: int, mutant: Mutant, pair: Pair, traces: Sequence[Trace], reading: Reading) -> None:
    if any(differs(mutant.table, pair.drawing, trace) for trace in traces):
        score.by_walks += 1
    elif breaks_the_file(mutant.table, reading):
        score.by_reading += 1
    elif alike(pair.table, mutant.table, pair.drawing):
        score.without_effect += 1
    else:
        score.missed.append(f"seed {seed}: {mutant.kind} at {mutant.where}")


def differs(table: TransitionTable, drawing: Drawing, trace: Trace) -> bool:
    """Whether a table walks otherwise than SpiffWorkflow did; an error is a difference."""
    try:
        walker = Walker(table, drawing, trace.values)
        if walker.seen() != trace.first:
            return True
        for move, seen in trace.steps:
            if walker.go(move) is not None or walker.seen() != seen:
                return True
    except (EngineError, KeyError):
        return True
    return False


def breaks_the_file(table: TransitionTable, reading: Reading) -> bool:
    """Whether something happens, at any marking the file allows, that the file does not."""
    check = Checker(table, reading, lambda name, values: {name: 1})
    try:
        return next(check.differences(_markings(reading)), None) is not None
    except (EngineError, KeyError):
        return True


def _markings(reading: Reading) -> list[Marking]:
    return sorted(reading.reachable(), key=sorted)[:MOST_MARKINGS]


def test_faults_put_into_the_table_are_found(tell: Callable[[str], None]) -> None:
    score = judged(range(6), leaves=4, walks=12, chosen=25)

    tell(f"{score}")
    assert score.share >= LEAST, score.missed


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_at_least_ninety_five_of_a_hundred_faults_put_into_the_table_are_found(
    tell: Callable[[str], None],
) -> None:
    score = judged(range(40), leaves=5, walks=25, chosen=50)

    tell(f"{score}")
    tell("\n".join(f"{count:5} {kind}" for kind, count in sorted(score.kinds.items())))
    tell(f"missed: {score.missed}")
    assert sum(score.kinds.values()) >= 1_900
    assert score.share >= LEAST, score.missed


def test_a_table_behaves_like_itself_and_not_like_one_with_a_fault() -> None:
    drawing = Drawing(grown(random.Random(3), 4))
    table = Pair(drawing).table
    roles = next(each for each in mutants(table) if each.kind == "a role widened")

    assert alike(table, table, drawing)
    assert not alike(table, roles.table, drawing)
