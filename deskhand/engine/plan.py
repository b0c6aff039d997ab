"""Cases + event -> changes and refusals. Pure: the clock, the facts and the decisions are handed in.

Cases with the same marking and the same relevant facts share one walk, so that ten thousand cost little more than
one. Guards (`requires`) read only the facts of the caller; conditions and decisions read the case's data, with the
facts over it. Of an event's parameters the case keeps those that the node lists as `fields`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskhand.engine import case as codes
from deskhand.engine import timers
from deskhand.engine.case import SYSTEM, TIMER, Actor, Case, Change, Effect, Event, Facts, Plan, Refusal
from deskhand.engine.errors import NoPath
from deskhand.engine.explained import Explained
from deskhand.engine.model import Node
from deskhand.engine.table import Means, Transition, TransitionTable
from deskhand.engine.walk import Decide, Walk

NOTHING: Facts = {}
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class WaitNode:
    """Where a case waits, for which event, and for whom."""

    id: str
    name: str
    event: str
    role: str
    status: str | None
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step does to every case that agrees in marking and relevant facts."""

    after: frozenset[str]
    node: str
    event: str
    status: str | None
    kept: Facts
    effects: tuple[Effect, ...]
    timers: tuple[Node, ...]
    fresh: frozenset[str]
    fired: str
    decided: tuple[Explained, ...] = ()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a step is not taken."""

    code: str
    node: str | None
    detail: str
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Offer:
    """The transitions that an event can take from a marking, and the names on which the choice can depend."""

    transitions: tuple[Transition, ...]
    guards: tuple[str, ...]
    reads: tuple[str, ...]
    decides: bool
    status: str | None
    expected: tuple[str, ...]


def plan(
    table: TransitionTable,
    cases: Sequence[Case],
    event: Event,
    actor: Actor,
    facts: Mapping[str, Facts],
    now: datetime,
    *,
    automatic: Collection[str] = (),
    decide: Decide | None = None,
) -> Plan:
    """What an event does to cases, without doing it.

    Args:
        facts: by case id.
        automatic: ids of the nodes at which the role `system` may act as well.
        decide: gives the result of a decision by name, such as `Decisions.decide`, or `Decisions.explain` where the
            rules that applied are to come with the change.
    """
    planner = _Planner(table, event, actor, now, frozenset(automatic), decide)
    results = [planner.step(case, facts.get(case.id, NOTHING)) for case in cases]
    return Plan(
        tuple(each for each in results if isinstance(each, Change)),
        tuple(each for each in results if isinstance(each, Refusal)),
    )


class _Planner:
    def __init__(
        self,
        table: TransitionTable,
        event: Event,
        actor: Actor,
        now: datetime,
        automatic: frozenset[str],
        decide: Decide | None,
    ) -> None:
        self.table, self.event, self.actor, self.now = table, event, actor, now
        self.automatic, self.decide = automatic, decide
        self.offers: dict[frozenset[str], _Offer] = {}
        self.outcomes: dict[Hashable, Outcome | Obstacle] = {}

    def step(self, case: Case, facts: Facts) -> Change | Refusal:
        offer = self.offers.get(case.marking)
        if offer is None:
            offer = self.offers[case.marking] = self.offer(case.marking)
        if case.tenant != self.actor.tenant:
            return self.refusal(case, offer, Obstacle(codes.WRONG_TENANT, None, "the case is another tenant's"))
        outcome = self.outcome(case, facts, offer)
        if isinstance(outcome, Obstacle):
            return self.refusal(case, offer, outcome)
        return change_of(case, outcome, facts, self.now)

    def offer(self, marking: frozenset[str]) -> _Offer:
        """Of an event that is possible there it is found once."""
        standing = self.table.standing(marking)
        key = (self.event.name, self.event.node)
        known: _Offer | None = standing.offers.get(key)
        if known is None:
            known = self.offered(standing.ways, standing.status)
            if known.transitions:
                standing.offers[key] = known
        return known

    def offered(self, possible: tuple[Transition, ...], status: str | None) -> _Offer:
        found = tuple(each for each in possible if self.answers(each))
        return _Offer(
            found,
            tuple({name: None for each in found for name in each.requires}),
            tuple({name: None for each in found for name in sorted(each.reads)}),
            any(each.decides for each in found),
            status,
            tuple(dict.fromkeys(each.event for each in possible if each.roles != {SYSTEM})),
        )

    def answers(self, transition: Transition) -> bool:
        named = TIMER if transition.means is Means.TIMER else transition.event
        return named == self.event.name and self.event.node in (None, transition.node)

    def outcome(self, case: Case, facts: Facts, offer: _Offer) -> Outcome | Obstacle:
        due = timers.due_now(self.table, case, facts, self.now) if self.event.name == TIMER else frozenset()
        key = self.key(case, facts, offer, due)
        if key is None:
            return self.decided(case, facts, offer, due)
        found = self.outcomes.get(key)
        if found is None:
            found = self.outcomes[key] = self.decided(case, facts, offer, due)
        return found

    def key(self, case: Case, facts: Facts, offer: _Offer, due: frozenset[str]) -> Hashable | None:
        """What the outcome can depend on; None where it cannot be known beforehand."""
        if offer.decides:
            return None
        guards = tuple([_holds(facts.get(name)) for name in offer.guards])
        reads = tuple([facts.get(name, case.data.get(name, _ABSENT)) for name in offer.reads])
        key = (case.marking, guards, tuple(map(type, reads)), reads, due)
        try:
            hash(key)
        except TypeError:
            return None
        return key

    def decided(self, case: Case, facts: Facts, offer: _Offer, due: frozenset[str]) -> Outcome | Obstacle:
        transitions = [each for each in offer.transitions if each.means is not Means.TIMER or each.node in due]
        if not transitions:
            return Obstacle(codes.NOT_NOW, None, f"{self.event.name} is not possible now")
        allowed = [each for each in transitions if self.may(each)]
        if not allowed:
            return Obstacle(codes.ROLE_NOT_ALLOWED, transitions[0].node, f"{self.actor.role} may not do this")
        unmet = {each.node: _unmet(each, facts) for each in allowed}
        ready = [each for each in allowed if not unmet[each.node]]
        if not ready:
            node = allowed[0].node
            return Obstacle(unmet[node][0], node, " ".join(unmet[node]), unmet[node])
        return self.walked(case, facts, ready[0])

    def may(self, transition: Transition) -> bool:
        if self.actor.role in transition.roles:
            return True
        return self.actor.role == SYSTEM and transition.node in self.automatic

    def walked(self, case: Case, facts: Facts, transition: Transition) -> Outcome | Obstacle:
        node = self.table.nodes[transition.node]
        walk = Walk(self.table, case.marking - transition.takes, {**case.data, **facts}, self.event.params, self.decide)
        walk.keep(_kept(transition, node, self.event.params))
        try:
            walk.leave(node)
        except NoPath as error:
            return Obstacle(codes.NO_PATH, error.node, str(error))
        fired = node.id if transition.means is Means.TIMER else ""
        return outcome_of(self.table, walk, node.id, node.event or self.event.name, fired)

    def refusal(self, case: Case, offer: _Offer, obstacle: Obstacle) -> Refusal:
        return Refusal(
            case.id, obstacle.code, obstacle.node, offer.status, offer.expected, obstacle.detail, obstacle.unmet
        )


def possible_events(table: TransitionTable, marking: frozenset[str]) -> tuple[Transition, ...]:
    """Every way on from a marking, timers and finished effects included, in document order."""
    return table.standing(marking).ways


def waiting(table: TransitionTable, case: Case) -> tuple[WaitNode, ...]:
    """Where a case waits, and for whom; a token that waits for others before a join is not shown."""
    return tuple(
        WaitNode(node.id, node.name, node.event, " ".join(sorted(node.roles)) or SYSTEM, node.status, node.requires)
        for node in table.waiting
        if node.id in case.marking
    )


def _kept(transition: Transition, node: Node, params: Facts) -> dict[str, Any]:
    """Of an event the fields that the node lists; of an effect or a called process that is done all that it brought,
    where the node lists none: the worker reports it, and the file of the outside system says what it is.
    """
    if transition.means is Means.DONE and not node.fields:
        return dict(params)
    return {name: params[name] for name in node.fields if name in params}


def _holds(value: Any) -> bool | None:
    return None if value is None else value is True


def _unmet(transition: Transition, facts: Facts) -> tuple[str, ...]:
    unmet = []
    for name in transition.requires:
        value = facts.get(name)
        if value is not True:
            unmet.append(codes.MISSING + name if value is None else name)
    return tuple(unmet)


def outcome_of(table: TransitionTable, walk: Walk, node: str, event: str, fired: str = "") -> Outcome:
    after = frozenset(walk.marking)
    standing = table.standing(after)
    status = standing.status if after else walk.end_status
    return Outcome(
        after, node, event, status, walk.kept, tuple(walk.effects), standing.timers,
        frozenset(walk.entered), fired, tuple(walk.decided),
    )  # fmt: skip


def change_of(case: Case, outcome: Outcome, facts: Facts, now: datetime) -> Change:
    data, due_at = case.data, None
    if outcome.kept:
        data = {**data, **outcome.kept}
    if outcome.timers or timers.KEPT in data:
        data = _with_timers(case.data, data, outcome, now)
        due_at = timers.next_due(outcome.timers, data, facts)
    return Change(
        case.id, case.row_version, case.marking, outcome.after, outcome.node, outcome.event, outcome.status, due_at,
        data, outcome.effects, not outcome.after, case.due_at, case.data, outcome.decided,
    )  # fmt: skip


def _with_timers(before: Facts, data: Facts, outcome: Outcome, now: datetime) -> dict[str, Any]:
    kept = timers.kept(outcome.timers, outcome.fresh, outcome.fired, before, now)
    rest = {name: value for name, value in data.items() if name != timers.KEPT}
    return {**rest, timers.KEPT: kept} if kept else rest
