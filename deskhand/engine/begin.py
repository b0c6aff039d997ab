"""How a case begins, and how a step is taken back. Pure."""

from __future__ import annotations

from datetime import datetime

from deskhand.engine import timers
from deskhand.engine.case import Case, Change, Effect, Facts
from deskhand.engine.errors import StartUnknown
from deskhand.engine.model import ENDS, Kind, Node
from deskhand.engine.plan import NOTHING, change_of, outcome_of
from deskhand.engine.table import TransitionTable
from deskhand.engine.walk import Decide, Walk


def start(
    table: TransitionTable,
    case_id: str,
    facts: Facts,
    now: datetime,
    *,
    event: str | None = None,
    params: Facts = NOTHING,
    decide: Decide | None = None,
) -> Change:
    """From a start event to the first nodes that wait. Raises StartUnknown, NoPath.

    Args:
        event: the message that starts the case; None takes the first start event.
        params: kept as the case's data, and seen by the first effects.
    """
    node = next((each for each in table.starts if event in (None, each.event, each.id)), None)
    if node is None:
        raise StartUnknown(f"{table.process} does not start with {event}")
    walk = Walk(table, frozenset(), {**params, **facts}, params, decide)
    walk.leave(node)
    return _begun(table, case_id, walk, node, params, facts, now)


def start_at(
    table: TransitionTable, node_id: str, *, case_id: str, facts: Facts, now: datetime, params: Facts = NOTHING
) -> Change:
    """A case that begins in the middle, as imports do: no effects, timers run from now. Raises StartUnknown.

    At an end event the case is closed history from the beginning.
    """
    node = table.nodes.get(node_id)
    if node is None or (node not in table.waiting and node.kind not in ENDS):
        raise StartUnknown(f"no token can rest at {node_id}")
    walk = Walk(table, frozenset(), {**params, **facts}, params, None)
    if node.kind in ENDS:
        walk.end_status = node.status
    else:
        walk.marking = {node.id}
        walk.entered = [node.id, *([node.scope] if node.scope else [])]
    return _begun(table, case_id, walk, node, params, facts, now)


def undo(table: TransitionTable, change: Change) -> Change:
    """The step back. Its effects are those of the step in reverse order, marked `undo`: not yet sent ones are to be
    dropped, the others compensated. It holds only if nothing has happened to the case since.
    """
    effects = tuple(Effect(each.name, each.node, each.params, not each.undo) for each in reversed(change.effects))
    status = next((node.status for node in table.waiting if node.status and node.id in change.before), None)
    return Change(
        change.case_id, change.row_version + 1, change.after, change.before, change.node, f"undo_{change.event}",
        status, change.due_before, change.data_before, effects, not change.before, change.due_at, change.data,
    )  # fmt: skip


def known_better(table: TransitionTable, case: Case, values: Facts, facts: Facts, event: str) -> Change:
    """A case learns something and stays where it is; a timer that waits for a moment it names is due then."""
    data = {**case.data, **values}
    due_at = timers.next_due(timers.running(table, case.marking), data, facts)
    return Change(
        case.id, case.row_version, case.marking, case.marking, "", event, None, due_at, data, (), False,
        case.due_at, case.data,
    )  # fmt: skip


def _begun(
    table: TransitionTable, case_id: str, walk: Walk, node: Node, params: Facts, facts: Facts, now: datetime
) -> Change:
    event = node.event if node.kind is Kind.START and node.event else "start"
    unborn = Case(case_id, "", table.process, 0, frozenset(), 0, None, dict(params))
    return change_of(unborn, outcome_of(table, walk, node.id, event), facts, now)
