"""The same diagram and the same walks on the transition table and on SpiffWorkflow, in memory: neither stores anything.

Part of the benchmark `engine`.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deskhand.engine import Actor, Case, Event, TransitionTable, compile_bpmn, plan, possible_events, start
from tests.benchmarks.figures import Row, cpu_seconds_of, interleaved_ratio, spread
from tests.engine.blocks import Block
from tests.engine.drawing import Drawing
from tests.engine.spiff import Oracle, specification

ROUNDS, WALKS = 5, 60
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LIKE_AN_ORDER: Block = (
    "row",
    [
        ("task",),
        ("bounded",),
        ("fork", [("task",), ("row", [("task",), ("bounded",)])]),
        ("choice", [("task",), ("nothing",)]),
        ("task",),
    ],
)
Values = dict[str, int]


@dataclass(frozen=True)
class Move:
    """One step of a walk; `values` are what the conditions read from now on."""

    event: Event
    role: str
    is_message: bool
    values: Values


@dataclass(frozen=True)
class Walk:
    values: Values
    moves: Sequence[Move]


def measure() -> Iterator[Row]:
    drawing = Drawing(LIKE_AN_ORDER)
    table, spiff = compile_bpmn(drawing.xml, "order.bpmn"), specification(drawing.xml)
    ours, theirs = [], []
    for seed in range(ROUNDS):
        walks = [_walk(table, drawing, random.Random(f"{seed} {number}")) for number in range(WALKS)]
        oracles = [Oracle(spiff, dict(walk.values)) for walk in walks]
        steps = sum(len(walk.moves) for walk in walks)
        ours.append(cpu_seconds_of(_again, table, walks) / steps * 1e6)
        theirs.append(cpu_seconds_of(_in_spiff, oracles, walks) / steps * 1e6)
        assert all(oracle.ended for oracle in oracles)
    yield Row("step of the table", statistics.median(ours), "us CPU", spread(ours))
    yield Row("step of SpiffWorkflow", statistics.median(theirs), "us CPU", spread(theirs))
    yield Row(
        "SpiffWorkflow : table",
        interleaved_ratio(theirs, ours),
        "x",
        f"in memory, {steps} steps, {ROUNDS} interleaved rounds",
    )


def _walk(table: TransitionTable, drawing: Drawing, chance: random.Random) -> Walk:
    """From start to end, with chance at every turn."""
    first = _shuffled(drawing, chance)
    marking, moves = start(table, "c1", first, NOW).after, []
    while marking:
        chosen = chance.choice(possible_events(table, marking))
        event, role = Event(chosen.event, node=chosen.node), min(chosen.roles)
        met = {**_shuffled(drawing, chance), **dict.fromkeys(chosen.requires, True)}
        moves.append(Move(event, role, chosen.means == "message", met))
        marking = _step(table, marking, moves[-1])
    return Walk(first, moves)


def _shuffled(drawing: Drawing, chance: random.Random) -> Values:
    return {name: chance.randint(0, 1) for name in drawing.values}


def _step(table: TransitionTable, marking: frozenset[str], move: Move) -> frozenset[str]:
    case = Case("c1", "t1", table.process, 1, marking, 1)
    actor = Actor("u1", move.role, "t1", "chat", "m1")
    return plan(table, [case], move.event, actor, {"c1": move.values}, NOW).changes[0].after


def _again(table: TransitionTable, walks: Sequence[Walk]) -> None:
    for walk in walks:
        marking = start(table, "c1", walk.values, NOW).after
        for move in walk.moves:
            marking = _step(table, marking, move)
        assert not marking


def _in_spiff(oracles: Sequence[Oracle], walks: Sequence[Walk]) -> None:
    """The oracles have been started already: starting them is not counted."""
    for oracle, walk in zip(oracles, walks, strict=True):
        for move in walk.moves:
            oracle.workflow.script_engine.values.update(move.values)
            oracle.send(move.event.name) if move.is_message else oracle.complete(str(move.event.node))
