"""Whether two tables behave alike, looked at exhaustively: a mutant that does is no fault, and no test can find it.

From the start on, every state that a case can reach is tried with every event, every role, every guard met or not, and
every combination of the values that the conditions and rules on the way can read. None of the tests that are being
judged has a part in it. Where there are too many combinations the answer is no: then the mutant counts as not found.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.engine import TIMER, Actor, Case, Change, EngineError, Event, TransitionTable, plan, start
from tests.engine.drawing import ROLES, Drawing
from tests.engine.stepping import NOW

MOST_NAMES, MOST_STATES = 7, 3_000
FAR = NOW + timedelta(days=9_999)
Values = dict[str, int]
State = tuple[frozenset[str], frozenset[str]]


def alike(one: TransitionTable, other: TransitionTable, drawing: Drawing) -> bool:
    names = [*drawing.values, *drawing.decisions]
    if len(names) > MOST_NAMES:
        return False
    comparison = _Comparison(one, other, names, frozenset(drawing.decisions))
    return comparison.same()


class _Comparison:
    def __init__(
        self, one: TransitionTable, other: TransitionTable, names: list[str], decisions: frozenset[str]
    ) -> None:
        self.one, self.other, self.decisions = one, other, decisions
        self.values = [dict(zip(names, each, strict=True)) for each in itertools.product((0, 1), repeat=len(names))]
        both = (*one.transitions, *other.transitions)
        self.guards = sorted({name for each in both for name in each.requires})
        self.events = sorted({each.event for each in both} | {TIMER})
        self.timers = [each.node for each in both if each.means == "timer"]

    def same(self) -> bool:
        begun = [self.begun(each) for each in self.values]
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

    def begun(self, values: Values) -> tuple[Any, Any]:
        return self.started(self.one, values), self.started(self.other, values)

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
        for event, role in itertools.product(tried, (*ROLES, "system", "nobody")):
            for unmet in (None, *self.guards):
                for values in self.values if unmet is None else self.values[:1]:
                    yield tuple(self.step(each, case, event, role, values, unmet) for each in (self.one, self.other))  # type: ignore[misc]  # two of them

    def step(
        self, table: TransitionTable, case: Case, event: Event, role: str, values: Values, unmet: str | None
    ) -> Any:
        facts = {**self.facts(values), **{name: name != unmet for name in self.guards}}
        known = {name: f"given {name}" for node in table.nodes.values() for name in node.fields}
        actor = Actor("u1", role, "t1", "chat", "m1")
        try:
            done = plan(
                table, [case], replace(event, params=known), actor, {"c1": facts}, FAR, decide=self.decider(values)
            )
        except (EngineError, KeyError) as error:
            return str(error)
        return (*done.changes, *done.refusals)[0]

    def facts(self, values: Values) -> Values:
        return {name: value for name, value in values.items() if name not in self.decisions}

    def decider(self, values: Values) -> Any:
        return lambda name, given: {name: values[name]}


def _state(change: Change) -> State:
    """Where it is, and which of its timers have fired: when the others are due makes no difference to what can be."""
    due = change.data.get("_due", {})
    return change.after, frozenset(each for each, moment in due.items() if moment is None)
