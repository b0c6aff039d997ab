"""The compiled table and SpiffWorkflow agree on every step of random walks over generated diagrams."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskhand.engine import Actor, Case, Event, TransitionTable, compile_bpmn, plan, possible_events, start
from deskhand.engine.model import Kind
from deskhand.engine.table import Transition
from tests.engine.blocks import BLOCKS, Block, Drawing
from tests.engine.spiff import Oracle, specification
from tests.engine.test_plan import NOW

CLERK = Actor("u1", "clerk", "t1", "chat", "m1")
LONGEST_WALK = 25


def people(table: TransitionTable, marking: frozenset[str]) -> list[str]:
    return sorted(node.id for node in table.waiting if node.id in marking and node.kind is Kind.USER)


def shuffle(drawing: Drawing, chance: random.Random, values: dict[str, int]) -> None:
    values.update({name: chance.randint(0, 1) for name in drawing.values})


def tell(oracle: Oracle, transition: Transition) -> None:
    oracle.send(transition.event) if transition.means == "message" else oracle.complete(transition.node)


def walks(drawing: Drawing, chance: random.Random, times: int) -> int:
    """Walk both; returns the number of steps that were compared."""
    table = compile_bpmn(drawing.xml, "generated.bpmn")
    spiff = specification(drawing.xml)
    return sum(walk(drawing, table, spiff, chance) for _ in range(times))


def walk(drawing: Drawing, table: TransitionTable, spiff: Any, chance: random.Random) -> int:
    values: dict[str, int] = {}
    shuffle(drawing, chance, values)
    oracle = Oracle(spiff, values)
    marking = start(table, "c1", values, NOW).after
    for step in range(LONGEST_WALK):
        assert people(table, marking) == oracle.waiting()
        assert (not marking) is oracle.ended
        if not marking:
            return step
        chosen = chance.choice(possible_events(table, marking))
        shuffle(drawing, chance, values)
        case = Case("c1", "t1", "p", 1, marking, 1)
        (change,) = plan(table, [case], Event(chosen.event, node=chosen.node), CLERK, {"c1": values}, NOW).changes
        tell(oracle, chosen)
        marking = change.after
    return LONGEST_WALK


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.integers(0, 2**32))
def test_the_table_and_spiffworkflow_agree_on_a_walk(block: Block, seed: int) -> None:
    walks(Drawing(block), random.Random(seed), times=3)


@pytest.mark.full
@pytest.mark.timeout(3600)
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(BLOCKS, st.integers(0, 2**32))
def test_the_table_and_spiffworkflow_agree_on_two_hundred_walks_of_each_diagram(block: Block, seed: int) -> None:
    walks(Drawing(block), random.Random(seed), times=200)


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
    assert walks(Drawing(order), random.Random(7), times=60) > 300
