"""A case moves from one version of its process to another: where its tokens go, and its timers. Pure.

Only the new table is needed: of the old one nothing but the names of the places counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from deskhand.engine import timers
from deskhand.engine.case import Case
from deskhand.engine.model import Kind
from deskhand.engine.table import TransitionTable

Map = Mapping[str, str]


def places_of(table: TransitionTable) -> frozenset[str]:
    """Where a token can rest: at nodes that wait, and on flows before a join."""
    joins = (each for node in table.nodes.values() if node.kind is Kind.PARALLEL and len(node.incoming) > 1
             for each in node.incoming)  # fmt: skip
    return frozenset({node.id for node in table.waiting} | set(joins))


def homeless(table: TransitionTable, marking: frozenset[str], over: Map) -> frozenset[str]:
    """The places of a marking that lead nowhere: not mapped and not there, or two of them mapped to one."""
    known = places_of(table)
    targets = [over.get(place, place) for place in sorted(marking)]
    return frozenset(
        place for place in marking if over.get(place, place) not in known or targets.count(over.get(place, place)) > 1
    )


def status_at(table: TransitionTable, marking: frozenset[str]) -> str | None:
    """The status that is shown there; None where no node of the marking names one."""
    return next((node.status for node in table.waiting if node.status and node.id in marking), None)


def moved_over(table: TransitionTable, case: Case, version: int, over: Map, now: datetime) -> Case:
    """The case in the new version. A timer that the place has there too goes on; one that is new begins now."""
    marking = frozenset(over.get(place, place) for place in case.marking)
    running = timers.running(table, marking)
    old: Mapping[str, Any] = case.data.get(timers.KEPT, {})
    kept = {over.get(name, name): due for name, due in old.items()}
    fresh = frozenset(node.host for node in running if node.id not in kept)
    data = {name: value for name, value in case.data.items() if name != timers.KEPT}
    going = timers.kept(running, frozenset(), "", {timers.KEPT: kept}, now)
    begun = timers.kept([node for node in running if node.id not in kept], fresh, "", {}, now)
    if going or begun:
        data[timers.KEPT] = {**going, **begun}
    facts = {node.timer.fact: case.due_at for node in running if node.timer and node.timer.fact}
    due_at = timers.next_due(running, data, facts)
    return replace(case, version=version, marking=marking, due_at=due_at, data=data)
