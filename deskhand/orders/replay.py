"""What a new version of a process would have done with the history of a case. Pure; knows no single process.

The history is walked through two versions side by side: the one that the case ran on and the new one, with what the
case's data said then. What the old one can't repeat (an import's odd beginning, say) is not held against the new one,
and the reason is told. A step that both take, but to different places, is no break: the case would go another way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from deskhand.engine import TIMER, Case, Change, EngineError, Event, Refusal
from deskhand.engine.case import ROLE_NOT_ALLOWED
from deskhand.orders.model import Actor
from deskhand.orders.process import Process
from deskhand.orders.status import Role

UNDO = "undo"
OTHER_STATUS = "other_status"
ENDS_OTHERWISE = "ends_otherwise"
OTHER_WAY = "other_way"
UNCLEAR = "unclear"
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of a history. `undone` is the number of the row that it took back; `known`: the case's values as they
    were when it happened, where the history has them.
    """

    seq: int
    event: str
    role: Role
    at: datetime
    node: str | None = None
    params: Facts = field(default_factory=dict)
    undone: int | None = None
    known: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """A case and all that has happened to it. `status`: it began there, in the middle; None: at the start event.

    `facts` are what is known of it today.
    """

    id: str
    number: str
    version: int
    begun_at: datetime
    status: str | None
    happened: tuple[Happened, ...]
    facts: Facts = field(default_factory=dict)
    params: Facts = field(default_factory=dict)
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a case would not have gone on as it did: the row of its history, the node, and why."""

    case: str
    number: str
    seq: int
    event: str
    code: str
    why: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a story could be judged; none of the others: the new version goes with it all the way.

    `elsewhere`: it would have gone another way from there on. `unclear`: what is not known to judge it.
    """

    steps: int
    broken: Broken | None = None
    elsewhere: Broken | None = None
    unclear: Broken | None = None


def replayed(story: Story, old: Process, new: Process) -> Walked:
    """The story in both versions."""
    return _Replay(story, old, new).walk()


class _Replay:
    def __init__(self, story: Story, old: Process, new: Process) -> None:
        self.story, self.old, self.new = story, old, new
        self.known = {each.event for each in old.table.transitions} | {each.event for each in new.table.transitions}
        self.guards = {name for process in (old, new) for each in process.table.transitions for name in each.requires}
        self.facts = {name: value for name, value in story.facts.items() if name not in self.guards}
        self.steps = 0
        self.places: dict[int, tuple[Case, Case]] = {}

    def walk(self) -> Walked:
        try:
            before = _begun(self.story, self.old, self.facts)
        except (EngineError, KeyError) as error:
            return Walked(0, unclear=self.broken(0, self.story.status or "start", UNCLEAR, str(error)))
        try:
            after = _begun(self.story, self.new, self.facts)
        except (EngineError, KeyError) as error:
            return Walked(0, self.broken(0, self.story.status or "start", "cannot_begin", str(error)))
        if (other_way := _other_way(before.marking, self.old, after.marking, self.new)) is not None:
            return Walked(0, elsewhere=self.broken(0, "start", OTHER_WAY, other_way, self.story.start))
        return self.walked(before, after)

    def walked(self, before: Case, after: Case) -> Walked:
        for row in self.story.happened:
            self.places[row.seq] = before, after
            if row.event == UNDO and row.undone in self.places:
                before, after = self.places[row.undone]
            elif row.event in self.known or row.event == TIMER:
                found = self.step(row, before, after)
                if isinstance(found, Walked):
                    return found
                before, after = found
        return Walked(self.steps)

    def step(self, row: Happened, before: Case, after: Case) -> Walked | tuple[Case, Case]:
        """Both cases one step further, or what is to be said where one of them can't take it."""
        met = {**self.facts, **row.known, **self.met(row)}
        was, event = _moved(self.old, before, row, met)
        if isinstance(was, Refusal) and was.code == ROLE_NOT_ALLOWED:  # something else than the lane allowed it
            row = replace(row, role=Role.SYSTEM)
            was, event = _moved(self.old, before, row, met)
        if isinstance(was, Refusal):
            return Walked(self.steps, unclear=self.broken(row.seq, row.event, UNCLEAR, _why(was), was.node))
        now, _ = _moved(self.new, after, row, {**self.asked_anew(), **met}, event)
        if isinstance(now, Refusal):
            return self.refused(row, now)
        if (other_way := _other_way(was.after, self.old, now.after, self.new)) is not None:
            found = self.broken(row.seq, row.event, OTHER_WAY, other_way, now.node)
            return Walked(self.steps, elsewhere=found)
        for code, one, other in ((OTHER_STATUS, was.status, now.status), (ENDS_OTHERWISE, was.ended, now.ended)):
            if one != other:
                return Walked(self.steps, self.broken(row.seq, row.event, code, f"{other} instead of {one}"))
        self.steps += 1
        return _after(before, was), _after(after, now)

    def met(self, row: Happened) -> Facts:
        """The guards that held then, for the step was taken."""
        nodes = [each for each in self.old.table.transitions if each.event == row.event]
        exact = [each for each in nodes if each.node == row.node]
        return {name: True for each in exact or nodes for name in each.requires}

    def asked_anew(self) -> Facts:
        """The guards that only the new version has, as far as they hold today."""
        return {name: True for name in self.guards if self.story.facts.get(name) is True}

    def refused(self, row: Happened, now: Refusal) -> Walked:
        """What a guard would say that is known and does not hold today, it need not have said then."""
        doubtful = [name for name in now.unmet if self.story.facts.get(name) is False]
        if now.unmet and len(doubtful) == len(now.unmet):
            why = f"{', '.join(doubtful)} does not hold today; whether it held then, no history says"
            return Walked(self.steps, unclear=self.broken(row.seq, row.event, UNCLEAR, why, now.node))
        return Walked(self.steps, self.broken(row.seq, row.event, now.code, _why(now), now.node))

    def broken(self, seq: int, event: str, code: str, why: str, node: str | None = None) -> Broken:
        return Broken(self.story.id, self.story.number, seq, event, code, why, node or "")


def _begun(story: Story, process: Process, facts: Facts) -> Case:
    starts = {name for node in process.table.starts for name in (node.id, node.event)}
    start = story.start if story.start in starts else None
    change = process.begun(story.id, story.begun_at, story.status, {**facts, **story.params}, start)
    unborn = Case(story.id, "", process.table.process, process.version, frozenset(), 0)
    return _after(unborn, change)


def _after(case: Case, change: Change) -> Case:
    return replace(case, marking=change.after, row_version=case.row_version + 1, due_at=change.due_at, data=change.data)


def _moved(
    process: Process, case: Case, row: Happened, facts: Facts, event: str | None = None
) -> tuple[Change | Refusal, str]:
    """The step, and by which event: what the worker did at the cut-off may have been the diagram's timer."""
    found = _planned(process, case, row, event or row.event, facts)
    if isinstance(found, Change) or event is not None or row.role is not Role.SYSTEM:
        return found, event or row.event
    timed = _planned(process, case, row, TIMER, facts)
    return (found, row.event) if isinstance(timed, Refusal) else (timed, TIMER)


def _planned(process: Process, case: Case, row: Happened, event: str, facts: Facts) -> Change | Refusal:
    node = row.node if event != TIMER and row.node in process.table.nodes else None
    if event == TIMER:
        facts = {**facts, **_due(process, row.at)}
    actor = Actor("replay", row.role, case.tenant, "", "")
    plan = process.plan([case], Event(event, row.params, node), actor, {case.id: facts}, row.at, process.table.nodes)
    return plan.changes[0] if plan.changes else plan.refusals[0]


def _due(process: Process, at: datetime) -> Facts:
    """Every moment that a timer waits for has come."""
    timers = (node.timer for node in process.table.nodes.values())
    return {timer.fact: at for timer in timers if timer is not None and timer.fact}


def _why(refusal: Refusal) -> str:
    """What an expert of the process needs: which guard, or what would have been possible instead."""
    if refusal.unmet:
        return f"{refusal.node} also needs {', '.join(refusal.unmet)}"
    expected: Sequence[str] = refusal.expected
    return f"{refusal.detail}; possible would be {', '.join(expected) or 'nothing'}"


def _other_way(was: frozenset[str], old: Process, now: frozenset[str], new: Process) -> str | None:
    """Where each of them waits then, of the places that both versions know; None where that is the same."""
    missing = {place for place in was if place in _places(new)} - now
    more = {place for place in now if place in _places(old)} - was
    if not missing and not more:
        return None
    return f"to {_said(now)} instead of {_said(was)}"


def _places(process: Process) -> frozenset[str]:
    return frozenset({node.id for node in process.table.waiting} | process.table.flows.keys())


def _said(places: frozenset[str]) -> str:
    return ", ".join(sorted(places)) or "its end"
