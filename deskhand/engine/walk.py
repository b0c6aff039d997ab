"""Tokens on their way from one set of places to the next. Knows the table, one case's values and nothing else."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from deskhand.engine.case import Effect, Facts
from deskhand.engine.errors import DecisionFailed, NoPath
from deskhand.engine.explained import Explained
from deskhand.engine.model import ENDS, Kind, Node, Trigger
from deskhand.engine.table import TransitionTable

Decide = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | Explained]
CALL_EFFECT = "start_case"
MOST_FLOWS = 10_000
"""Of one step. What compiles has no circle without a place to rest; whatever else is walked ends here."""


class Walk:
    """One step of one case: from a marking to the next one, collecting effects and what the case keeps.

    Args:
        values: what conditions and decisions read.
        params: the parameters of the event; effects see them together with the results of decisions.
    """

    def __init__(
        self, table: TransitionTable, marking: frozenset[str], values: Facts, params: Facts, decide: Decide | None
    ) -> None:
        self.table = table
        self.marking = set(marking)
        self.values = dict(values)
        self.shown = dict(params)
        self.decide = decide
        self.kept: dict[str, Any] = {}
        self.effects: list[Effect] = []
        self.decided: list[Explained] = []
        self.entered: list[str] = []
        self.end_status: str | None = None
        self._ahead: deque[str] = deque()
        self._finished: list[str] = []

    def keep(self, values: Mapping[str, Any]) -> None:
        """Into the case's data, and visible from here on."""
        self.kept.update(values)
        self.values.update(values)

    def leave(self, node: Node) -> None:
        """Go on until every token rests; raises NoPath."""
        self._ahead.extend(node.outgoing)
        for _ in range(MOST_FLOWS):
            if self._ahead:
                flow = self.table.flows[self._ahead.popleft()]
                self.enter(self.table.nodes[flow.target], flow.id)
            elif self._finished:
                self._complete(self._finished.pop())
            else:
                return
        raise NoPath(node.id, f"from {node.id} on no token comes to rest")

    def enter(self, node: Node, flow: str = "") -> None:
        _ENTER[node.kind](self, node, flow)

    def _rest(self, node: Node, flow: str) -> None:
        self._mark(node.id, node)
        self.entered.append(node.id)

    def _mark(self, place: str, node: Node) -> None:
        if place in self.marking:
            raise NoPath(node.id, f"{node.id} already holds a token")
        self.marking.add(place)

    def _pass(self, node: Node, flow: str) -> None:
        self._ahead.extend(node.outgoing)

    def _serve(self, node: Node, flow: str) -> None:
        self.effects.append(Effect(node.effect or "", node.id, {**self.shown, **dict(node.parameters)}))
        caught = any(each.trigger is Trigger.ERROR for each in self.table.hosted.get(node.id, ()))
        (self._rest if caught or node.awaited else self._pass)(node, flow)

    def _call(self, node: Node, flow: str) -> None:
        self.effects.append(Effect(CALL_EFFECT, node.id, {**self.shown, "process": node.called}))
        self._rest(node, flow)

    def _ask(self, node: Node, flow: str) -> None:
        if self.decide is None:
            raise NoPath(node.id, f"nobody can decide {node.decision}")
        try:
            results = self.decide(node.decision or "", self.values)
        except DecisionFailed as error:
            self._catch(node, error)
            return
        if isinstance(results, Explained):
            self.decided.append(results)
            results = results.outputs
        self.keep(results)
        self.shown.update(results)
        self._pass(node, flow)

    def _catch(self, node: Node, error: DecisionFailed) -> None:
        for host in (node.id, node.scope):
            for boundary in self.table.hosted.get(host, ()):
                if boundary.trigger is Trigger.ERROR:
                    if host == node.scope:
                        self._empty(host)
                        self._finished = [each for each in self._finished if each != host]
                    self._ahead.extend(boundary.outgoing)
                    return
        raise NoPath(node.id, str(error)) from error

    def _choose(self, node: Node, flow: str) -> None:
        if len(node.outgoing) == 1:
            self._pass(node, flow)
            return
        for each in node.outgoing:
            if each != node.default and self.table.conditions[each](self.values) is True:
                self._ahead.append(each)
                return
        if node.default is None:
            raise NoPath(node.id, f"no condition of {node.id} holds")
        self._ahead.append(node.default)

    def _join(self, node: Node, flow: str) -> None:
        if len(node.incoming) > 1:
            self._mark(flow, node)
            if not self.marking.issuperset(node.incoming):
                return
            self.marking.difference_update(node.incoming)
        self._ahead.extend(node.outgoing)

    def _inside(self, node: Node, flow: str) -> None:
        self.entered.append(node.id)
        self._ahead.extend(self.table.inner_start[node.id].outgoing)

    def _end(self, node: Node, flow: str) -> None:
        if node.kind is Kind.TERMINATE:
            self._empty(node.scope)
        if node.scope:
            self._finished.append(node.scope)
        elif node.status:
            self.end_status = node.status

    def _empty(self, scope: str) -> None:
        """Every token of a sub-process is gone; of the whole process where the scope is none."""
        nodes = self.table.nodes
        if not scope:
            self.marking.clear()
            self._ahead.clear()
            self._finished.clear()
            return
        self.marking -= self.table.within[scope]
        flows = self.table.flows
        self._ahead = deque(each for each in self._ahead if nodes[flows[each].target].scope != scope)

    def _complete(self, scope: str) -> None:
        if self.marking.isdisjoint(self.table.within[scope]) and scope not in self._finished:
            self._ahead.extend(self.table.nodes[scope].outgoing)


_ENTER: Mapping[Kind, Callable[[Walk, Node, str], None]] = {
    Kind.USER: Walk._rest,
    Kind.MANUAL: Walk._rest,
    Kind.RECEIVE: Walk._rest,
    Kind.SERVICE: Walk._serve,
    Kind.RULE: Walk._ask,
    Kind.CALL: Walk._call,
    Kind.EXCLUSIVE: Walk._choose,
    Kind.PARALLEL: Walk._join,
    Kind.SUBPROCESS: Walk._inside,
    **dict.fromkeys(ENDS, Walk._end),
}
