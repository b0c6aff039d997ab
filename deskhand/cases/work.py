"""One piece of work on cases: fire an event at them, let the effects happen, tell it, store it. Set-based.

The same code carries one case of a conversation and ten thousand of a timer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from deskhand import engine
from deskhand.cases.definition import Definition
from deskhand.cases.errors import CaseChanged, CaseStuck
from deskhand.cases.model import ANSWERED, CALLED, CALLER, ENDED, RUNNING, SINCE, CaseDocument, CaseEntry, CaseFile
from deskhand.cases.ports import Definitions, UnitOfWork, Words
from deskhand.cases.reasons import Reasons
from deskhand.cases.values import parted
from deskhand.cases.words import Speaker
from deskhand.engine import Change, Event, NoPath, Refusal
from deskhand.engine.walk import CALL_EFFECT
from deskhand.orders.errors import VersionConflict
from deskhand.orders.events import DomainEvent
from deskhand.orders.model import Actor
from deskhand.orders.tenant import Tenant


@dataclass(frozen=True, slots=True)
class CaseWork:
    """What every handler gets: the transaction, the definitions, the company, its words, who acts and when."""

    uow: UnitOfWork
    definitions: Definitions
    tenant: Tenant
    actor: Actor
    words: Words

    @property
    def now(self) -> datetime:
        return self.uow.now

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.uow, self.tenant, self.words)


@dataclass(frozen=True, slots=True)
class Beginning:
    """As what a called case begins: its id, who counts as its starter, how deep it lies, and who calls it where."""

    case_id: str
    started_by: str
    channel: str
    depth: int
    caller: CaseFile
    node: str

    @property
    def kept(self) -> dict[str, object]:
        return {CALLER: {"case": self.caller.id, "depth": self.depth}}


@dataclass(slots=True)
class CaseStep:
    """One case's way through one event: as it was, as it is now, and what is to be told. `before` None: it began."""

    definition: Definition
    before: CaseFile | None
    file: CaseFile
    change: Change | None
    detail: dict[str, object] = field(default_factory=dict)
    personal: dict[str, object] = field(default_factory=dict)
    events: list[DomainEvent] = field(default_factory=list)
    documents: list[CaseDocument] = field(default_factory=list)

    @property
    def entered(self) -> list[str]:
        """The tasks at which it has begun to wait, in the order of the diagram."""
        if self.change is None:
            return []
        change, again = self.change, {self.change.node} & self.change.after
        fresh = (change.after - change.before) | again
        return [node.id for node in self.definition.compiled.table.waiting if node.id in fresh]


def fire(
    work: CaseWork,
    files: Sequence[CaseFile],
    event: Event,
    *,
    role: str | None = None,
    automatic: Collection[str] = (),
) -> tuple[list[CaseStep], list[Refusal]]:
    """Asks the engine and moves the cases; what is told of them is stored by `store`.

    The cases come first: of two who do the same at once, one waits here and learns that the case has changed.

    Args:
        role: in which the actor does it, where what allows it is not the diagram's list of roles.
    """
    steps: list[CaseStep] = []
    refused: list[Refusal] = []
    for definition, some in _by_definition(work, files):
        facts = {file.id: facts_of(work, definition, file.values, file.id) for file in some}
        reasons = Reasons(definition.compiled)
        plan = engine.plan(
            definition.compiled.table, [file.case for file in some], event, engine_actor(work.actor, role), facts,
            work.now, automatic=automatic, decide=reasons.decide,
        )  # fmt: skip
        by_id = {file.id: file for file in some}
        for change in plan.changes:
            steps.append(_step(work, definition, by_id[change.case_id], change, reasons))
        refused += plan.refusals
    take(work, steps)
    return steps, refused


def begin(
    work: CaseWork,
    definition: Definition,
    values: Mapping[str, Any],
    node: str | None,
    called: Beginning | None = None,
) -> CaseStep:
    """A new case, where its start leads to.

    Args:
        called: by another case; None: by whoever acts.

    Raises:
        CaseStuck: no way leads on from its start.
    """
    case_id = called.case_id if called else work.uow.new_id()
    (number,) = work.uow.case_files.numbers(definition.prefix)
    reasons = Reasons(definition.compiled)
    try:
        change = engine.start(
            definition.compiled.table, case_id, facts_of(work, definition, values, case_id), work.now,
            event=node, params=values, decide=reasons.decide,
        )  # fmt: skip
    except NoPath as error:
        raise CaseStuck(process=definition.process, node=error.node, problem=str(error)) from error
    kept = called.kept if called else {}
    change = replace(change, before=frozenset(), data={**_marked(work, change), **kept})
    blank = engine.Case(case_id, work.tenant.id, definition.process, definition.version, frozenset(), 0)
    starter, channel = (called.started_by, called.channel) if called else (work.actor.user_id, work.actor.channel)
    file = CaseFile(number, definition.process, RUNNING, starter, work.now, work.now, blank, channel=channel)
    step = CaseStep(definition, None, _moved(file, change, work.now), change)
    step.detail, step.personal = reasons.said(case_id)
    if called:
        step.detail |= {"called_by": called.caller.number, "called_at": called.node}
    return step


def store(work: CaseWork, steps: Sequence[CaseStep], event: str) -> list[CaseFile]:
    """Files, history, documents and outbox, under the versions that were read; a task that is left is nobody's."""
    files = work.uow.case_files
    left = {(step.file.id, node) for step in steps if step.change for node in step.change.before - step.change.after}
    left |= {(step.file.id, step.change.node) for step in steps if step.change and step.change.node in step.entered}
    if left:
        files.release(left)
    new = [step for step in steps if step.before is None]
    old = [step for step in steps if step.before is not None]
    stored = {each.id: each for each in files.add([_entry(step, event) for step in new], work.actor)}
    stored |= {each.id: each for each in files.save([_entry(step, event) for step in old], work.actor)}
    files.write([document for step in steps for document in step.documents])
    work.uow.outbox.publish([told for step in steps for told in step.events], work.actor)
    for step in steps:
        step.file = stored[step.file.id]
    return [step.file for step in steps]


def take(work: CaseWork, steps: Sequence[CaseStep]) -> None:
    """Moves the cases.

    Raises:
        CaseChanged: with the fresh status, if somebody else has moved one of them.
    """
    try:
        work.uow.cases.apply([step.change for step in steps if step.change])
    except VersionConflict:
        for fresh in work.uow.case_files.by_ids([step.file.id for step in steps]):
            known = next(step.before for step in steps if step.file.id == fresh.id)
            if known is not None and known.version != fresh.version:
                raise changed(fresh) from None
        raise


def changed(fresh: CaseFile) -> CaseChanged:
    return CaseChanged(number=fresh.number, status=fresh.status, version=fresh.version)


def facts_of(work: CaseWork, definition: Definition, values: Mapping[str, Any], case_id: str) -> dict[str, Any]:
    """What conditions may read besides the case's data; a day by which a timer is due begins at midnight there."""
    facts: dict[str, Any] = {"_case": case_id, "today": work.tenant.today(work.now)}
    for node in definition.compiled.table.nodes.values():
        name = node.timer.fact if node.timer else None
        if name and isinstance(values.get(name), date):
            facts[name] = _midnight(values[name], work.tenant)
    return facts


def engine_actor(actor: Actor, role: str | None = None) -> engine.Actor:
    return engine.Actor(actor.user_id, role or str(actor.role), actor.tenant, actor.channel, actor.cause)


def _by_definition(work: CaseWork, files: Sequence[CaseFile]) -> list[tuple[Definition, list[CaseFile]]]:
    groups: dict[tuple[str, int], list[CaseFile]] = defaultdict(list)
    for file in files:
        groups[file.process, file.case.version].append(file)
    return [(work.definitions.of(*which), some) for which, some in groups.items()]


def _step(work: CaseWork, definition: Definition, file: CaseFile, change: Change, reasons: Reasons) -> CaseStep:
    change = replace(change, data=_marked(work, change))
    step = CaseStep(definition, file, _moved(file, change, work.now), change)
    step.detail, step.personal = reasons.said(file.id)
    return step


def _moved(file: CaseFile, change: Change, now: datetime) -> CaseFile:
    case = replace(
        file.case, marking=change.after, row_version=change.row_version + 1, due_at=change.due_at, data=change.data
    )
    status = change.status or (ENDED if change.ended else file.status)
    ended_at = now if change.ended else None
    return replace(
        file, case=case, status=status, updated_at=now, ended_at=ended_at, stopped_node=None, stopped_reason=None
    )


def _marked(work: CaseWork, change: Change) -> dict[str, Any]:
    """The case's data with since when it waits where, and which cases it has called; what it passes again is new."""
    known, now = change.data.get(SINCE, {}), work.now.isoformat()
    stayed = change.after & change.before - {change.node}
    since = {node: known.get(node, now) if node in stayed else now for node in sorted(change.after)}
    called = {node: case for node, case in change.data.get(CALLED, {}).items() if node in stayed}
    called |= {effect.node: work.uow.new_id() for effect in change.effects if effect.name == CALL_EFFECT}
    answered = {node: said for node, said in change.data.get(ANSWERED, {}).items() if node in stayed}
    data = {name: value for name, value in change.data.items() if name not in (CALLED, ANSWERED)}
    more = {name: value for name, value in ((CALLED, called), (ANSWERED, answered)) if value}
    return {**data, SINCE: since, **more}


def _entry(step: CaseStep, event: str) -> CaseEntry:
    """What the history says: the step's own words, and the way that it took."""
    detail = dict(step.detail)
    if step.change is not None:
        change = step.change
        detail["case"] = {
            "before": sorted(change.before),
            "after": sorted(change.after),
            "node": change.node,
            "event": change.event,
            "effects": [effect.name for effect in change.effects],
        }
        hashed, personal = parted(step.definition, _new_values(change))
        if hashed:
            detail["values"] = hashed
        if personal:
            step.personal["values"] = personal
    return CaseEntry(step.file, event, step.before.status if step.before else None, detail, step.personal or None)


def _new_values(change: Change) -> dict[str, Any]:
    before = change.data_before if change.before else {}
    return {name: value for name, value in change.data.items() if name not in before or before[name] != value}


def _midnight(day: date, tenant: Tenant) -> datetime:
    if isinstance(day, datetime):
        return day
    return datetime.combine(day, time(0), ZoneInfo(tenant.time_zone))
