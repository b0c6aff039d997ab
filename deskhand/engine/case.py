"""A running process and what can happen to it: plain values between the engine and whoever stores them.

Knows nothing of orders, HTTP or SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deskhand.engine.explained import Explained

SYSTEM = "system"
"""The role of the worker that acts for automatic nodes, timers and finished effects."""

TIMER = "timer"
"""The name of the event by which the worker lets a due timer fire."""

NOT_NOW = "not_now"
ROLE_NOT_ALLOWED = "role_not_allowed"
NO_PATH = "no_path"
WRONG_TENANT = "wrong_tenant"
MISSING = "missing:"

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A running process. The marking is the truth: the ids of the nodes (and join flows) that hold a token."""

    id: str
    tenant: str
    process: str
    version: int
    marking: frozenset[str]
    row_version: int
    due_at: datetime | None = None
    data: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to cases. `node` picks one of several nodes that wait for the same event."""

    name: str
    params: Facts = field(default_factory=dict)
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who lets it happen, through which channel and because of what (the message id)."""

    user_id: str
    role: str
    tenant: str
    channel: str
    cause: str


@dataclass(frozen=True, slots=True)
class Effect:
    """Work for the worker. `undo` marks the compensation of an effect planned before."""

    name: str
    node: str
    params: Facts = field(default_factory=dict)
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one case; valid only while the stored row still has `row_version`.

    `status` is the status shown afterwards, None where it stays as it was (no marked node names one). `decided` are the
    decisions asked on the way, where whoever decides explains (`Decisions.explain`).
    """

    case_id: str
    row_version: int
    before: frozenset[str]
    after: frozenset[str]
    node: str
    event: str
    status: str | None
    due_at: datetime | None
    data: Facts
    effects: tuple[Effect, ...]
    ended: bool
    due_before: datetime | None = None
    data_before: Facts = field(default_factory=dict)
    decided: tuple[Explained, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing happens to one case.

    `code` is `not_now`, `role_not_allowed`, `no_path`, `wrong_tenant`, the name of a required fact that is false, or
    `missing:<fact>` for one that nobody stated. `unmet` holds the codes of all requirements that do not hold;
    `expected` the events that are possible in this marking.
    """

    case_id: str
    code: str
    node: str | None
    status: str | None
    expected: tuple[str, ...]
    detail: str = ""
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to store: for each case either a change or a refusal, in the order of the cases."""

    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
