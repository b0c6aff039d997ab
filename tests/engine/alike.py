"""Whether two tables behave alike, looked at exhaustively: a mutant that does is no fault, and no test can find it.

From the start on, every state that a case can reach is tried with every event, every role, every guard met or not, and
every combination of the values that the conditions and rules on the way read: what nothing reads can make no
difference, so both are watched while they go, and only of what was read each other value is tried as well. None of the
tests that are being judged has a part in it. Where there are too many states the answer is no: then the mutant counts
as not found.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.engine import (
    TIMER,
    Actor,
    Case,
    Change,
    EngineError,
    Event,
    TransitionTable,
    plan,
    possible_events,
    start,
)
from tests.engine.drawing import ROLES, Drawing
from tests.engine.stepping import NOW

MOST_STATES = 3_000
FAR = NOW + timedelta(days=9_999)
Values = dict[str, int]
State = tuple[frozenset[str], frozenset[str]]
Attempt = Callable[[TransitionTable, Values], Any]


def alike(one: TransitionTable, other: TransitionTable, drawing: Drawing) -> bool:
    return _Comparison(one, other, drawing).same()


class _Comparison:
    def __init__(self, one: TransitionTable, other: TransitionTable, drawing: Drawing) -> None:
        self.read: dict[str, None] = {}
        self.one, self.other = self.watched(one), self.watched(other)
        self.decisions = frozenset(drawing.decisions)
        self.nothing = dict.fromkeys((*drawing.values, *drawing.decisions), 0)
        both = (*one.transitions, *other.transitions)
        self.guards = {name for each in both for name in each.requires}
        self.events = sorted({each.event for each in both} | {TIMER})
        self.timers = [each.node for each in both if each.means == "timer"]
        self.fields = {name: f"given {name}" for node in one.nodes.values() for name in node.fields}

    def watched(self, table: TransitionTable) -> TransitionTable:
        """The same table; what its conditions read is noted in `read`."""

        def noting(names: frozenset[str], evaluate: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def noted(values: Any) -> Any:
                self.read.update(dict.fromkeys(sorted(names)))
                return evaluate(values)

            return noted

        conditions = {
            flow: replace(each, evaluate=noting(each.names, each.evaluate)) for flow, each in table.conditions.items()
        }
        return replace(table, conditions=conditions)

    def same(self) -> bool:
        begun = list(self.both(self.started))
        if any(one != other for one, other in begun):
            return False
        seen = {_state(one) for one, _ in begun if isinstance(one, Change)}
        ahead = list(seen)
        while ahead:
            for one, other in self.steps(*ahead.pop()):
                if one != other:
                    return False
                if isinstance(one, Change) and (state := _state(one)) not in seen:
                    seen.add(state)
                    ahead.append(state)
            if len(seen) > MOST_STATES:
                return False
        return True

    def both(self, attempt: Attempt) -> Iterator[tuple[Any, Any]]:
        """What either makes of it, for every combination of the values that one of them reads."""
        ahead: list[Values] = [{}]
        while ahead:
            known = ahead.pop()
            self.read = {}
            yield tuple(attempt(each, self.nothing | known) for each in (self.one, self.other))  # type: ignore[misc]  # two of them
            for name in self.read:
                if name not in known:
                    ahead.append({**known, name: 1})
                    known = {**known, name: 0}

    def started(self, table: TransitionTable, values: Values) -> Any:
        try:
            return start(table, "c1", self.facts(values), NOW, decide=self.decider(values))
        except (EngineError, KeyError) as error:
            return str(error)

    def steps(self, marking: frozenset[str], fired: frozenset[str]) -> Iterator[tuple[Any, Any]]:
        """What both make of everything that can be tried at a state."""
        due = {each: None if each in fired else NOW.isoformat() for each in self.timers}
        case = Case("c1", "t1", "p", 1, marking, 1, NOW, {"_due": due})
        tried = [Event(each, {}, node) for each in self.events for node in (self.timers if each == TIMER else [None])]
        for event in tried:
            guards = self.guards_of(event, marking)
            for role, unmet in itertools.product((*ROLES, "system", "nobody"), (None, *guards)):
                yield from self.both(self.stepping(case, replace(event, params=self.fields), role, unmet))

    def guards_of(self, event: Event, marking: frozenset[str]) -> list[str]:
        """The guards on the ways that either table has on from here, for an event: the others are not looked at."""
        ways = (way for table in (self.one, self.other) for way in possible_events(table, marking))
        return sorted({name for way in ways if event.name in (TIMER, way.event) for name in way.requires})

    def stepping(self, case: Case, event: Event, role: str, unmet: str | None) -> Attempt:
        actor = Actor("u1", role, "t1", "chat", "m1")
        met = {name: name != unmet for name in self.guards}

        def step(table: TransitionTable, values: Values) -> Any:
            facts = {**self.facts(values), **met}
            try:
                done = plan(table, [case], event, actor, {"c1": facts}, FAR, decide=self.decider(values))
            except (EngineError, KeyError) as error:
                return str(error)
            return (*done.changes, *done.refusals)[0]

        return step

    def facts(self, values: Values) -> Values:
        return {name: value for name, value in values.items() if name not in self.decisions}

    def decider(self, values: Values) -> Any:
        def decide(name: str, given: Any) -> dict[str, int]:
            result = {name: values[name]}
            self.read[name] = None
            return result

        return decide


def _state(change: Change) -> State:
    """Where it is, and which of its timers have fired: when the others are due makes no difference to what can be."""
    due = change.data.get("_due", {})
    return change.after, frozenset(each for each, moment in due.items() if moment is None)
