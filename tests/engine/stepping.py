"""One case on a small diagram, moved a step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from deskhand.engine import (
    Actor,
    Case,
    Change,
    Event,
    Refusal,
    TransitionTable,
    compile_bpmn,
    plan,
    start,
)
from tests.engine.diagrams import (
    diagram,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
CLERK = Actor("u1", "clerk", "t1", "chat", "m1")
SYSTEM = replace(CLERK, role="system")


def table_of(*elements: str, roots: str = "", **more: Any) -> TransitionTable:
    return compile_bpmn(diagram(*elements, roots=roots), "p.bpmn", **more)


def case_of(change: Change, **more: Any) -> Case:
    given = {"marking": change.after, "row_version": 1, "due_at": change.due_at, "data": change.data}
    return Case("c1", "t1", "p", 1, **{**given, **more})


def step(
    table: TransitionTable,
    case: Case,
    event: str | Event,
    facts: Mapping[str, Any] | None = None,
    actor: Actor = CLERK,
    now: datetime = NOW,
    **more: Any,
) -> Change | Refusal:
    named = Event(event) if isinstance(event, str) else event
    result = plan(table, [case], named, actor, {"c1": facts or {}}, now, **more)
    return (*result.changes, *result.refusals)[0]


def begin(table: TransitionTable, **facts: Any) -> Case:
    return case_of(start(table, "c1", facts, NOW))
