"""Tries a new version of a process on the histories of a company's real cases, and says which would break.

Changes nothing. What a guard asked for then is taken as given, since the step was taken; a guard that is new is asked
with what is known today. Conditions and decisions read what the case's history held at that step, and of orders what is
known today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping

from deskhand.cases import Definition, Field, FieldInvalid, read
from deskhand.cases.correcting import GIVEN
from deskhand.cases.model import CaseFile
from deskhand.orders.errors import ProcessVersionUnknown
from deskhand.orders.facts import facts_of
from deskhand.orders.model import Order
from deskhand.orders.process import NAME, PLACED, Process
from deskhand.orders.replay import UNCLEAR, UNDO, Broken, Happened, Story, replayed
from deskhand.orders.status import OrderStatus, Role
from deskhand.orders.work import Work, scenarios_of
from deskhand.store.automatic import system_actor
from deskhand.store.case_desk import TenantDefinitions
from deskhand.store.live_processes import Running
from deskhand.store.repositories.base import chunks
from deskhand.store.repositories.cases import from_data
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

LAST = 500  # cases, unless somebody says otherwise
MIGRATED = "migrate_process"
_PLACED, _IMPORTED = "place_order", "import"
_ANSWERS = frozenset({"decision", "reason"})  # of the last task; each row of the history has its own
_TAKEN_BACK: Mapping[str, Any] = {"event": "cancel_order", "params": {"reason": "undone"}}


@dataclass(slots=True)
class Simulation:
    """`elsewhere`: those that would go another way than they did. `unsure`: those that can't be judged, and why not;
    they say nothing of the new version.
    """

    process: str
    cases: int = 0
    steps: int = 0
    broken: list[Broken] = field(default_factory=list)
    elsewhere: list[Broken] = field(default_factory=list)
    unsure: list[Broken] = field(default_factory=list)

    @property
    def unclear(self) -> int:
        return len(self.unsure)


def simulate(desk: Desk, tenant: str, draft: Running, last: int = LAST) -> Simulation:
    """The newest cases, each against the version that it runs on."""
    process = draft.files.name
    report = Simulation(process)
    with desk.unit_of_work(tenant, read_only=True) as uow:
        work = desk.work(uow, system_actor(tenant))
        for some in chunks(uow.stories.newest(process, last)):
            for story in _stories(desk, work, uow, process, some, _events(draft.process)):
                _judge(desk, tenant, story, draft, report)
    return report


def _judge(desk: Desk, tenant: str, story: Story, draft: Running, report: Simulation) -> None:
    report.cases += 1
    try:
        old = desk.process_of(tenant, story.version, draft.files.name)
    except ProcessVersionUnknown as error:
        report.unsure.append(Broken(story.id, story.number, 0, "start", UNCLEAR, str(error)))
        return
    walked = replayed(_told(story, old, draft.process), old, draft.process)
    report.steps += walked.steps
    for found, told in ((report.broken, walked.broken), (report.elsewhere, walked.elsewhere)):
        found += [told] if told is not None else []
    report.unsure += [walked.unclear] if walked.unclear is not None else []


def _told(story: Story, *versions: Process) -> Story:
    """Without what decisions have said: each version decides for itself."""
    decided = {
        name
        for process in versions
        for decisions in process.decisions
        for each in decisions.by_id.values()
        for name in (*each.outputs, each.name)
    }

    def without(known: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in known.items() if name not in decided}

    happened = tuple(replace(row, known=without(row.known)) for row in story.happened)
    return replace(story, facts=without(story.facts), params=without(story.params), happened=happened)


def _events(process: Process) -> list[str]:
    return sorted({each.event for each in process.table.transitions})


def _stories(
    desk: Desk, work: Work, uow: UnitOfWork, process: str, heads: Sequence[RowMapping], events: Sequence[str]
) -> Iterator[Story]:
    by_id = {head["id"]: head for head in heads}
    histories = uow.stories.histories([*by_id])
    if process == NAME:
        orders = uow.orders.by_ids([*by_id])
        facts: dict[str, dict[str, Any]] = {order.id: {} for order in orders}
        scenarios = scenarios_of(work, orders, uow.cases.many([*by_id]))
        for event in events:
            for order_id, known in facts_of(uow, uow.tenant, orders, event, Role.SYSTEM, scenarios).items():
                facts[order_id] |= known
        yield from (
            _of_order(order, by_id[order.id], histories[order.id], facts[order.id])
            for order in orders
            if histories[order.id]
        )
        return
    files = uow.case_files.by_ids([*by_id])
    definitions = _definitions(desk, uow, process, {file.case.version for file in files})
    for file in files:
        if histories[file.id]:
            yield _of_case(file, histories[file.id], definitions.get(file.case.version))


def _definitions(desk: Desk, uow: UnitOfWork, process: str, versions: Collection[int]) -> dict[int, Definition]:
    found = {}
    for version in versions:
        try:
            found[version] = TenantDefinitions(desk.versions, uow.tenant.id).of(process, version)
        except ProcessVersionUnknown:
            continue  # it is told of each case that it can't be judged
    return found


def _of_order(order: Order, head: RowMapping, rows: Sequence[RowMapping], facts: Mapping[str, Any]) -> Story:
    first = rows[0]
    placed = first["event"] == _PLACED and first["after"] == OrderStatus.PENDING_CONFIRMATION
    version, rest = _until_migrated(rows, head["version"])
    return Story(
        id=order.id,
        number=order.number,
        version=version,
        begun_at=first["at"],
        status=None if placed else first["after"],
        happened=tuple(_happened(row) for row in rest),
        facts={**from_data(head["data"]), **facts},
        start=PLACED,
    )


def _of_case(file: CaseFile, rows: Sequence[RowMapping], definition: Definition | None) -> Story:
    """What was kept of decisions belongs to the version that made them; only what people said is a fact, as they had
    said it then.
    """
    version, rest = _until_migrated(rows, file.case.version)
    said = {name: value for name, value in file.values.items() if name not in _ANSWERS}
    known = _said_in(rows[0], definition)
    happened = []
    for row in rest:
        values = _said_in(row, definition)
        known = {**known, **values}
        happened.append(replace(_happened(row), known=known))
    begun = _said_in(rows[0], definition)
    return Story(file.id, file.number, version, rows[0]["at"], None, tuple(happened), {**said, **begun}, begun)


def _said_in(row: RowMapping, definition: Definition | None) -> dict[str, Any]:
    """The values of one row as they were kept then; what has been forgotten since is not there."""
    said = {**row["detail"].get("values", {}), **(row["personal"] or {}).get("values", {})}
    fields = definition.fields if definition is not None else {}
    return {name: _kept(fields[name], value, row["at"]) for name, value in said.items() if name in fields}


def _kept(of: Field, value: Any, at: datetime) -> Any:
    """What was right then is right, though a limit has been changed since."""
    try:
        return read(replace(of, min=None, max=None, max_length=None, not_past=False), value, at, at.date())
    except FieldInvalid:
        return value


def _until_migrated(rows: Sequence[RowMapping], version: int) -> tuple[int, Sequence[RowMapping]]:
    """What happened after the beginning on the version that it began with."""
    for position, row in enumerate(rows):
        if row["event"] == MIGRATED:
            return int(row["detail"]["from"]), rows[1:position]
    return version, rows[1:]


def _happened(row: RowMapping) -> Happened:
    said: Mapping[str, Any] = {**row["detail"], **(row["personal"] or {})}
    kept = said.get("case") or {}
    about = {"seq": row["seq"], "role": Role(row["role"]), "at": row["at"]}
    if row["event"] == UNDO and said.get("undone") == _PLACED:
        return Happened(**about, **_TAKEN_BACK)
    node = kept.get("node") or said.get("node")
    event = kept["event"] if row["event"] == GIVEN and kept.get("node") else row["event"]
    return Happened(**about, event=event, node=node, params=said, undone=said.get("undone_seq"))
