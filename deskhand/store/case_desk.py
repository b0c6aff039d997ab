"""Commands on cases as the desk carries them out: on which definition, by whose right, taken back when refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from deskhand.cases import CaseChanged, CaseCommand, Definition, UnknownCase
from deskhand.cases.handlers import handle
from deskhand.cases.model import CaseOutcome
from deskhand.cases.work import CaseWork
from deskhand.orders.errors import ProcessVersionUnknown
from deskhand.orders.model import Actor
from deskhand.orders.process import NAME
from deskhand.store.contention import lockouts_told
from deskhand.store.live_processes import LiveProcesses
from deskhand.store.repositories.case_files import canonical
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk


class TenantDefinitions:
    """The processes of one company, other than the orders' own: those that are active, and those that cases run on."""

    def __init__(self, versions: LiveProcesses, tenant: str) -> None:
        self._versions = versions
        self._tenant = tenant

    def newest(self) -> Mapping[str, Definition]:
        """By name; one that can't be compiled any more is left out."""
        found = {}
        for name in self._versions.names(self._tenant):
            if name != NAME and (definition := self._active(name)) is not None:
                found[name] = definition
        return found

    def of(self, process: str, version: int) -> Definition:
        """
        Raises:
            ProcessVersionUnknown: no such version was published here, or it can't be compiled any more.
        """
        definition = self._versions.of(self._tenant, process, version).definition
        if definition is None:
            raise ProcessVersionUnknown(process=process, version=version)
        return definition

    def _active(self, name: str) -> Definition | None:
        try:
            return self._versions.active(self._tenant, name).definition
        except ProcessVersionUnknown:
            return None


def case_work(desk: Desk, uow: UnitOfWork, actor: Actor) -> CaseWork:
    words = desk.shared_words(uow.tenant.id)
    return CaseWork(uow, TenantDefinitions(desk.versions, uow.tenant.id), uow.tenant, actor, words)


def carried_out(desk: Desk, uow: UnitOfWork, command: CaseCommand, actor: Actor) -> CaseOutcome:
    """In the one role that the actor has here; what had begun is taken back when it is refused.

    Raises:
        RoleNotAllowed: the role has no right to it.
        DeskhandError: it was refused.
    """
    grant = desk.permissions.require(type(command).__name__, actor)
    with lockouts_told(), uow.savepoint():
        outcome = handle(case_work(desk, uow, actor), command, grant)
    return replace(outcome, on_behalf_of=actor.on_behalf_of)


def target_of(command: object) -> str | None:
    """The case that a command is about, as the audit names it."""
    number: str | None = getattr(command, "case", None)
    return None if number is None else canonical(number)


def outrun(uow: UnitOfWork, command: CaseCommand) -> CaseChanged:
    """What is said to whoever was locked out: where the case is now."""
    number = target_of(command)
    try:
        found = uow.case_files.get(number or "")
    except UnknownCase:
        return CaseChanged(number=number or "-", status="-")
    return CaseChanged(number=found.number, status=found.status, version=found.version)
