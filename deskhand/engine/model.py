"""What a diagram says: nodes, flows, lanes. Immutable, unchecked, not yet compiled; knows no XML and no cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a token does at a node."""

    START = "start"
    END = "end"
    TERMINATE = "terminate"
    USER = "user"
    MANUAL = "manual"
    RECEIVE = "receive"
    SERVICE = "service"
    RULE = "business rule"
    CALL = "call activity"
    SUBPROCESS = "sub-process"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    BOUNDARY = "boundary"
    OTHER = "other"  # outside the profile; kept so that flows still find their ends


PERSON_TASKS = frozenset({Kind.USER, Kind.MANUAL, Kind.RECEIVE})
GATEWAYS = frozenset({Kind.EXCLUSIVE, Kind.PARALLEL})
ENDS = frozenset({Kind.END, Kind.TERMINATE})


class Trigger(StrEnum):
    """What makes an event happen."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Timer:
    """When a timer is due: at the moment that a fact names, after a time, at a moment, or in a cycle (start only).

    A timer of a start event may say nothing: then whoever starts cases knows when.
    """

    fact: str | None = None
    after: timedelta | None = None
    at: datetime | None = None
    cycle: str | None = None


@dataclass(frozen=True, slots=True)
class Raci:
    """Who is responsible, accountable (at most one role), consulted and informed."""

    responsible: tuple[str, ...] = ()
    accountable: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    name: str
    line: int
    source: str
    target: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """An element of the diagram that a token can reach.

    `event` lets a waiting token go on; `requires` are the facts that must be true for it; `fields` are the parameters
    of the event that the case keeps; `roles` come from the file's own list, else from the lane. `parameters` are what
    the file gives to the effect. `awaited`: the case stays until the worker reports what has become of the effect.
    `gives` and `takes`: what a called process is given and hands back, each a field with the expression for it.
    """

    id: str
    name: str
    kind: Kind
    line: int
    scope: str = ""
    lane: str = ""
    roles: frozenset[str] = frozenset()
    trigger: Trigger = Trigger.NONE
    event: str = ""
    status: str | None = None
    requires: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    effect: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    awaited: bool = False
    decision: str | None = None
    called: str | None = None
    gives: tuple[tuple[str, str], ...] = ()
    takes: tuple[tuple[str, str], ...] = ()
    timer: Timer | None = None
    raci: Raci = field(default_factory=Raci)
    host: str = ""
    interrupting: bool = True
    default: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """One process as it is drawn, in document order."""

    id: str
    name: str
    source: str
    line: int
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]

    def awaiting(self, effects: Collection[str]) -> ProcessModel:
        """The same, with every service task that names one of these effects staying until it is reported."""
        waiting = {
            node.id: replace(node, awaited=True)
            for node in self.nodes.values()
            if node.kind is Kind.SERVICE and node.effect in effects
        }
        return replace(self, nodes={**self.nodes, **waiting})
