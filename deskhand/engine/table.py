"""`ProcessModel` -> `TransitionTable`: which events a marking allows, and all that a step has to look up.

Places are the nodes on which a token rests, and the flows on which a token waits for the others before a join.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from deskhand.engine import bpmn, profile
from deskhand.engine.case import SYSTEM
from deskhand.engine.errors import ProcessRefused
from deskhand.engine.feel import Expression, compile_expression
from deskhand.engine.model import ENDS, PERSON_TASKS, Flow, Kind, Node, ProcessModel, Trigger

MOST_STANDINGS = 4_096
"""How many markings of a process are remembered; more than any has but by several tokens at once."""


class Means(StrEnum):
    """What lets a transition happen."""

    TASK = "task"
    MESSAGE = "message"
    TIMER = "timer"
    ERROR = "error"
    DONE = "done"  # the effect or the called process has finished


@dataclass(frozen=True, slots=True)
class Transition:
    """One way on. It is possible while one of `places` is marked; `takes` are the places that it empties.

    `reads` are the names on which what follows can depend; `decides` says that a decision is asked on the way.
    """

    node: str
    event: str
    means: Means
    roles: frozenset[str]
    requires: tuple[str, ...]
    places: frozenset[str]
    takes: frozenset[str]
    reads: frozenset[str]
    decides: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds wherever a case has one marking: every way on, the timers that run, the status shown.

    `offers` is the planner's, by event and node: it finds there what it found before.
    """

    ways: tuple[Transition, ...]
    timers: tuple[Node, ...]
    status: str | None
    offers: dict[tuple[str, str | None], Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class TransitionTable:
    """A compiled process. Its version is not in the file; whoever publishes it knows it."""

    process: str
    name: str
    source: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    conditions: Mapping[str, Expression]
    transitions: tuple[Transition, ...]
    within: Mapping[str, frozenset[str]]
    starts: tuple[Node, ...]
    waiting: tuple[Node, ...]
    statuses: tuple[str, ...]
    hosted: Mapping[str, tuple[Node, ...]]
    inner_start: Mapping[str, Node]
    _standings: dict[frozenset[str], Standing] = field(default_factory=dict, init=False, repr=False, compare=False)

    def standing(self, marking: frozenset[str]) -> Standing:
        """Found once for each marking, and kept."""
        found = self._standings.get(marking)
        if found is None:
            if len(self._standings) >= MOST_STANDINGS:
                self._standings.clear()
            found = self._standings[marking] = self._stand(marking)
        return found

    def _stand(self, marking: frozenset[str]) -> Standing:
        ways = tuple(each for each in self.transitions if not each.places.isdisjoint(marking))
        timers = tuple(self.nodes[each.node] for each in ways if each.means is Means.TIMER)
        status = next((node.status for node in self.waiting if node.status and node.id in marking), None)
        return Standing(ways, timers, status)

    def node_for_status(self, status: str) -> str:
        """The first node that waits in this status, else the end that shows it; KeyError where there is none."""
        ends = [node for node in self.nodes.values() if node.kind in ENDS]
        for node in (*self.waiting, *ends):
            if node.status == status:
                return node.id
        raise KeyError(status)


def compile_process(
    model: ProcessModel, *, effects: Collection[str] | None = None, decisions: Collection[str] | None = None
) -> TransitionTable:
    """The table of a model; raises ProcessRefused with every fault of the graph.

    Args:
        effects: the effects that service tasks may name; None allows any.
        decisions: the decisions that business-rule tasks may name; None allows any.
    """
    faults = profile.faults_of(model, effects=effects, decisions=decisions)
    if faults:
        raise ProcessRefused(model.source, tuple(faults))
    return _Compiler(model).table()


def compile_bpmn(
    xml: bytes,
    source: str,
    *,
    effects: Collection[str] | None = None,
    decisions: Collection[str] | None = None,
    awaited: Collection[str] = (),
) -> TransitionTable:
    """File to table in one step; raises ProcessRefused with the faults of elements and graph together.

    Args:
        effects: the effects that service tasks may name; None allows any.
        decisions: the decisions that business-rule tasks may name; None allows any.
        awaited: the effects whose outcome a case always waits for, as those that bring something back.
    """
    model, faults = bpmn.read(xml, source)
    model = model.awaiting(awaited)
    graph = profile.faults_of(model, effects=effects, decisions=decisions)
    if faults:
        told = {fault.element_id for fault in faults}
        faults = [*faults, *(fault for fault in graph if fault.element_id not in told)]
        raise ProcessRefused(source, tuple(sorted(faults, key=lambda fault: fault.line)))
    return compile_process(model, effects=effects, decisions=decisions)


class _Compiler:
    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self.nodes = model.nodes
        self.rests = {each for each, node in model.nodes.items() if profile.waits(model, node)}
        self.conditions = {
            each: compile_expression(flow.condition) for each, flow in model.flows.items() if flow.condition
        }

    def table(self) -> TransitionTable:
        nodes = self.nodes.values()
        within = {node.id: self.places_of(node.id) for node in nodes if node.kind is Kind.SUBPROCESS}
        waiting = tuple(node for node in nodes if node.id in self.rests)
        shown = [node.status for node in (*waiting, *(node for node in nodes if node.kind in ENDS)) if node.status]
        hosted: dict[str, tuple[Node, ...]] = {}
        for node in nodes:
            if node.kind is Kind.BOUNDARY:
                hosted[node.host] = (*hosted.get(node.host, ()), node)
        starts = [node for node in nodes if node.kind is Kind.START]
        return TransitionTable(
            self.model.id, self.model.name, self.model.source, self.nodes, self.model.flows, self.conditions,
            tuple(self.transition(node, within) for node in nodes if self.moves(node)), within,
            tuple(node for node in starts if not node.scope), waiting, tuple(dict.fromkeys(shown)), hosted,
            {node.scope: node for node in starts if node.scope},
        )  # fmt: skip

    def places_of(self, scope: str) -> frozenset[str]:
        inner = {node.id for node in self.nodes.values() if node.scope == scope}
        joins = {each for node in inner if self.nodes[node].kind is Kind.PARALLEL for each in self.nodes[node].incoming}
        return frozenset((inner & self.rests) | joins)

    def moves(self, node: Node) -> bool:
        caught = node.kind is Kind.BOUNDARY and self.nodes[node.host].kind is not Kind.RULE
        return node.id in self.rests or caught

    def transition(self, node: Node, within: Mapping[str, frozenset[str]]) -> Transition:
        places = within.get(node.host) or frozenset({node.host or node.id})
        reads, decides = self.footprint(node)
        asked = node.kind in PERSON_TASKS or node.trigger is Trigger.MESSAGE
        return Transition(
            node.id, node.event, _means(node), node.roles if asked else frozenset({SYSTEM}), node.requires,
            places, places if node.interrupting else frozenset(), reads, decides,
        )  # fmt: skip

    def footprint(self, origin: Node) -> tuple[frozenset[str], bool]:
        """What the way from here to the next places can read."""
        reads: set[str] = set()
        seen = {origin.id}
        ahead = [origin]
        while ahead:
            for node in self.onward(ahead.pop(), reads):
                if node.id not in seen:
                    seen.add(node.id)
                    if node.id not in self.rests:
                        ahead.append(node)
        return frozenset(reads), any(self.nodes[each].kind is Kind.RULE for each in seen - {origin.id})

    def onward(self, node: Node, reads: set[str]) -> list[Node]:
        for each in node.outgoing:
            if each in self.conditions:
                reads |= self.conditions[each].names
        found = [self.nodes[self.model.flows[each].target] for each in node.outgoing]
        if node.kind is Kind.SUBPROCESS:
            found += [each for each in self.nodes.values() if each.kind is Kind.START and each.scope == node.id]
        if node.kind in ENDS and node.scope:
            outer = self.nodes[node.scope]
            found += [self.nodes[self.model.flows[each].target] for each in outer.outgoing]
        if node.kind is Kind.RULE:
            over = (node.id, node.scope)
            found += [each for each in self.nodes.values() if each.kind is Kind.BOUNDARY and each.host in over]
        return found


def _means(node: Node) -> Means:
    if node.kind is Kind.BOUNDARY:
        return Means(node.trigger.value)
    return Means.TASK if node.kind in PERSON_TASKS else Means.DONE
