"""Whether a compiled table lets happen what the file allows and nothing else: every marking, event, role and guard."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from deskhand.engine import Actor, Case, Change, DecisionFailed, Event, NoPath, Refusal, TransitionTable, plan, start
from tests.engine.reading import Marking, Reading, Way
from tests.engine.stepping import NOW

ROLES = ("admin", "clerk", "customer", "finance", "manager", "sales", "system", "warehouse", "nobody", "")
STRANGE = ("no_such_event", "")
TRIES = 12
Facts = dict[str, Any]
Decide = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Question:
    """Somebody tries something at a marking; `node` where they say at which node they mean it."""

    marking: Marking
    event: str
    role: str
    unmet: str | None = None
    node: str | None = None


class Checker:
    """One file, read twice: compiled by the engine and by `Reading`.

    Args:
        everything: at each marking also what can happen at others only, and each event as meant for each node.
    """

    def __init__(
        self, table: TransitionTable, reading: Reading, decide: Decide, seed: int = 0, *, everything: bool = False
    ) -> None:
        self.everything = everything
        self.table, self.reading, self.decide = table, reading, decide
        self.chance = random.Random(seed)
        self.names = sorted({name for each in table.conditions.values() for name in each.names})
        texts = [part for each in table.conditions.values() for part in each.text.split('"')[1::2]]
        self.candidates = [0, 1, 1_000_000, True, False, None, *sorted(set(texts))]
        self.asked = self.happened = self.markings = 0

    def differences(self, markings: Collection[Marking]) -> Iterator[str]:
        """What happens that should not, and what does not happen that should; none is what a test wants."""
        yield from self.beginnings()
        roles = sorted({*ROLES, *(role for marking in markings for way in self.ways(marking) for role in way.roles)})
        for marking in sorted(markings, key=sorted):
            self.markings += 1
            for event, node in self.events(markings if self.everything else [marking]):
                of_event = [way for way in self.ways(marking) if way.event == event and node in (None, way.node)]
                guards = dict.fromkeys(name for way in of_event for name in way.requires)
                for role in roles:
                    for unmet in (None, *guards):
                        yield from self.answered(Question(marking, event, role, unmet, node), of_event)

    def beginnings(self) -> Iterator[str]:
        """Where a case begins, whatever starts it, and what it shows there."""
        allowed = self.reading.begun()
        for node in self.table.starts:
            for _ in range(TRIES):
                try:
                    change = start(self.table, "c1", self.facts(), NOW, event=node.id, decide=self.decided)
                except NoPath:
                    continue
                if change.after not in allowed:
                    yield f"{node.id} begins at {sorted(change.after)}"
                if change.after and change.status != self.reading.status(change.after):
                    yield f"{node.id} begins and shows {change.status}"

    def ways(self, marking: Marking) -> list[Way]:
        return self.reading.ways(marking)

    def events(self, markings: Collection[Marking]) -> list[tuple[str, str | None]]:
        """What may happen at one of them, and what may at none; with everything, at each node by its name as well."""
        ways = [way for marking in markings for way in self.ways(marking)]
        names = [*(way.event for way in ways), *STRANGE]
        found: list[tuple[str, str | None]] = [(event, None) for event in names]
        if self.everything:
            found += [(event, node) for event in names for node in (*(way.node for way in ways), "no_such_node")]
        return list(dict.fromkeys(found))

    def answered(self, question: Question, ways: list[Way]) -> Iterator[str]:
        allowed = [each for each in ways if question.role in each.roles]
        open_now = [each for each in allowed if question.unmet not in each.requires]
        happened = False
        for _ in range(TRIES if open_now else 1):
            result = self.tried(question)
            self.asked += 1
            if isinstance(result, Change):
                happened = True
                self.happened += 1
                yield from self.wrong(question, result, open_now)
            elif not open_now:
                yield from self.wrongly_refused(question, result, ways, allowed)
            elif result.code != "no_path":
                yield f"{question} is refused as {result.code}"
        possible = any(self.reading.after(question.marking, each.node) for each in open_now)
        if possible and not happened:
            yield f"{question} never happens"

    def wrong(self, question: Question, change: Change, allowed: list[Way]) -> Iterator[str]:
        way = next((each for each in allowed if each.node == change.node), None)
        if way is None:
            yield f"{question} happens at {change.node}"
            return
        if change.after not in self.reading.after(question.marking, way.node):
            yield f"{question} leads to {sorted(change.after)}"
        if change.after and change.status != self.reading.status(change.after):
            yield f"{question} shows {change.status}"
        kept = self.reading.said(way.node, "wait", "fields").split()
        if any(change.data.get(name) != f"given {name}" for name in kept):
            yield f"{question} forgets one of {kept}"

    def wrongly_refused(
        self, question: Question, refusal: Refusal, ways: list[Way], allowed: list[Way]
    ) -> Iterator[str]:
        expected = "not_now" if not ways else question.unmet if allowed else "role_not_allowed"
        if refusal.code != expected:
            yield f"{question} is refused as {refusal.code}, not {expected}"

    def tried(self, question: Question) -> Change | Refusal:
        facts = self.facts()
        facts |= {name: name != question.unmet for each in self.table.transitions for name in each.requires}
        moments = {n.timer.fact: NOW for n in self.table.nodes.values() if n.timer is not None and n.timer.fact}
        running = [n.id for n in self.table.nodes.values() if n.host and n.timer and not n.timer.fact]
        data = {"_due": {each: NOW.isoformat() for each in running}} if running else {}
        case = Case("c1", "t1", self.table.process, 1, question.marking, 1, None, data)
        fields = {name: f"given {name}" for node in self.table.nodes.values() for name in node.fields}
        event = Event(question.event, fields, question.node)
        done = plan(
            self.table, [case], event, Actor("u1", question.role, "t1", "chat", "m1"),
            {"c1": {**facts, **moments}}, NOW + timedelta(days=1), decide=self.decided,
        )  # fmt: skip
        return (*done.changes, *done.refusals)[0]

    def facts(self) -> Facts:
        return {name: self.chance.choice(self.candidates) for name in self.names}

    def decided(self, name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the file's own rules say; at times nothing, and anything that a condition could read beside it."""
        if self.chance.random() < 0.1:
            raise DecisionFailed("as it may happen")
        return self.decide(name, values)
