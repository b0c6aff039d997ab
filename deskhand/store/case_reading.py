"""What somebody may see of cases: one, a page of them, what they may start, and what waits for them. Reads only.

Whose right counts is asked as for commands: one's own role, then those that one was lent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from deskhand.cases import Definition, UnknownCase
from deskhand.cases.errors import UnknownDocument
from deskhand.cases.handlers import sees
from deskhand.cases.model import CALLED, CALLER, CaseDocument, CaseFile
from deskhand.cases.reasons import told
from deskhand.cases.values import visible
from deskhand.cases.words import keys_of
from deskhand.orders.actions import QUERY_CASES
from deskhand.orders.errors import ProcessVersionUnknown, RoleNotAllowed
from deskhand.orders.model import Actor
from deskhand.orders.permissions import Grant, Reach
from deskhand.orders.status import Role
from deskhand.store.case_desk import TenantDefinitions
from deskhand.store.records import Page
from deskhand.store.texts import places
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case, what its process says, and as whom it is seen."""

    file: CaseFile
    definition: Definition
    actor: Actor


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One row of a case's history. `rules`: those of its decisions that applied; `values`: what was given then."""

    seq: int
    event: str
    before: str | None
    after: str | None
    at: datetime
    actor: str
    role: str
    channel: str
    on_behalf_of: str | None
    node: str | None
    decision: str | None
    reason: str | None
    values: Mapping[str, Any]
    rules: Sequence[Mapping[str, Any]]
    hash: str
    previous_hash: str


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
    return Page(tuple(_shown(definitions, page.items, ways)), page.next_cursor)


def _shown(
    definitions: TenantDefinitions, files: Sequence[CaseFile], ways: Sequence[tuple[Actor, Grant]]
) -> Iterator[SeenCase]:
    """Without those whose version can't be compiled any more: nobody knows what may be seen of them."""
    for file in files:
        try:
            definition = definitions.of(file.process, file.case.version)
        except ProcessVersionUnknown:
            continue
        yield _as(definition, file, ways)


def _as(definition: Definition, file: CaseFile, ways: Sequence[tuple[Actor, Grant]]) -> SeenCase:
    """As the first role that sees it."""
    found = next((each for each, grant in ways if sees(definition, file, each, grant)), ways[0][0])
    return SeenCase(file, definition, found)


def linked(uow: UnitOfWork, file: CaseFile) -> dict[str, str]:
    """The numbers of the cases that it has called and waits for, by node; under CALLER of which it was called."""
    ids: dict[str, str] = {node: case for node, case in file.case.data.get(CALLED, {}).items()}
    if caller := file.case.data.get(CALLER):
        ids[CALLER] = caller["case"]
    found = {each.id: each.number for each in uow.case_files.by_ids(sorted(ids.values()))} if ids else {}
    return {where: found[case] for where, case in ids.items() if case in found}


def seen_document(
    desk: Desk, uow: UnitOfWork, number: str, name: str, language: str, actor: Actor
) -> tuple[SeenCase, CaseDocument]:
    """A document of a case, if the actor may see every field that stands in it.

    Raises:
        RoleNotAllowed, UnknownCase: see `seen_case`.
        UnknownDocument: the case has none of this name, or it is not for the actor.
    """
    seen = seen_case(desk, uow, number, actor)
    for each in uow.case_files.documents(seen.file.id):
        if (each.name, each.language) == (name, language) and shows(seen, name):
            return seen, each
    raise UnknownDocument(number=seen.file.number, document=name)


def shows(seen: SeenCase, name: str) -> bool:
    """Whether no field stands in the document that the actor may not see."""
    document = seen.definition.documents.get(name)
    if document is None:
        return False
    clauses = (key for clause in document.clauses for key in keys_of(seen.file.values.get(clause)))
    texts = [text for key in (document.text, *clauses) for text in seen.definition.texts.get(key, {}).values()]
    return not hidden(seen) & {place for text in texts for place in places(text)}


def hidden(seen: SeenCase) -> set[str]:
    """The fields of the case that the actor may not see."""
    known = visible(seen.definition, seen.file, seen.actor)
    return {name for name in seen.definition.fields if name not in known and name in seen.file.values}


def seen_history(uow: UnitOfWork, seen: SeenCase) -> list[SeenRow]:
    """Oldest first, without what the actor may not see; a customer is told of no rules."""
    secret = hidden(seen)
    rows = []
    for row in uow.case_files.history(seen.file.id):
        detail, personal = row["detail"], row["personal"] or {}
        values = {**detail.get("values", {}), **personal.get("values", {})}
        rules = [] if seen.actor.role is Role.CUSTOMER else told(detail, personal)
        rows.append(
            SeenRow(
                seq=row["seq"],
                event=row["event"],
                before=row["before"],
                after=row["after"],
                at=row["at"],
                actor=row["actor"],
                role=row["role"],
                channel=row["channel"],
                on_behalf_of=row["on_behalf_of"],
                node=detail.get("node") or detail.get("case", {}).get("node"),
                decision=detail.get("decision"),
                reason=personal.get("reason"),
                values={name: value for name, value in values.items() if name not in secret},
                rules=[_without(rule, secret) for rule in rules],
                hash=row["hash"],
                previous_hash=row["previous_hash"],
            )
        )
    return rows


def _without(rule: Mapping[str, Any], secret: set[str]) -> dict[str, Any]:
    """A rule's inputs are by the text of their column, in which a field may stand."""
    kept = dict(rule)
    for part in ("inputs", "outputs"):
        kept[part] = {
            name: value for name, value in kept.get(part, {}).items() if not secret & set(_WORD.findall(name))
        }
    return kept
