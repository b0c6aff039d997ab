"""Publishing a version of a process: one person proposes it, another approves it, and it runs from a day on.

What is proposed has passed the check, and was tried on the histories of real cases; what would break there is accepted
only with a reason. Every step stands in the audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from deskhand.orders.actions import PUBLISH_PROCESS
from deskhand.orders.errors import DelegationRefused, DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.tenant import Tenant
from deskhand.store.automatic import system_actor
from deskhand.store.delegating import moment
from deskhand.store.live_processes import Running
from deskhand.store.process_check import Checked, check
from deskhand.store.process_errors import (
    HistoriesBreak,
    NoSuchVersion,
    NotAMoment,
    NotProposed,
    OwnProposal,
    ProcessFaulty,
    ProcessUnchanged,
)
from deskhand.store.process_files import ProcessFiles
from deskhand.store.repositories.process_versions import PROPOSED, PUBLISHED, WITHDRAWN, ProcessVersion
from deskhand.store.simulating import LAST, Simulation, simulate
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

PROPOSE, APPROVE, WITHDRAW, TAKE_OVER = (
    *("propose_process", "approve_process", "withdraw_process", "take_over_process"),
)


@dataclass(frozen=True, slots=True)
class WantedVersion:
    """As people say it: `active_from` a day or a time in the company's zone, None at once.

    `files` None: the folder as it lies. `accept_broken`: why it does not matter that histories break.
    """

    process: str
    active_from: str | None = None
    accept_broken: str | None = None
    notes: str = ""
    files: Mapping[str, str] | None = None
    last: int = LAST


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was proposed, and what was found out about it."""

    version: ProcessVersion
    checked: Checked
    simulation: Simulation


def propose(desk: Desk, actor: Actor, wanted: WantedVersion) -> Proposal:
    """Stores the draft as a proposal. It runs nowhere until somebody else approves it.

    Raises:
        RoleNotAllowed: the actor may not publish.
        NoSuchProcess, NotAMoment, ProcessUnchanged, ProcessFaulty, HistoriesBreak.
    """
    actor = desk.require(PUBLISH_PROCESS, actor)
    files = _files(desk, wanted)
    take_over(desk, actor.tenant)
    with _noting(desk, actor, PROPOSE, wanted.process) as uow:
        number = uow.process_versions.next_number(wanted.process)
        begins = _begins(wanted.active_from, uow.tenant, uow.now)
        _refuse_unchanged(uow, files)
    checked = check(files, number, desk.versions.domain, desk.definitions(actor.tenant))
    simulation = Simulation(wanted.process)
    if checked.running is not None:
        simulation = simulate(desk, actor.tenant, checked.running, wanted.last)
    with _noting(desk, actor, PROPOSE, wanted.process) as uow:
        _refuse_faulty(wanted, checked, simulation)
        notes = "; ".join(filter(None, (wanted.notes.strip(), (wanted.accept_broken or "").strip())))
        number = uow.process_versions.next_number(wanted.process)
        _refuse_unchanged(uow, files)  # somebody else may have been quicker
        made = ProcessVersion(
            wanted.process, number, files.digest, PROPOSED, actor.user_id, uow.now, begins, notes=notes
        )
        uow.process_versions.add(made, files)
        told = {**_said(made), "cases_tried": simulation.cases, "cases_broken": len(simulation.broken)}
        uow.audit.add(actor, PROPOSE, _target(made), "done", after=told)
    return Proposal(made, checked, simulation)


def tried(desk: Desk, actor: Actor, process: str, version: int, last: int = LAST) -> tuple[Checked, Simulation]:
    """What check and simulation say of a proposal now: who approves it should know.

    Raises:
        RoleNotAllowed, NoSuchVersion, NotProposed.
    """
    actor = desk.require(PUBLISH_PROCESS, actor)
    with desk.unit_of_work(actor.tenant, read_only=True) as uow:
        _proposed(uow, process, version)
        files = uow.process_versions.files(process, version)
    checked = (
        Checked((), None)
        if files is None
        else check(files, version, desk.versions.domain, desk.definitions(actor.tenant))
    )
    if checked.running is None:
        return checked, Simulation(process)
    return checked, simulate(desk, actor.tenant, checked.running, last)


def approve(desk: Desk, actor: Actor, process: str, version: int) -> ProcessVersion:
    """The second pair of eyes. From its day on, and at once where that is past, new cases begin on it.

    Raises:
        RoleNotAllowed: the actor may not publish.
        OwnProposal: the actor has proposed it.
        NoSuchVersion, NotProposed.
        ProcessFaulty: what was right when it was proposed isn't any more.
    """
    actor = desk.require(PUBLISH_PROCESS, actor)
    with _noting(desk, actor, APPROVE, f"{process} {version}") as uow:
        found = _proposed(uow, process, version)
        if actor.user_id == found.proposed_by:
            raise OwnProposal(
                process=process, version=version, proposer=_called(uow, found.proposed_by), role=str(actor.role)
            )
        files = uow.process_versions.files(process, version)
        checked = (
            check(files, version, desk.versions.domain, desk.definitions(actor.tenant))
            if files is not None
            else Checked((), None)
        )
        _refuse_faulty(WantedVersion(process), checked, Simulation(process))
        begins = max(found.active_from, uow.now)
        if not uow.process_versions.approve(process, version, actor.user_id, uow.now, begins):
            raise NotProposed(process=process, version=version, state=PUBLISHED)
        done = replace(found, state=PUBLISHED, approved_by=actor.user_id, approved_at=uow.now, active_from=begins)
        uow.audit.add(actor, APPROVE, _target(done), "done", before=_said(found), after=_said(done))
    desk.versions.look(actor.tenant)
    return done


def withdraw(desk: Desk, actor: Actor, process: str, version: int) -> ProcessVersion:
    """Takes a proposal back; whoever may publish may do that, who made it too.

    Raises:
        RoleNotAllowed, NoSuchVersion, NotProposed.
    """
    actor = desk.require(PUBLISH_PROCESS, actor)
    with _noting(desk, actor, WITHDRAW, f"{process} {version}") as uow:
        found = _proposed(uow, process, version)
        uow.process_versions.withdraw(process, version)
        done = replace(found, state=WITHDRAWN)
        uow.audit.add(actor, WITHDRAW, _target(done), "done", before=_said(found), after=_said(done))
    return done


def take_over(desk: Desk, tenant: str) -> list[ProcessVersion]:
    """The folders of processes of which nothing is stored yet are their first versions, from now on. Says which."""
    versions = desk.versions
    missing = [running for name, running in versions.laid.items() if not versions.published(tenant, name)]
    if not missing:
        return []
    done: list[ProcessVersion] = []
    with desk.unit_of_work(tenant) as uow:
        actor = system_actor(tenant)
        for running in missing:
            if any(row.state == PUBLISHED for row in uow.process_versions.list(running.files.name)):
                continue  # somebody else was quicker
            made = _taken_over(running, actor, uow.now)
            if uow.process_versions.add(made, running.files):
                uow.audit.add(actor, TAKE_OVER, _target(made), "done", after=_said(made))
                done.append(made)
        uow.commit()
    versions.look(tenant)
    return done


def differing(desk: Desk, tenant: str) -> dict[str, int]:
    """Processes whose folder is not the version that runs, nor one that waits for its day or its approval."""
    with desk.unit_of_work(tenant, read_only=True) as uow:
        rows = [row for row in uow.process_versions.list() if row.state != WITHDRAWN]
    found = {}
    for name, running in desk.versions.laid.items():
        active = desk.versions.active_row(tenant, name)
        waiting = {row.digest for row in rows if row.process == name and active and row.version > active.version}
        if active is not None and running.files.digest not in {active.digest, *waiting}:
            found[name] = active.version
    return found


def _taken_over(running: Running, actor: Actor, now: datetime) -> ProcessVersion:
    return ProcessVersion(
        running.files.name,
        running.version,
        running.files.digest,
        PUBLISHED,
        actor.user_id,
        now,
        now,
        notes="the folder as it lay",
        approved_by=actor.user_id,
        approved_at=now,
    )


@contextmanager
def _noting(desk: Desk, actor: Actor, action: str, target: str) -> Iterator[UnitOfWork]:
    """One transaction; a refusal changes nothing and leaves its row in the audit."""
    with desk.unit_of_work(actor.tenant) as uow:
        try:
            with uow.savepoint():
                yield uow
        except DeskhandError as error:
            uow.audit.add(actor, action, target, "refused", {"code": error.code})
            raise
        finally:
            uow.commit()


def _files(desk: Desk, wanted: WantedVersion) -> ProcessFiles:
    if wanted.files is not None:
        desk.versions.draft(wanted.process)  # there is such a process
        return ProcessFiles(wanted.process, dict(wanted.files))
    return desk.versions.draft(wanted.process)


def _begins(said: str | None, tenant: Tenant, now: datetime) -> datetime:
    if said is None:
        return now
    try:
        return max(moment(said, tenant), now)
    except DelegationRefused as error:
        raise NotAMoment(said=said) from error


def _refuse_unchanged(uow: UnitOfWork, files: ProcessFiles) -> None:
    rows = [row for row in uow.process_versions.list(files.name) if row.state != WITHDRAWN]
    newest = max(rows, key=lambda row: row.version, default=None)
    if newest is not None and newest.digest == files.digest:
        raise ProcessUnchanged(process=files.name, version=newest.version, state=newest.state)


def _refuse_faulty(wanted: WantedVersion, checked: Checked, simulation: Simulation) -> None:
    if checked.errors or checked.running is None:
        first = next((f"{each.file}:{each.line}: {each.problem}" for each in checked.errors), "it can't be read")
        raise ProcessFaulty(process=wanted.process, errors=len(checked.errors), first=first)
    if simulation.broken and not (wanted.accept_broken or "").strip():
        broken = simulation.broken[0]
        raise HistoriesBreak(
            process=wanted.process,
            broken=len(simulation.broken),
            cases=simulation.cases,
            first=f"{broken.number}: {broken.event}: {broken.why}",
        )


def _proposed(uow: UnitOfWork, process: str, version: int) -> ProcessVersion:
    found = uow.process_versions.get(process, version)
    if found is None:
        raise NoSuchVersion(process=process, version=version)
    if found.state != PROPOSED:
        raise NotProposed(process=process, version=version, state=found.state)
    return found


def _called(uow: UnitOfWork, user_id: str) -> str:
    return uow.names_of({user_id}).get(user_id, user_id)


def _target(one: ProcessVersion) -> str:
    return f"{one.process} {one.version}"


def _said(one: ProcessVersion) -> dict[str, object]:
    return {
        "state": one.state,
        "digest": one.digest,
        "proposed_by": one.proposed_by,
        "active_from": one.active_from.isoformat(),
        "notes": one.notes,
    }
