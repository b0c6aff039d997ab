"""Carries cases on without a person: starts by the clock, due timers, automatic tasks. Called by the worker.

Each piece is one transaction, short enough not to be felt by others; two workers never do the same.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from deskhand.cases import Definition, StartCase
from deskhand.cases.definition import ScheduledStart
from deskhand.cases.model import CaseFile
from deskhand.cases.running import Stopped, answer_service, fire_timers, pass_task
from deskhand.cases.words import filled
from deskhand.cases.work import CaseStep
from deskhand.orders.errors import DeskhandError, ProcessVersionUnknown
from deskhand.orders.process import EVERY_CHANNEL, NAME
from deskhand.orders.status import Role
from deskhand.store.automatic import system_actor
from deskhand.store.case_desk import TenantDefinitions, case_work
from deskhand.store.repositories.cases import NO_ANSWER
from deskhand.store.unit_of_work import UnitOfWork
from deskhand.store.waiting import Place, Waiting

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

CHUNK = 200
LATE = timedelta(hours=1)  # a start that was missed by more, since no worker ran, is left out

_log = logging.getLogger("deskhand.cases")


def run_cases(desk: Desk, tenant: str) -> int:
    """Says how much there was to do."""
    return start_scheduled(desk, tenant) + fire_due(desk, tenant) + run_automatic(desk, tenant)


def start_scheduled(desk: Desk, tenant: str) -> int:
    """Cases that begin by the clock, of the processes for which the company asks that: each due moment once, however
    many workers look.
    """
    begun, wanted = 0, desk.tenant(tenant).scheduled
    for name, definition in desk.definitions(tenant).items():
        if name not in wanted:
            continue
        for start in definition.starts:
            begun += _start(desk, tenant, definition, start)
    return begun


def fire_due(desk: Desk, tenant: str) -> int:
    """Timers whose moment has come."""
    with desk.unit_of_work(tenant, read_only=True) as uow:
        if not uow.case_files.is_due(uow.now):
            return 0
    with desk.unit_of_work(tenant) as uow:
        files = _known(desk, uow, uow.case_files.due(uow.now, CHUNK))
        if not files:
            return 0
        steps, stopped = fire_timers(case_work(desk, uow, system_actor(tenant)), files)
        return _stored(uow, steps, stopped)


def run_automatic(desk: Desk, tenant: str) -> int:
    """Tasks that process.yml gives to nobody."""
    if desk.permissions.grant("DecideTask", Role.SYSTEM) is None:
        return 0
    with desk.unit_of_work(tenant, read_only=True) as uow:
        places = Waiting(uow.connection, tenant, uow.clock).places(None) if _has_automatic(desk, tenant) else []
    return sum(_pass(desk, tenant, place) for place in places if place[0] != NAME)


def service_answered(desk: Desk, uow: UnitOfWork, case_id: str, node: str, results: Mapping[str, Any] | None) -> bool:
    """The answer of another system to a service task, inside the caller's transaction; None: it has failed for good.

    Returns:
        Whether the case was waiting for it.
    """
    files = uow.case_files.by_ids([case_id])
    work = case_work(desk, uow, system_actor(uow.tenant.id))
    steps, stopped = answer_service(work, files[0], node, results) if files else ([], [])
    uow.cases.stop(stopped)
    return bool(steps)


def service_failed(
    desk: Desk,
    uow: UnitOfWork,
    case_id: str,
    node: str,
    reason: str,
    error: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> bool:
    """It has failed for good. Without a way for that in the diagram the case stops there, and is told to have.

    Args:
        error: which of the diagram's ways for errors is meant; `said`: what the case keeps of it.

    Returns:
        Whether the case went on, or nothing waits there.
    """
    files = uow.case_files.by_ids([case_id])
    if not files or node not in files[0].case.marking:
        return True
    work = case_work(desk, uow, system_actor(uow.tenant.id))
    steps, stopped = answer_service(work, files[0], node, None, reason, error, said)
    uow.cases.stop(stopped)
    return bool(steps)


def service_stopped(uow: UnitOfWork, case_id: str, node: str, reason: str) -> None:
    """Another system does not answer for now: where and why the case waits can be asked; the rest of it goes on."""
    uow.cases.stop([(case_id, node, f"{NO_ANSWER}{reason}")])


def _start(desk: Desk, tenant: str, definition: Definition, start: ScheduledStart) -> int:
    now = desk.clock()
    zone = ZoneInfo(desk.tenant(tenant).time_zone)
    due = [(_name(start, more), at, more) for at, more in start.schedule.moments(now - LATE, now, zone)]
    if not due:
        return 0
    with desk.unit_of_work(tenant, read_only=True) as uow:
        known = uow.case_files.started_at(definition.process, [at for _, at, _ in due])
    fresh = sorted((each for each in due if (each[0], each[1]) not in known), key=lambda each: (each[1], each[0]))
    return sum(_begin(desk, tenant, definition, start, *each) for each in fresh)


def _name(start: ScheduledStart, more: Mapping[str, str]) -> str:
    """One shift's end may be another's start: each is a start of its own."""
    return ".".join([start.name, *more.values()])


def _begin(
    desk: Desk,
    tenant: str,
    definition: Definition,
    start: ScheduledStart,
    name: str,
    due: datetime,
    more: Mapping[str, str],
) -> int:
    """The moment is taken and the case begun in one transaction."""
    said = {**_named(desk, tenant, start, due, more), **{k: v for k, v in more.items() if k in definition.fields}}
    with desk.unit_of_work(tenant) as uow:
        if not uow.case_files.take_start(definition.process, name, due):
            return 0
        try:
            file = desk.handle_in(uow, StartCase(definition.process, said), system_actor(tenant)).case
            uow.case_files.began(definition.process, name, due, file.id)
        except DeskhandError as error:  # it stands in the audit; the next moment may go better
            _log.error("%s: the start %s of %s is refused: %s", tenant, name, definition.process, error)
        uow.commit()
    return 1


def _named(desk: Desk, tenant: str, start: ScheduledStart, due: datetime, more: Mapping[str, str]) -> dict[str, object]:
    """The fields of the start; their texts may say {day}, {time}, {shift} and {edge}."""
    local = due.astimezone(ZoneInfo(desk.tenant(tenant).time_zone))
    facts = {**more, "day": local.date().isoformat(), "time": local.strftime("%H:%M")}
    return {name: filled(value, facts) if isinstance(value, str) else value for name, value in start.fields.items()}


def _pass(desk: Desk, tenant: str, place: Place) -> int:
    """The automatic tasks of one marking."""
    process, version, marking = place
    done = 0
    for node, channels in _automatic(desk, tenant, process, version).items():
        if node not in marking.split():
            continue
        who = None if EVERY_CHANNEL in channels else channels
        with desk.unit_of_work(tenant) as uow:
            found = uow.cases.waiting_at(process, version, marking.split(), CHUNK, who)
            files = uow.case_files.by_ids([each.id for each in found])
            if files:
                steps, stopped = pass_task(case_work(desk, uow, system_actor(tenant)), files, node)
                done += _stored(uow, steps, stopped)
    return done


def _automatic(desk: Desk, tenant: str, process: str, version: int) -> Mapping[str, frozenset[str]]:
    try:
        return desk.process_of(tenant, version, process).automatic
    except ProcessVersionUnknown:
        return {}


def _has_automatic(desk: Desk, tenant: str) -> bool:
    """Whether it is worth looking; a process that has none now has cases of older versions seldom."""
    return any(each.compiled.automatic for each in desk.definitions(tenant).values())


def _known(desk: Desk, uow: UnitOfWork, files: Sequence[CaseFile]) -> list[CaseFile]:
    """Without those whose version can't be compiled any more; they say so."""
    definitions, found, lost = TenantDefinitions(desk.versions, uow.tenant.id), [], []
    for file in files:
        try:
            definitions.of(file.process, file.case.version)
            found.append(file)
        except ProcessVersionUnknown as error:
            lost.append((file.id, sorted(file.case.marking)[0], str(error)))
    uow.cases.stop(lost)
    return found


def _stored(uow: UnitOfWork, steps: Sequence[CaseStep], stopped: Stopped) -> int:
    uow.cases.stop(stopped)
    uow.commit()
    return len(steps) + len(stopped)
