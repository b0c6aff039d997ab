"""A compiled table with one thing wrong: each is a fault that a compiler could have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from deskhand.engine import Flow, Kind, Means, Node, Transition, TransitionTable, compile_expression
from tests.engine.drawing import ROLES


@dataclass(frozen=True)
class Mutant:
    """What was changed, and the table that has it."""

    kind: str
    where: str
    table: TransitionTable


def mutants(table: TransitionTable) -> Iterator[Mutant]:
    """Every mutation of a table, in no order that matters."""
    for kind, found in _KINDS.items():
        for where, changed in found(table):
            yield Mutant(kind, where, changed)


Found = Iterator[tuple[str, TransitionTable]]


def _with_node(table: TransitionTable, node: Node) -> TransitionTable:
    def in_row(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(node if each.id == node.id else each for each in nodes)

    return replace(
        table,
        nodes={**table.nodes, node.id: node},
        waiting=in_row(table.waiting),
        starts=in_row(table.starts),
        hosted={host: in_row(each) for host, each in table.hosted.items()},
        inner_start={scope: node if each.id == node.id else each for scope, each in table.inner_start.items()},
    )


def _nodes(table: TransitionTable, *kinds: Kind) -> Iterator[Node]:
    yield from (each for each in table.nodes.values() if each.kind in kinds)


def _changed_nodes(*kinds: Kind, **changes: Callable[[Node], Any]) -> Callable[[TransitionTable], Found]:
    """One node at a time; where the change is None the node stays out."""

    def found(table: TransitionTable) -> Found:
        for node in _nodes(table, *kinds):
            values = {name: change(node) for name, change in changes.items()}
            if None not in values.values():
                yield node.id, _with_node(table, replace(node, **values))

    return found


def _changed_transitions(*changes: Callable[[Transition], Transition | None]) -> Callable[[TransitionTable], Found]:
    def found(table: TransitionTable) -> Found:
        for at, transition in enumerate(table.transitions):
            for change in changes:
                changed = change(transition)
                if changed is not None and changed != transition:
                    row = (*table.transitions[:at], changed, *table.transitions[at + 1 :])
                    yield transition.node, replace(table, transitions=row)

    return found


def _guard_dropped(transition: Transition) -> Transition | None:
    return replace(transition, requires=transition.requires[1:]) if transition.requires else None


def _role_widened(transition: Transition) -> Transition | None:
    more = next((role for role in (*ROLES, "system") if role not in transition.roles), None)
    return replace(transition, roles=transition.roles | {more}) if more else None


def _role_taken(transition: Transition) -> Transition | None:
    return replace(transition, roles=transition.roles - {min(transition.roles)})


def _event_renamed(transition: Transition) -> Transition | None:
    return None if transition.means is Means.TIMER else replace(transition, event=transition.event + "_")


def _interrupts_or_not(transition: Transition) -> Transition | None:
    """Of a boundary: takes the token that it should leave, or leaves that which it should take."""
    return replace(transition, takes=frozenset() if transition.takes else transition.places)


def _place_forgotten(transition: Transition) -> Transition | None:
    one = min(transition.places)
    return replace(transition, places=transition.places - {one}, takes=transition.takes - {one})


def _transition_lost(table: TransitionTable) -> Found:
    for at, each in enumerate(table.transitions):
        yield each.node, replace(table, transitions=(*table.transitions[:at], *table.transitions[at + 1 :]))


def _target_swapped(table: TransitionTable) -> Found:
    for flow in table.flows.values():
        scope = table.nodes[flow.target].scope
        others = [n.id for n in table.nodes.values() if n.scope == scope and n.id not in (flow.target, flow.source)]
        targets = [each for each in others if table.nodes[each].kind not in (Kind.START, Kind.BOUNDARY)]
        if targets:
            other = targets[(sum(map(ord, flow.id))) % len(targets)]
            yield flow.id, _with_flow(table, replace(flow, target=other))


def _with_flow(table: TransitionTable, flow: Flow) -> TransitionTable:
    return replace(table, flows={**table.flows, flow.id: flow})


def _condition(change: str) -> Callable[[TransitionTable], Found]:
    def found(table: TransitionTable) -> Found:
        for flow, condition in table.conditions.items():
            other = compile_expression(change.replace("IT", f"({condition.text})"))
            yield flow, replace(table, conditions={**table.conditions, flow: other})

    return found


def _places_within_forgotten(table: TransitionTable) -> Found:
    for scope, places in table.within.items():
        for place in sorted(places):
            yield f"{scope} {place}", replace(table, within={**table.within, scope: places - {place}})


def _another_default(node: Node) -> str | None:
    return next((each for each in node.outgoing if each != node.default), None) if node.default else None


def _one_less(flows: tuple[str, ...]) -> tuple[str, ...] | None:
    return flows[1:] if len(flows) > 1 else None


def _other_gateway(node: Node) -> Kind:
    return Kind.PARALLEL if node.kind is Kind.EXCLUSIVE else Kind.EXCLUSIVE


def _other_end(node: Node) -> Kind:
    return Kind.END if node.kind is Kind.TERMINATE else Kind.TERMINATE


def _later(node: Node) -> Any:
    timer = node.timer
    return replace(timer, after=timer.after + timedelta(hours=99)) if timer and timer.after else None


_PERSON = (Kind.USER, Kind.MANUAL, Kind.RECEIVE)
_KINDS: dict[str, Callable[[TransitionTable], Found]] = {
    "a guard dropped": _changed_transitions(_guard_dropped),
    "a role widened": _changed_transitions(_role_widened),
    "a role taken away": _changed_transitions(_role_taken),
    "an event renamed": _changed_transitions(_event_renamed),
    "a transition lost": _transition_lost,
    "interrupts where it should not, or not where it should": _changed_transitions(_interrupts_or_not),
    "a place forgotten": _changed_transitions(_place_forgotten),
    "a target swapped": _target_swapped,
    "a condition negated": _condition("not(IT)"),
    "a condition that always holds": _condition("true"),
    "a condition that never holds": _condition("false"),
    "another default flow": _changed_nodes(Kind.EXCLUSIVE, default=_another_default),
    "a join that waits for one less": _changed_nodes(Kind.PARALLEL, incoming=lambda node: _one_less(node.incoming)),
    "a join that does not wait": _changed_nodes(
        Kind.PARALLEL, incoming=lambda node: node.incoming[:1] if len(node.incoming) > 1 else None
    ),
    "a branch of a fork lost": _changed_nodes(Kind.PARALLEL, outgoing=lambda node: _one_less(node.outgoing)),
    "the other kind of gateway": _changed_nodes(Kind.PARALLEL, kind=_other_gateway),
    "the other kind of end": _changed_nodes(Kind.END, Kind.TERMINATE, kind=_other_end),
    "a status not shown": _changed_nodes(*_PERSON, status=lambda node: f"{node.status}_" if node.status else None),
    "a field not kept": _changed_nodes(*_PERSON, fields=lambda node: node.fields[1:] if node.fields else None),
    "an effect that is not run": _changed_nodes(Kind.SERVICE, kind=lambda node: Kind.EXCLUSIVE),
    "another decision asked": _changed_nodes(Kind.RULE, decision=lambda node: f"{node.decision}_"),
    "a timer that is late": _changed_nodes(Kind.BOUNDARY, timer=_later),
    "a place within a sub-process forgotten": _places_within_forgotten,
}
