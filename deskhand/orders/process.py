"""The order process as loaded: its transition table, decisions, and what process.yml says of automatic nodes.

Plain values: whoever reads the files hands them in. Every order of the tenant runs on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deskhand import engine
from deskhand.engine import Case, Change, DecisionFailed, Decisions, Event, Explained, Plan, TransitionTable, WaitNode
from deskhand.engine.model import ENDS
from deskhand.orders.model import Actor
from deskhand.orders.working_hours import WorkingHours

AUTOMATIC = "automatic"
MANUAL = "manual"
EVERY_CHANNEL = "*"
NAME = "order_to_cash"
PLACED = "order_placed"
CLOSED = "settled"

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told of a notice that nobody has acknowledged for so long; `working`: only working hours count."""

    after: timedelta
    to: str
    working: bool = False


@dataclass(frozen=True)
class Process:
    """`automatic` says for each node through which channels orders pass it by themselves (`*`: all).

    `escalate` says for each event and role who is told, one after the other, while nobody acknowledges, by a clock
    that may stand still outside `working_hours`. `urgent` are the notices that keep to nobody's quiet hours,
    `must_be_heard` says by role which of them nobody can switch off altogether.
    """

    table: TransitionTable
    decisions: tuple[Decisions, ...] = ()
    version: int = 1
    automatic: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notify: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    escalate: Mapping[str, Mapping[str, tuple[Escalation, ...]]] = field(default_factory=dict)
    urgent: frozenset[str] = frozenset()
    must_be_heard: Mapping[str, frozenset[str]] = field(default_factory=dict)
    working_hours: WorkingHours = WorkingHours()

    def plan(
        self,
        cases: Sequence[Case],
        event: Event,
        actor: Actor,
        facts: Mapping[str, Facts],
        now: datetime,
        automatic: Collection[str] = (),
    ) -> Plan:
        """What the event does to the cases; see `deskhand.engine.plan`."""
        who = engine.Actor(actor.user_id, str(actor.role), actor.tenant, actor.channel, actor.cause)
        return engine.plan(self.table, cases, event, who, facts, now, automatic=automatic, decide=self.decide)

    def begin(self, case_id: str, now: datetime, status: str | None = None) -> Change:
        """A new case: at the start, or at the node that waits in `status`."""
        if status is None:
            return engine.start(self.table, case_id, {}, now, event=PLACED, decide=self.decide)
        return engine.start_at(self.table, self.table.node_for_status(status), case_id=case_id, facts={}, now=now)

    def begun(self, case_id: str, now: datetime, status: str | None, params: Facts, event: str | None) -> Change:
        """As `begin`, with the data that the case starts with, by the start event of that name (None: the first).

        Raises:
            EngineError, KeyError: it can't begin like that.
        """
        if status is None:
            return engine.start(self.table, case_id, {}, now, event=event, params=params, decide=self.decide)
        return engine.start_at(self.table, self.table.node_for_status(status), case_id=case_id, facts=params, now=now)

    def closed(self, case_id: str, now: datetime) -> Change:
        """A case that is over from the beginning: history of another system."""
        over = next(node.id for node in self.table.nodes.values() if node.kind in ENDS and node.status == CLOSED)
        return engine.start_at(self.table, over, case_id=case_id, facts={}, now=now)

    def waiting(self, case: Case) -> tuple[WaitNode, ...]:
        return engine.waiting(self.table, case)

    def decide(self, name: str, inputs: Mapping[str, Any]) -> Explained:
        """The result of the decision of that name, whichever file it is in, with the rules that led to it.

        Raises:
            DecisionFailed: if no file has it, or no rule applies.
        """
        for decisions in self.decisions:
            if name in decisions.names or name in decisions.by_id:
                return decisions.explain(name, inputs)
        raise DecisionFailed(f"there is no decision {name!r}")

    def channels_of(self, node: str) -> frozenset[str]:
        """The channels whose orders pass this node by themselves."""
        return self.automatic.get(node, frozenset())
