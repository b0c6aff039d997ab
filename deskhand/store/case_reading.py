"""What somebody may see of cases: one, a page of them, what they may start, and what waits for them. Reads only.

Whose right counts is asked as for commands: one's own role, then those that one was lent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskhand.cases import Definition, UnknownCase
from deskhand.cases.handlers import sees
from deskhand.cases.model import CaseFile
from deskhand.orders.actions import QUERY_CASES
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.model import Actor
from deskhand.orders.permissions import Grant, Reach
from deskhand.store.case_desk import TenantDefinitions
from deskhand.store.records import Page
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case, what its process says, and as whom it is seen."""

    file: CaseFile
    definition: Definition
    actor: Actor


def granted_as(desk: Desk, uow: UnitOfWork, action: str, actor: Actor) -> Iterator[tuple[Actor, Grant]]:
    """The actor in each role in which permissions.yml allows it: their own first, then those that they were lent."""
    for candidate in desk.rights.candidates(uow, action, actor):
        grant = desk.permissions.grant(action, candidate.role)
        if grant is not None:
            yield candidate, grant


def startable(desk: Desk, uow: UnitOfWork, actor: Actor) -> list[Definition]:
    """The processes that the actor may start, by name."""
    roles = {str(each.role) for each, _ in granted_as(desk, uow, "StartCase", actor)}
    found = TenantDefinitions(desk.versions, uow.tenant.id).newest()
    return [each for _, each in sorted(found.items()) if each.start_roles & roles]


def seen_case(desk: Desk, uow: UnitOfWork, number: str, actor: Actor) -> SeenCase:
    """
    Raises:
        RoleNotAllowed: the actor may see no case at all.
        UnknownCase: there is none with this number, or it is not for the actor: that is nobody else's business.
    """
    ways = list(granted_as(desk, uow, QUERY_CASES, actor))
    if not ways:
        raise RoleNotAllowed(role=str(actor.role), event=QUERY_CASES)
    file = uow.case_files.get(number)
    definition = TenantDefinitions(desk.versions, uow.tenant.id).of(file.process, file.case.version)
    for candidate, grant in ways:
        if sees(definition, file, candidate, grant):
            return SeenCase(file, definition, candidate)
    raise UnknownCase(number=number)


def seen_cases(
    desk: Desk,
    uow: UnitOfWork,
    actor: Actor,
    *,
    process: str | None = None,
    status: str | None = None,
    is_open: bool | None = None,
    mine: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[SeenCase]:
    """Newest first; `mine`: those that the actor has started.

    Raises:
        RoleNotAllowed: the actor may see no case at all.
    """
    ways = list(granted_as(desk, uow, QUERY_CASES, actor))
    if not ways:
        raise RoleNotAllowed(role=str(actor.role), event=QUERY_CASES)
    definitions = TenantDefinitions(desk.versions, uow.tenant.id)
    roles = {str(each.role) for each, grant in ways if grant.reach is Reach.ANY}
    processes = [name for name, each in definitions.newest().items() if each.seen_by & roles]
    people = {actor.user_id, *(each.on_behalf_of for each, _ in ways if each.on_behalf_of)}
    page = uow.case_files.list(
        uow.case_files.seen_by(processes, people), process=process, status=status, is_open=is_open,
        started_by=actor.user_id if mine else None, cursor=cursor, limit=limit,
    )  # fmt: skip
    seen = [_as(definitions.of(each.process, each.case.version), each, ways) for each in page.items]
    return Page(tuple(seen), page.next_cursor)


def _as(definition: Definition, file: CaseFile, ways: Sequence[tuple[Actor, Grant]]) -> SeenCase:
    """As the first role that sees it."""
    found = next((each for each, grant in ways if sees(definition, file, each, grant)), ways[0][0])
    return SeenCase(file, definition, found)
