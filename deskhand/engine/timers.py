"""When the boundary timers of a case are due. Facts, else the case's data decide where a timer names one; the rest is
kept in the case.

`data["_due"]` holds, for each timer that runs, the moment it is due as ISO 8601, or null once it has fired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deskhand.engine.case import Case, Facts
from deskhand.engine.model import Node, Timer
from deskhand.engine.table import TransitionTable

KEPT = "_due"


def running(table: TransitionTable, marking: frozenset[str]) -> tuple[Node, ...]:
    """The timers whose place is marked, in document order."""
    return table.standing(marking).timers


def due(node: Node, data: Facts, facts: Facts) -> datetime | None:
    """When a running timer is due; None where it has fired or its moment is not known yet."""
    kept = data.get(KEPT, {})
    if node.id in kept:
        return datetime.fromisoformat(kept[node.id]) if kept[node.id] else None
    if node.timer is None or node.timer.fact is None:
        return None
    return _aware(facts.get(node.timer.fact, data.get(node.timer.fact)))


def due_now(table: TransitionTable, case: Case, facts: Facts, now: datetime) -> frozenset[str]:
    """The ids of the timers that may fire."""
    moments = {node.id: due(node, case.data, facts) for node in running(table, case.marking)}
    return frozenset(each for each, moment in moments.items() if moment is not None and moment <= now)


def kept(after: Iterable[Node], fresh: frozenset[str], fired: str, data: Facts, now: datetime) -> dict[str, Any]:
    """What the case keeps of its timers after a step: those still running, those begun, the one that fired.

    One with a time to run that leads back to its own node begins anew; with a fixed moment it would never end.
    """
    old: Mapping[str, Any] = data.get(KEPT, {})
    result: dict[str, Any] = {}
    for node in after:
        again = node.host in fresh and node.timer is not None and node.timer.after is not None
        if node.id == fired and not again:
            result[node.id] = None
        elif node.host not in fresh and node.id in old:
            result[node.id] = old[node.id]
        elif node.host in fresh and (moment := _moment(node.timer, now)):
            result[node.id] = moment.isoformat()
    return result


def next_due(after: Iterable[Node], data: Facts, facts: Facts) -> datetime | None:
    return min((moment for node in after if (moment := due(node, data, facts))), default=None)


def _aware(value: Any) -> datetime | None:
    """A moment, or the text of one as a case keeps it."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _moment(timer: Timer | None, now: datetime) -> datetime | None:
    if timer is None or timer.fact:
        return None
    return now + timer.after if timer.after else timer.at
