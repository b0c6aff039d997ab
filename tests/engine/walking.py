"""Random walks: the compiled table and SpiffWorkflow side by side, each step noted, so that it can be walked again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deskhand.engine import (
    TIMER,
    Actor,
    Case,
    Change,
    Event,
    Means,
    Refusal,
    Transition,
    TransitionTable,
    compile_bpmn,
    plan,
    possible_events,
    start,
)
from tests.engine.drawing import AWAITED, Drawing
from tests.engine.spiff import Oracle, specification
from tests.engine.stepping import NOW

LONGEST_WALK = 25
Values = dict[str, int]
CHANCE_OF_TIME = 0.5


@dataclass(frozen=True)
class Move:
    """One step: what happened, when, by whom, and what the conditions read from then on. No event: time has passed."""

    event: Event
    role: str
    values: Values
    now: datetime


@dataclass(frozen=True)
class Seen:
    """What both sides show after a step."""

    waiting: tuple[str, ...]
    passed: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """A walk as it was: what was there at first, and after each move."""

    values: Values
    first: Seen
    steps: tuple[tuple[Move, Seen], ...]


@dataclass
class Tally:
    """What a run has compared."""

    diagrams: int = 0
    walks: int = 0
    steps: int = 0
    refused: int = 0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"SpiffWorkflow as oracle: {self.diagrams} diagrams, {self.walks} walks, {self.steps} steps, "
            f"{len(self.differences)} differences ({self.refused} events not told: a place holds one token)"
        )


class Walker:
    """One case of a diagram on the compiled table."""

    def __init__(self, table: TransitionTable, drawing: Drawing, values: Values) -> None:
        self.table, self.drawing = table, drawing
        self.now = NOW
        self.case = Case("c1", "t1", "p", 1, frozenset(), 1)
        self.values = values
        self.passed: list[str] = []
        self.heard: set[str] = set()
        self.take(start(table, "c1", self.facts, NOW, decide=self.decide))

    @property
    def facts(self) -> dict[str, Any]:
        """What the conditions read, and every guard met; what rules decide is no fact."""
        known = {name: value for name, value in self.values.items() if name not in self.drawing.decisions}
        return {**known, **{name: True for each in self.table.transitions for name in each.requires}}

    def decide(self, name: str, values: Any) -> dict[str, Any]:
        self.passed.append(name)
        return {name: self.values[name]}

    def take(self, change: Change) -> None:
        """Effects join the decisions that were passed on the way."""
        data = dict(change.data)
        self.case = Case("c1", "t1", "p", 1, change.after, self.case.row_version + 1, change.due_at, data)
        self.passed += [
            each.node for each in change.effects if self.table.nodes[each.node].effect not in (None, AWAITED)
        ]

    def seen(self) -> Seen:
        waiting = sorted(node.id for node in self.table.waiting if node.id in self.case.marking)
        return Seen(tuple(waiting), tuple(sorted(self.passed)))

    def choices(self) -> list[Transition]:
        """What may come next. SpiffWorkflow hears a message that does not interrupt once while its task waits."""
        due = self.case.due_at is not None
        ways = possible_events(self.table, self.case.marking)
        return [each for each in ways if (due or each.means is not Means.TIMER) and each.node not in self.heard]

    def move(self, chosen: Transition, chance: random.Random, values: Values) -> Move:
        if chosen.means is Means.TIMER:
            assert self.case.due_at is not None
            return Move(Event(TIMER), "system", values, self.case.due_at + timedelta(seconds=1))
        event = Event(chosen.event, {name: 1 for name in self.table.nodes[chosen.node].fields}, chosen.node)
        return Move(event, chance.choice(sorted(chosen.roles)), values, self.now)

    def go(self, move: Move) -> Refusal | None:
        """Of a moment all timers that are due by then."""
        self.values, self.now, self.passed = move.values, move.now, []
        first = True
        while first or move.event.name == TIMER:
            result = self.step(move)
            if isinstance(result, Refusal):
                return result if first else None
            self.take(result)
            self.hear(result)
            first = False
        return None

    def hear(self, change: Change) -> None:
        nodes = self.table.nodes
        self.heard = {
            each for each in self.heard if nodes[each].host in change.after and nodes[each].host != change.node
        }
        if nodes[change.node].host and not nodes[change.node].interrupting:
            self.heard.add(change.node)

    def step(self, move: Move) -> Change | Refusal:
        actor = Actor("u1", move.role, "t1", "chat", "m1")
        done = plan(self.table, [self.case], move.event, actor, {"c1": self.facts}, move.now, decide=self.decide)
        return (*done.changes, *done.refusals)[0]


class Pair:
    """A diagram on both sides."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.table = compile_bpmn(drawing.xml, "generated.bpmn")
        self.spiff = specification(drawing.for_spiff)

    def walk(self, chance: random.Random, tally: Tally) -> Trace:
        """AssertionError where the two differ."""
        values = self.shuffled(chance)
        ours, theirs = Walker(self.table, self.drawing, values), Oracle(self.spiff, values, NOW)
        first, steps = self.agree(ours, theirs), []
        for _ in range(LONGEST_WALK):
            choices = ours.choices()
            if not choices:
                break
            chosen = chance.choice(choices)
            move = ours.move(chosen, chance, self.shuffled(chance))
            refusal = ours.go(move)
            if refusal is not None:
                assert "already holds a token" in refusal.detail, refusal
                tally.refused += 1
                continue
            self.tell(theirs, chosen, move)
            steps.append((move, self.agree(ours, theirs)))
        tally.walks += 1
        tally.steps += len(steps)
        return Trace(values, first, tuple(steps))

    def shuffled(self, chance: random.Random) -> Values:
        return {name: chance.randint(0, 1) for name in (*self.drawing.values, *self.drawing.decisions)}

    def tell(self, oracle: Oracle, chosen: Transition, move: Move) -> None:
        oracle.scripts.values = move.values
        if chosen.means is Means.TIMER:
            oracle.at(move.now)
        elif chosen.means is Means.MESSAGE or chosen.node.startswith("q"):
            oracle.send(chosen.event)
        elif chosen.means is Means.ERROR:
            oracle.fail(chosen.event)
        else:
            oracle.complete(chosen.node)

    def agree(self, ours: Walker, theirs: Oracle) -> Seen:
        seen = ours.seen()
        waiting, passed, ended = theirs.waiting(), theirs.reached(), theirs.ended
        assert list(seen.waiting) == waiting, f"{seen.waiting} and {waiting} wait"
        assert list(seen.passed) == passed, f"{seen.passed} and {passed} were passed"
        assert (not ours.case.marking) is ended, f"{sorted(ours.case.marking)} and {ended}"
        return seen


def walks(drawing: Drawing, chance: random.Random, times: int, tally: Tally | None = None) -> Sequence[Trace]:
    """Both sides, so many times."""
    tally = tally if tally is not None else Tally()
    pair = Pair(drawing)
    tally.diagrams += 1
    return [pair.walk(chance, tally) for _ in range(times)]
