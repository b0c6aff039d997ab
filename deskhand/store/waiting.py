"""What waits for somebody: the tasks of cases, and of orders, at which their role acts. Reads only.

Found from the markings that there are, so that nothing has to be kept of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select

from deskhand.cases import TaskRule
from deskhand.cases.definition import STARTER
from deskhand.cases.handlers import acting_role, is_other_person
from deskhand.cases.model import CaseFile, Claim, Task
from deskhand.cases.values import for_everybody, visible
from deskhand.cases.words import Speaker
from deskhand.engine.model import PERSON_TASKS, Node
from deskhand.orders.actions import QUERY_ORDERS, action_of_event
from deskhand.orders.errors import ProcessVersionUnknown
from deskhand.orders.model import Actor
from deskhand.orders.permissions import Grant, Reach
from deskhand.orders.process import NAME
from deskhand.store.case_desk import TenantDefinitions
from deskhand.store.case_reading import granted_as
from deskhand.store.records import Page
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import case, case_file, sales_order
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

DECIDE = "DecideTask"
APPROVAL = "approve_order"  # the event of an order's tasks at which a person decides
Place = tuple[str, int, str]  # process, version, marking
Ways = Sequence[tuple[Actor, Grant]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Where people of these roles act: the tasks, each with as whom."""

    ways: Ways
    tasks: Mapping[Place, Mapping[str, Sequence[Actor]]]


class Waiting(Repository):
    """The queries."""

    def places(self, process: str | None) -> list[Place]:
        """Every marking of live cases, with the process and its version."""
        query = select(case.c.process, case.c.version, case.c.marking).where(self.own(case), case.c.ended.is_(False))
        if process is not None:
            query = query.where(case.c.process == process)
        return [(row["process"], row["version"], row["marking"]) for row in self.rows(query.distinct())]

    def cases(self, places: Sequence[Place], of: Sequence[str] | None, cursor: str, limit: int) -> list[RowMapping]:
        """Live cases at these places, oldest first, with the number and status of case or order.

        Args:
            of: only those that one of these people has started; None: of anybody.
        """
        same_file = and_(case_file.c.tenant == case.c.tenant, case_file.c.id == case.c.id)
        same_order = and_(sales_order.c.tenant == case.c.tenant, sales_order.c.id == case.c.id)
        columns = (
            *(case.c[name] for name in ("id", "process", "version", "marking", "row_version")),
            *(sales_order.c[name] for name in ("number", "status", "updated_at", "customer_name")),
        )
        query = (
            select(*columns)
            .select_from(case.outerjoin(case_file, same_file).outerjoin(sales_order, same_order))
            .where(self.own(case), case.c.ended.is_(False), _at(places), case.c.id > cursor)
            .order_by(case.c.id)
            .limit(limit)
        )
        if of is not None:
            query = query.where(case_file.c.started_by.in_(of))
        return list(self.rows(query))


def waiting_for(
    desk: Desk,
    uow: UnitOfWork,
    actor: Actor,
    *,
    process: str | None = None,
    orders: bool = True,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Task]:
    """What the actor may do, themselves or for a colleague who is away; the oldest cases first.

    What somebody else has claimed, or what needs another person, does not wait for them.

    Args:
        process: of this one alone.
        orders: the tasks of orders too.
    """
    queries = Waiting(uow.connection, uow.tenant.id, uow.clock)
    known = _Known(desk, uow)
    waiting = _places(desk, uow, actor, known, queries.places(process), orders)
    if not waiting.tasks:
        return Page((), None)
    everybody = any(grant.reach is Reach.ANY for _, grant in waiting.ways)
    of = None if everybody else sorted({each.user_id for each, _ in waiting.ways})
    rows = queries.cases(list(waiting.tasks), of, cursor or "", limit + 1)
    shown = rows[:limit]
    tasks = list(_tasks(uow, known, waiting, shown))
    return Page(tuple(tasks), shown[-1]["id"] if len(rows) > limit else None)


class _Known:
    """Definitions, looked up once."""

    def __init__(self, desk: Desk, uow: UnitOfWork) -> None:
        self.desk, self.tenant = desk, uow.tenant.id
        self.definitions = TenantDefinitions(desk.versions, uow.tenant.id)
        self.speaker = Speaker(uow, uow.tenant, desk.shared_words(uow.tenant.id))

    def other(self, file: CaseFile, rule: TaskRule, actor: Actor, decided: Mapping[str, set[str]]) -> bool:
        """Whether the actor is the other person, where the task needs one."""
        definition = self.definitions.of(file.process, file.case.version)
        return is_other_person(definition, file, rule, actor, decided)

    def may(self, file: CaseFile, node: str, actor: Actor) -> bool:
        """Whether it is the actor's task: of their role, or of who began the case."""
        return acting_role(self.definitions.of(file.process, file.case.version), file, node, actor) is not None

    def nodes(self, process: str, version: int) -> Mapping[str, Node]:
        """None at all where the version can't be compiled any more: nobody can act on it."""
        try:
            return self.desk.process_of(self.tenant, version, process).table.nodes
        except ProcessVersionUnknown:
            return {}


def _places(
    desk: Desk, uow: UnitOfWork, actor: Actor, known: _Known, places: Sequence[Place], orders: bool
) -> _Waiting:
    ways = list(granted_as(desk, uow, DECIDE, actor))
    seeing = [each for each, grant in granted_as(desk, uow, QUERY_ORDERS, actor) if grant.reach is Reach.ANY]
    found: dict[Place, Mapping[str, Sequence[Actor]]] = {}
    for place in places:
        process, version, marking = place
        if process == NAME and not orders:
            continue
        nodes = known.nodes(process, version)
        here = {}
        for name in marking.split():
            node = nodes.get(name)
            if node is None or node.kind not in PERSON_TASKS:
                continue
            who = [each for each, _ in ways] if process != NAME else _may(desk, seeing, node)
            acting = [
                each for each in who if str(each.role) in node.roles or (process != NAME and STARTER in node.roles)
            ]
            if acting:
                here[name] = acting
        if here:
            found[place] = here
    return _Waiting(ways or [(each, Grant(Reach.ANY)) for each in seeing], found)


def _may(desk: Desk, seeing: Sequence[Actor], node: Node) -> list[Actor]:
    """Who may give the command that stands for an order's task."""
    action = action_of_event(node.event)
    return [each for each in seeing if desk.permissions.grant(action, each.role) is not None]


def _tasks(uow: UnitOfWork, known: _Known, waiting: _Waiting, rows: Sequence[RowMapping]) -> Iterator[Task]:
    ids = [row["id"] for row in rows if row["process"] != NAME]
    files = {each.id: each for each in uow.case_files.by_ids(ids)}
    claims, decided = uow.case_files.claims(ids), uow.case_files.deciders(ids)
    for row in rows:
        here = waiting.tasks[row["process"], row["version"], row["marking"]]
        for node, actors in here.items():
            if row["process"] == NAME:
                yield _of_order(known, row, node, actors[0])
            elif (file := files.get(row["id"])) is not None:
                claim = claims.get(file.id, {}).get(node)
                if claim is not None:
                    actors = [each for each in actors if claim.claimed_by in (each.user_id, each.on_behalf_of)]
                rule = known.definitions.of(file.process, file.case.version).rule(node)
                actors = [each for each in actors if known.may(file, node, each)]
                acting = [each for each in actors if known.other(file, rule, each, decided.get(file.id, {}))]
                if acting:
                    yield _of_case(known, file, rule, acting[0], claim)


def _of_case(known: _Known, file: CaseFile, rule: TaskRule, actor: Actor, claim: Claim | None) -> Task:
    definition = known.definitions.of(file.process, file.case.version)
    return Task(
        case=file.number,
        case_id=file.id,
        node=rule.node,
        title=rule.title,
        process=file.process,
        process_title=definition.title,
        subject=known.speaker.subject(definition, for_everybody(definition, file.values)),
        status=file.status,
        since=file.since(rule.node),
        version=file.version,
        due_at=file.case.due_at,
        claimed_by=claim.claimed_by if claim else None,
        decisions=rule.decisions,
        reason_for=rule.reason_for,
        fields=tuple(definition.asked_at(rule.node)),
        facts=visible(definition, file, actor),
        on_behalf_of=actor.on_behalf_of,
        stopped=file.stopped_reason,
    )


def _of_order(known: _Known, row: RowMapping, node: str, actor: Actor) -> Task:
    process = known.desk.process_of(known.tenant, row["version"], NAME)
    zh, slash, en = process.table.nodes[node].name.partition(" / ")
    title = {"zh": zh, "en": en} if slash else {"zh": zh, "en": zh}
    decides = process.table.nodes[node].event == APPROVAL
    name, slash, english = process.table.name.partition(" / ")
    return Task(
        case=row["number"],
        case_id=row["id"],
        node=node,
        title=title,
        process=NAME,
        process_title={"zh": name, "en": english or name},
        subject={"zh": row["customer_name"], "en": row["customer_name"]},
        status=row["status"],
        since=row["updated_at"],
        version=row["row_version"],
        decisions=("approve", "reject") if decides else ("complete",),
        reason_for=frozenset({"reject"}) if decides else frozenset(),
        on_behalf_of=actor.on_behalf_of,
    )


def _at(places: Sequence[Place]) -> ColumnElement[bool]:
    by_version: dict[tuple[str, int], list[str]] = {}
    for process, version, marking in places:
        by_version.setdefault((process, version), []).append(marking)
    parts: list[Any] = [
        and_(case.c.process == process, case.c.version == version, case.c.marking.in_(markings))
        for (process, version), markings in by_version.items()
    ]
    return or_(*parts)
