"""What a diagram must be before it is compiled: connected, unambiguous, with somebody to act. Knows the graph only."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from deskhand.engine.errors import ExpressionInvalid, Fault
from deskhand.engine.feel import compile_expression
from deskhand.engine.model import ENDS, PERSON_TASKS, Flow, Kind, Node, ProcessModel, Trigger

ONE_WAY = frozenset({Kind.START, Kind.SERVICE, Kind.RULE, Kind.CALL, Kind.SUBPROCESS, Kind.BOUNDARY}) | PERSON_TASKS
HOSTS = frozenset({Kind.SERVICE, Kind.RULE, Kind.CALL, Kind.SUBPROCESS}) | PERSON_TASKS


def faults_of(
    model: ProcessModel, *, effects: Collection[str] | None, decisions: Collection[str] | None
) -> list[Fault]:
    """Every fault of the graph. A whitelist that is None is not checked."""
    broken = list(_broken_flows(model))
    if broken:
        return broken
    found = [*_starts(model), *_names(model, effects, decisions)]
    for node in model.nodes.values():
        found.extend(_fault(node, message) for message in _shape(model, node))
    return found or [*_unreachable(model), *_idle_loops(model)]


def waits(model: ProcessModel, node: Node) -> bool:
    """Whether a token rests there: for a person, a called process, or an effect that is awaited or can fail visibly."""
    if node.kind is Kind.SERVICE:
        return node.awaited or any(
            each.host == node.id and each.trigger is Trigger.ERROR for each in model.nodes.values()
        )
    return node.kind in PERSON_TASKS or node.kind is Kind.CALL


def _fault(element: Node | Flow | ProcessModel, message: str) -> Fault:
    return Fault(element.id, element.name, element.line, message)


def _broken_flows(model: ProcessModel) -> Iterator[Fault]:
    for flow in model.flows.values():
        ends = [model.nodes.get(flow.source), model.nodes.get(flow.target)]
        if None in ends:
            missing = flow.source if ends[0] is None else flow.target
            yield _fault(flow, f"the flow leads from or to {missing!r}, which is not there")
        elif len({end.scope for end in ends if end}) > 1:
            yield _fault(flow, "the flow crosses the edge of a sub-process")


def _starts(model: ProcessModel) -> Iterator[Fault]:
    starts = [node for node in model.nodes.values() if node.kind is Kind.START]
    if not any(node.scope == "" for node in starts):
        yield _fault(model, "the process has no start event")
    for node in model.nodes.values():
        if node.kind is Kind.SUBPROCESS:
            inner = [start for start in starts if start.scope == node.id]
            if len(inner) != 1 or inner[0].trigger is not Trigger.NONE:
                yield _fault(node, "a sub-process has exactly one start event, without a trigger")


def _names(model: ProcessModel, effects: Collection[str] | None, decisions: Collection[str] | None) -> Iterator[Fault]:
    for node in model.nodes.values():
        if node.kind is Kind.SERVICE:
            yield from _listed(node, "effect", node.effect, effects)
        elif node.kind is Kind.RULE:
            yield from _listed(node, "decision", node.decision, decisions)
        elif node.kind is Kind.CALL and not node.called:
            yield _fault(node, "the call activity names no calledElement")
        if node.parameters and node.kind is not Kind.SERVICE:
            yield _fault(node, "only a service task has deskhand:param")
        yield from _handed(node)
    for flow in model.flows.values():
        try:
            compile_expression(flow.condition or "null")
        except ExpressionInvalid as error:
            yield _fault(flow, f"the condition cannot be read: {error}")


def _handed(node: Node) -> Iterator[Fault]:
    """What a called process is given and hands back."""
    if (node.gives or node.takes) and node.kind is not Kind.CALL:
        yield _fault(node, "only a call activity has deskhand:give and deskhand:take")
    for name, expression in (*node.gives, *node.takes):
        try:
            compile_expression(expression)
        except ExpressionInvalid as error:
            yield _fault(node, f"what {name} is made from cannot be read: {error}")


def _listed(node: Node, what: str, name: str | None, allowed: Collection[str] | None) -> Iterator[Fault]:
    if name is None:
        yield _fault(node, f"the {node.kind} task names no {what} (deskhand:{what} name)")
    elif allowed is not None and name not in allowed:
        yield _fault(node, f"{what} {name!r} is not one of those allowed: {', '.join(sorted(allowed)) or 'none'}")


def _shape(model: ProcessModel, node: Node) -> Iterator[str]:
    """What is wrong with one node, its flows and its host."""
    if node.kind in ONE_WAY and len(node.outgoing) != 1:
        yield f"exactly one sequence flow leaves a {node.kind}, not {len(node.outgoing)}"
    if node.kind in ENDS and node.outgoing:
        yield "no sequence flow leaves an end event"
    if node.kind in (Kind.START, Kind.BOUNDARY) and node.incoming:
        yield f"no sequence flow enters a {node.kind} event"
    if node.kind in (Kind.EXCLUSIVE, Kind.PARALLEL) and not node.outgoing:
        yield "no sequence flow leaves the gateway"
    if node.kind is Kind.BOUNDARY:
        yield from _attached(model, node)
    yield from _conditions(model, node)
    yield from _actors(node)
    yield from _doubled_events(model, node)


def _attached(model: ProcessModel, node: Node) -> Iterator[str]:
    host = model.nodes.get(node.host)
    if host is None or host.kind not in HOSTS or host.scope != node.scope:
        yield f"a boundary event sits on a task or sub-process of its own level, not on {node.host!r}"
    elif node.trigger is Trigger.ERROR and not node.interrupting:
        yield "an error always interrupts"
    elif node.trigger is Trigger.ERROR and host.kind in PERSON_TASKS:
        yield f"a {host.kind} task throws no error"
    elif node.trigger is not Trigger.ERROR and not (waits(model, host) or host.kind is Kind.SUBPROCESS):
        yield f"a {host.kind} task is over at once: only an error can be caught on it"


def _conditions(model: ProcessModel, node: Node) -> Iterator[str]:
    leaving = [model.flows[each] for each in node.outgoing]
    if node.default is not None and node.default not in node.outgoing:
        yield f"the default flow {node.default!r} does not leave this element"
    if node.kind is not Kind.EXCLUSIVE:
        yield from (f"flow {flow.id!r}: only an exclusive gateway has conditions" for flow in leaving if flow.condition)
    elif len(leaving) > 1:
        for flow in leaving:
            if (flow.condition is None) != (flow.id == node.default):
                yield f"flow {flow.id!r} must have a condition or be the default, and not both"


def _actors(node: Node) -> Iterator[str]:
    asked = node.kind in PERSON_TASKS or (node.kind is Kind.BOUNDARY and node.trigger is Trigger.MESSAGE)
    if asked and not node.roles:
        yield "nobody may act here: it lies in no lane and names no roles"


def _doubled_events(model: ProcessModel, node: Node) -> Iterator[str]:
    """One place must not answer one event in two ways."""
    over = {node.id, node.scope}
    if not waits(model, node):
        return
    here = [node.event]
    for each in model.nodes.values():
        if each.kind is Kind.BOUNDARY and each.host in over and each.trigger is not Trigger.TIMER:
            here.append(each.event)
    yield from (f"event {event!r} has two meanings here" for event in sorted({e for e in here if here.count(e) > 1}))


def _next(model: ProcessModel, node: Node) -> Iterator[Node]:
    yield from (model.nodes[model.flows[each].target] for each in node.outgoing)
    for each in model.nodes.values():
        inside = each.kind is Kind.START and each.scope == node.id
        if (each.kind is Kind.BOUNDARY and each.host == node.id) or inside:
            yield each


def _at_once(model: ProcessModel, node: Node) -> Iterator[Node]:
    """Where a token can get without resting: through a sub-process only by way of its inside."""
    if node.kind is Kind.SUBPROCESS:
        yield from (each for each in model.nodes.values() if each.kind is Kind.START and each.scope == node.id)
    elif node.kind in ENDS and node.scope:
        yield from (model.nodes[model.flows[each].target] for each in model.nodes[node.scope].outgoing)
    else:
        yield from _next(model, node)


def _unreachable(model: ProcessModel) -> Iterator[Fault]:
    waiting = [node for node in model.nodes.values() if node.kind is Kind.START and not node.scope]
    seen = {node.id for node in waiting}
    while waiting:
        for node in _next(model, waiting.pop()):
            if node.id not in seen:
                seen.add(node.id)
                waiting.append(node)
    yield from (_fault(node, "no path leads here") for node in model.nodes.values() if node.id not in seen)


def _idle_loops(model: ProcessModel) -> Iterator[Fault]:
    """Circles on which no token ever rests would never end."""
    idle = {each: node for each, node in model.nodes.items() if not waits(model, node)}
    while True:
        last = [each for each, node in idle.items() if not any(n.id in idle for n in _at_once(model, node))]
        if not last:
            break
        for each in last:
            del idle[each]
    seen: set[str] = set()
    node = next(iter(idle.values()), None)
    while node is not None and node.id not in seen:
        seen.add(node.id)
        node = next(each for each in _at_once(model, node) if each.id in idle)
    if node is not None:
        yield _fault(node, "a circle without a node that waits would never end")
