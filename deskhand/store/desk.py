"""The order desk of all tenants: what is loaded once, and the door to everything that changes an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import overload

from deskhand.cases import CaseCommand, Definition, UnknownCase, UnknownProcess
from deskhand.cases.model import CaseOutcome
from deskhand.orders.commands import Command
from deskhand.orders.errors import DeskhandError, RoleNotAllowed, TenantNotServed, VersionConflict
from deskhand.orders.handlers import handle
from deskhand.orders.model import Actor
from deskhand.orders.permissions import Grant, Permissions
from deskhand.orders.process import Process
from deskhand.orders.tenant import Tenant
from deskhand.orders.work import Outcome, Work
from deskhand.store import case_desk
from deskhand.store.automatic import AutomaticReport, run_automatic, settle_due
from deskhand.store.case_running import run_cases
from deskhand.store.contention import DatabaseBusy, LockedOut, lockouts_told
from deskhand.store.database import Database, utc_now
from deskhand.store.escalating import escalate
from deskhand.store.expiring import release_expired
from deskhand.store.live_processes import LiveProcesses
from deskhand.store.projector import project
from deskhand.store.repositories.base import Clock
from deskhand.store.repositories.orders import canonical_number
from deskhand.store.rights import Rights
from deskhand.store.texts import TextFile
from deskhand.store.unit_of_work import UnitOfWork

PROCESS = "order_to_cash"


class Desk:
    """Thread-safe; one for each service. Raises at once if one of the files is wrong.

    Args:
        permissions_file: by default `permissions.yml` beside the processes' folder.
    """

    def __init__(
        self,
        database: Database,
        tenants: Mapping[str, Tenant],
        processes_dir: Path | str,
        clock: Clock = utc_now,
        permissions_file: Path | str | None = None,
    ) -> None:
        folder = Path(processes_dir)
        self.database = database
        self.tenants = tenants
        self.clock = clock
        self.versions = LiveProcesses(folder, database, clock)
        self.rights = Rights(Path(permissions_file or folder.parent / "permissions.yml"))

    @property
    def permissions(self) -> Permissions:
        """The table in force; it may be another one the next time."""
        return self.rights.permissions

    @property
    def process(self) -> Process:
        """The order process as its folder lies; what runs for a company is `process_of`."""
        return self.versions.as_laid(PROCESS).process

    def process_of(self, tenant: str, version: int | None = None, process: str = PROCESS) -> Process:
        """What a case of that version runs on; without a version, what one runs on that begins now.

        Raises:
            ProcessVersionUnknown: there is no such version here, or it can't be compiled any more.
        """
        if version is None:
            return self.versions.active(tenant, process).process
        return self.versions.of(tenant, process, version).process

    def definitions(self, tenant: str) -> Mapping[str, Definition]:
        """The processes that cases begin on now, by name; the orders' own is none of them."""
        return case_desk.TenantDefinitions(self.versions, tenant).newest()

    def shared_words(self, tenant: str) -> TextFile:
        """The words that every process uses: money, yes and no, what decisions are called."""
        return self.versions.active(tenant, PROCESS).texts

    def unit_of_work(self, tenant: str, read_only: bool = False, database: Database | None = None) -> UnitOfWork:
        """One transaction for one tenant. `read_only` does not wait for writers on SQLite; `database`: the same one by
        another connection.

        Raises:
            TenantNotServed: if there is no such tenant, or none any more.
        """
        self.versions.first_look(tenant)
        uow = UnitOfWork(database or self.database, self.tenant(tenant), self.clock, self.versions, read_only)
        uow.before_commit = self.rights.tell
        return uow

    def tenant(self, tenant: str) -> Tenant:
        """The tenant with its settings as they are now.

        Raises:
            TenantNotServed: if there is no such tenant, or none any more.
        """
        found = self.tenants.get(tenant)
        if found is None:
            raise TenantNotServed(tenant=tenant)
        return found

    @overload
    def handle(self, command: Command, actor: Actor) -> Outcome: ...
    @overload
    def handle(self, command: CaseCommand, actor: Actor) -> CaseOutcome: ...

    def handle(self, command: Command | CaseCommand, actor: Actor) -> Outcome | CaseOutcome:
        """Carries a command out in a transaction of its own; once more where it and another lock each other out.

        Raises:
            DeskhandError: it was refused; nothing has changed but one row of the audit.
        """
        try:
            return self._alone(command, actor)
        except DatabaseBusy as error:
            raise self._outrun(command, actor) from error
        except LockedOut:
            pass
        try:
            return self._alone(command, actor)
        except LockedOut as error:
            raise self._outrun(command, actor) from error

    def _alone(self, command: Command | CaseCommand, actor: Actor) -> Outcome | CaseOutcome:
        with lockouts_told(), self.unit_of_work(actor.tenant) as uow:
            try:
                outcome = self._handle_in(uow, command, actor)
            except DeskhandError:
                uow.commit()
                raise
            uow.commit()
            return outcome

    def _outrun(self, command: Command | CaseCommand, actor: Actor) -> Exception:
        with self.unit_of_work(actor.tenant, read_only=True) as uow:
            return outrun(uow, command)

    @overload
    def handle_in(self, uow: UnitOfWork, command: Command, actor: Actor) -> Outcome: ...
    @overload
    def handle_in(self, uow: UnitOfWork, command: CaseCommand, actor: Actor) -> CaseOutcome: ...

    def handle_in(self, uow: UnitOfWork, command: Command | CaseCommand, actor: Actor) -> Outcome | CaseOutcome:
        """As `handle`, inside the caller's transaction, which must be committed after a refusal too (the audit row).

        Raises:
            DeskhandError: what the command had begun is taken back; the rest of the transaction stands.
        """
        try:
            return self._handle_in(uow, command, actor)
        except LockedOut as error:
            refusal = outrun(uow, command)
            uow.audit.add(actor, type(command).__name__, about(command), "refused", said_of(refusal))
            raise refusal from error

    def _handle_in(self, uow: UnitOfWork, command: Command | CaseCommand, actor: Actor) -> Outcome | CaseOutcome:
        if actor.tenant != uow.tenant.id:
            raise ValueError(f"an actor of {actor.tenant} in a transaction of {uow.tenant.id}")
        acting = actor
        try:
            refused: list[tuple[DeskhandError, Actor]] = []
            for acting in self.rights.candidates(uow, type(command).__name__, actor):
                try:
                    if isinstance(command, CaseCommand):
                        return case_desk.carried_out(self, uow, command, acting)
                    return self._carried_out(uow, command, acting)
                except (RoleNotAllowed, UnknownCase, UnknownProcess) as error:  # perhaps not in a role that was lent
                    refused.append((error, acting))
            refusal, acting = most_telling(refused)
            raise refusal
        except DeskhandError as error:
            uow.audit.add(acting, type(command).__name__, about(command), "refused", said_of(error))
            raise

    def _carried_out(self, uow: UnitOfWork, command: Command, actor: Actor) -> Outcome:
        """In the one role that the actor has here; what had begun is taken back when it is refused."""
        self.permissions.require(type(command).__name__, actor)  # most refusals need no look at any order
        with lockouts_told(), uow.savepoint():
            named = self.rights.permitted(uow, command, actor)
            outcome = handle(replace(self.work(uow, actor), named=named), command)
            if outcome.order is not None:
                self.permissions.require_result(type(command).__name__, actor, outcome.order)
                self.rights.require_terms(uow, command, actor, named, outcome.order)
        return replace(outcome, on_behalf_of=actor.on_behalf_of)

    def work(self, uow: UnitOfWork, actor: Actor) -> Work:
        return Work(uow, partial(self.process_of, uow.tenant.id), uow.tenant, actor)

    def require(self, action: str, actor: Actor) -> Actor:
        """The actor as who they may do this (themselves, or in the role of a colleague who is away).

        Opens a transaction of its own where it has to, so it is not for the inside of one: there is `acting`.

        Raises:
            RoleNotAllowed: nothing allows it; it stands in the audit.
        """
        if self.permissions.grant(action, actor.role) is not None:
            return actor
        try:
            with self.unit_of_work(actor.tenant, read_only=True) as uow:
                return self.rights.acting(uow, action, actor)
        except RoleNotAllowed as error:
            self.note_refused(actor, action, error)
            raise

    def note_refused(self, actor: Actor, action: str, error: DeskhandError) -> None:
        """A row of the audit, for a refusal that was met where nothing could be written."""
        with self.unit_of_work(actor.tenant) as uow:
            uow.audit.add(actor, action, number_in(error.data), "refused", said_of(error))
            uow.commit()

    def acting(self, uow: UnitOfWork, action: str, actor: Actor) -> Actor:
        """As `require`, inside the caller's transaction and without a row in the audit.

        Raises:
            RoleNotAllowed: nothing allows it.
        """
        return self.rights.acting(uow, action, actor)

    def granted(self, uow: UnitOfWork, action: str, actor: Actor) -> Grant | None:
        """What the actor may do of an action, by themselves or for a colleague; None: nothing of it."""
        try:
            return self.permissions.require(action, self.rights.acting(uow, action, actor))
        except RoleNotAllowed:
            return None

    def only_customer(self, uow: UnitOfWork, action: str, actor: Actor) -> str | None:
        """The one customer to whom the actor's right is limited; None: all of them.

        Raises:
            RoleNotAllowed: nothing allows it.
        """
        return self.permissions.only_customer(action, self.rights.acting(uow, action, actor))

    def close(self) -> None:
        """Gives the database connections back."""
        self.database.close()

    def run_automatic(self, tenant: str, limit: int = 5000) -> AutomaticReport:
        """Carries orders through their automatic nodes; says which moved, and where and why others stopped."""
        return run_automatic(self, tenant, limit)

    def run_cases(self, tenant: str) -> int:
        """Cases of the other processes: starts by the clock, due timers, automatic tasks; says how much there was."""
        return run_cases(self, tenant)

    def settle_due(self, tenant: str, now: datetime | None = None) -> Outcome | None:
        """R7: the settlement at the cut-off; None before it, and when it was made already."""
        return settle_due(self, tenant, now)

    def release_expired(self, tenant: str) -> int:
        """Gives free what is reserved longer than the tenant's reservation days; says for how many orders."""
        return release_expired(self, tenant)

    def escalate(self, tenant: str) -> int:
        """Tells others of what nobody has acknowledged in time, as process.yml says; says of how many notices."""
        return escalate(self, tenant)

    def project_notifications(self, tenant: str) -> int:
        """Turns events into notification rows, in commit order; says how many."""
        return project(self, tenant)


def about(command: Command | CaseCommand) -> str | None:
    """The order or the case that it names, as its number is written here."""
    return number_in({"number": getattr(command, "number", None)}) or case_desk.target_of(command)


def outrun(uow: UnitOfWork, command: Command | CaseCommand) -> DeskhandError:
    """What is said to whoever was locked out: what has become of the order or the case meanwhile."""
    if isinstance(command, CaseCommand):
        return case_desk.outrun(uow, command)
    number = about(command)
    found = uow.orders.by_numbers([number]) if number else []
    if not found:
        return VersionConflict(number=number or "-", status="-")
    return VersionConflict(number=found[0].number, status=str(found[0].status), version=found[0].row_version)


def number_in(data: Mapping[str, object]) -> str | None:
    """The order that it is about, as its number is written here: `1001` and `so1001` are SO-1001."""
    number = data.get("number")
    return canonical_number(str(number)) if number else None


def said_of(error: DeskhandError) -> dict[str, str]:
    """A refusal as the audit keeps it."""
    said = {key: str(value) for key, value in error.data.items() if key not in error.kept_back}
    return {"code": error.code, **said}


def most_telling(refused: Sequence[tuple[DeskhandError, Actor]]) -> tuple[DeskhandError, Actor]:
    """A condition that was not met says more than a role that has no right at all; else what the own role met."""
    conditions = [
        each for each in refused if isinstance(each[0], RoleNotAllowed) and type(each[0]) is not RoleNotAllowed
    ]
    return (conditions or refused)[0]
