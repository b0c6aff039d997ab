"""The compiled table and SpiffWorkflow agree on every step of random walks over generated diagrams."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.blocks import BLOCKS, LEAVES, SUBS, TASK, Block, grown
from tests.engine.drawing import Drawing
from tests.engine.walking import Tally, walks

DIAGRAMS, WALKS = 500, 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.integers(0, 2**32))
def test_the_table_and_spiffworkflow_agree_on_a_walk(block: Block, seed: int) -> None:
    walks(Drawing(block), random.Random(seed), times=3)


@pytest.mark.parametrize("kind", [each[0] for each in LEAVES] + [*SUBS, "choice", "decided", "stop", "fork", "loop"])
def test_each_kind_of_block_is_walked_with_the_same_result(kind: str) -> None:
    inner: Block = ("row", [("task",), ("told",)])
    block: Block = (
        (kind,) if (kind,) in LEAVES else (kind, [inner, TASK] if kind in ("choice", "decided") else (inner,))
    )
    block = (kind, [inner, ("bounded",)]) if kind in ("stop", "fork") else block
    tally = Tally()

    walks(Drawing(("row", [TASK, block, TASK])), random.Random(kind), 30, tally)

    assert tally.steps > 30


def compared(diagrams: int, times: int) -> Tally:
    """So many different diagrams; what differs is noted by the seed that shows it."""
    tally, known, seed = Tally(), set(), 0
    while len(known) < diagrams:
        seed += 1
        chance = random.Random(seed)
        drawing = Drawing(grown(chance, chance.randint(2, 12)))
        if drawing.xml in known:
            continue
        known.add(drawing.xml)
        try:
            walks(drawing, chance, times, tally)
        except AssertionError as difference:
            tally.differences.append(f"seed {seed}: {difference}")
    return tally


def test_a_few_diagrams_and_walks_show_no_difference(tell: Callable[[str], None]) -> None:
    tally = compared(40, 5)

    tell(f"{tally}")
    assert tally.differences == []


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_five_hundred_diagrams_and_two_hundred_walks_of_each_show_no_difference(
    tell: Callable[[str], None],
) -> None:
    began = time.process_time()
    tally = compared(DIAGRAMS, WALKS)

    tell(f"{tally}; {time.process_time() - began:.0f} s of processor")
    assert (tally.diagrams, tally.walks) == (DIAGRAMS, DIAGRAMS * WALKS)
    assert tally.differences == []


def test_the_oracle_agrees_on_a_diagram_like_an_order() -> None:
    order: Block = (
        "row",
        [
            ("task",),
            ("bounded sub", (("row", [("bounded",), ("fork", [("task",), ("loop", (("task",),))]), ("task",)]),)),
            ("choice", [("task",), ("nothing",), ("row", [("task",), ("bounded",)])]),
            ("task",),
        ],
    )
    tally = Tally()

    walks(Drawing(order), random.Random(7), 60, tally)

    assert tally.steps > 300
