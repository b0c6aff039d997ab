"""Moves cases to another version of their process, by a map that somebody wrote: old place -> new place.

What is not in the map stays where it is, if the new version has that place and waits there; else the whole migration
is refused, naming it. Set-based; every case has a row in its history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from deskhand.cases.calls import withdraw_called
from deskhand.cases.model import CALLED, CaseEntry
from deskhand.engine import Case, Node, TransitionTable
from deskhand.engine.model import Kind
from deskhand.engine.moving_over import homeless, moved_over, places_of, status_at
from deskhand.orders.actions import PUBLISH_PROCESS
from deskhand.orders.errors import DeskhandError, ProcessVersionUnknown, VersionConflict
from deskhand.orders.history import Entry
from deskhand.orders.model import Actor
from deskhand.orders.process import NAME
from deskhand.orders.status import OrderStatus
from deskhand.store.automatic import system_actor
from deskhand.store.case_desk import case_work
from deskhand.store.live_processes import Running
from deskhand.store.process_errors import NotMapped
from deskhand.store.repositories.cases import marking_text
from deskhand.store.simulating import MIGRATED
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

CHUNK = 500  # cases in one transaction: nobody's conversation is kept waiting for longer
PATIENCE = 3  # times that a chunk is tried again, when somebody moves one of its cases meanwhile
Map = Mapping[str, str]


@dataclass(slots=True)
class Migration:
    """How many cases go from where to where: (version, places before, places after) -> cases."""

    process: str
    version: int
    moves: Counter[tuple[int, str, str]] = field(default_factory=Counter)

    @property
    def cases(self) -> int:
        return self.moves.total()

    def as_rows(self) -> list[dict[str, object]]:
        return [
            {"from_version": version, "from": before, "to_version": self.version, "to": after, "cases": count}
            for (version, before, after), count in sorted(self.moves.items())
        ]


def planned(desk: Desk, actor: Actor, process: str, over: Map, version: int | None = None) -> Migration:
    """What a migration would do. Without a version: to the one that is active.

    Raises:
        RoleNotAllowed: the actor may not publish.
        ProcessVersionUnknown: there is no such version.
        NotMapped: cases wait where the new version has no place; or the map names a place that it hasn't.
    """
    actor = desk.require(PUBLISH_PROCESS, actor)
    target = _target(desk, actor.tenant, process, version)
    with desk.unit_of_work(actor.tenant, read_only=True) as uow:
        return _counted(desk, uow, process, target, over)


def migrate(desk: Desk, actor: Actor, process: str, over: Map, version: int | None = None) -> Migration:
    """Moves every live case of the process that runs on another version; raises as `planned`."""
    actor = desk.require(PUBLISH_PROCESS, actor)
    target = _target(desk, actor.tenant, process, version)
    told = f"{process} {target.version}"
    with desk.unit_of_work(actor.tenant) as uow:
        try:
            report = _counted(desk, uow, process, target, over)
            uow.audit.add(actor, MIGRATED, told, "done", after={"cases": report.cases, "map": dict(over)})
        except DeskhandError as error:
            uow.audit.add(actor, MIGRATED, told, "refused", {"code": error.code})
            raise
        finally:
            uow.commit()
    tried = 0
    while True:
        try:
            if not _chunk(desk, actor, process, target, over):
                return report
            tried = 0
        except VersionConflict:  # somebody moved one of them just now
            tried += 1
            if tried > PATIENCE:
                raise


def _target(desk: Desk, tenant: str, process: str, version: int | None) -> Running:
    desk.versions.look(tenant)
    return desk.versions.active(tenant, process) if version is None else desk.versions.of(tenant, process, version)


def _counted(desk: Desk, uow: UnitOfWork, process: str, target: Running, over: Map) -> Migration:
    report, lost = Migration(process, target.version), Counter[str]()
    table = target.process.table
    for name in sorted({*over.values()} - places_of(table)):
        lost[name] += 0
    for (_, version, marking), count in uow.cases.live(process).items():
        if version == target.version:
            continue
        nodes = _nodes(desk, uow, process, version)
        anew = {each for each in marking if _calls_anew(nodes, table, each, over)}
        for place in homeless(table, marking, over) | anew:
            lost[place] += count
        after = frozenset(over.get(place, place) for place in marking)
        report.moves[version, marking_text(marking), marking_text(after)] += count
    if lost:
        named = ", ".join(f"{place} ({count})" for place, count in sorted(lost.items()))
        raise NotMapped(process=process, version=target.version, nodes=named)
    return report


def _nodes(desk: Desk, uow: UnitOfWork, process: str, version: int) -> Mapping[str, Node]:
    try:
        return desk.process_of(uow.tenant.id, version, process).table.nodes
    except ProcessVersionUnknown:  # nobody knows any more what its places were
        return {}


def _calls_anew(nodes: Mapping[str, Node], table: TransitionTable, place: str, over: Map) -> bool:
    """A case can't be put at a call: nothing would have been called there. From one call to another it can."""
    goal = table.nodes.get(over.get(place, place))
    return goal is not None and goal.kind is Kind.CALL and place in nodes and nodes[place].kind is not Kind.CALL


def _still_called(case: Case, moved: Case, table: TransitionTable, over: Map) -> Case:
    """With the cases that it waits for under the names that their places have now."""
    called: Mapping[str, str] = case.data.get(CALLED, {})
    if not called:
        return moved
    kept = {over.get(node, node): known for node, known in called.items() if node in case.marking}
    kept = {node: known for node, known in kept.items() if table.nodes[node].kind is Kind.CALL}
    return replace(moved, data={**moved.data, CALLED: kept})


def _chunk(desk: Desk, actor: Actor, process: str, target: Running, over: Map) -> int:
    with desk.unit_of_work(actor.tenant) as uow:
        cases = uow.cases.not_on(process, target.version, CHUNK)
        table = target.process.table
        if any(homeless(table, case.marking, over) for case in cases):
            raise NotMapped(process=process, version=target.version, nodes="a case that moved just now")
        moved = [
            _still_called(case, moved_over(table, case, target.version, over, uow.now), table, over) for case in cases
        ]
        uow.cases.move_over(moved)
        notes = {
            new.id: {"from": old.version, "to": new.version, **_places(old, new)}
            for old, new in zip(cases, moved, strict=True)
        }
        (_note_orders if process == NAME else _note_cases)(uow, actor, target, moved, notes)
        gone = {known for case in cases for known in case.data.get(CALLED, {}).values()}
        gone -= {known for case in moved for known in case.data.get(CALLED, {}).values()}
        if gone:
            withdraw_called(case_work(desk, uow, system_actor(uow.tenant.id)), gone)
        uow.commit()
    return len(cases)


def _places(old: Case, new: Case) -> dict[str, Any]:
    if old.marking == new.marking:
        return {}
    return {"places_before": sorted(old.marking), "places_after": sorted(new.marking)}


def _note_orders(
    uow: UnitOfWork, actor: Actor, target: Running, cases: Sequence[Case], notes: Mapping[str, dict[str, Any]]
) -> None:
    by_id = {case.id: case for case in cases}
    entries = []
    for order in uow.orders.by_ids([*by_id], with_lines=False):
        shown = status_at(target.process.table, by_id[order.id].marking)
        after = replace(order, status=OrderStatus(shown)) if shown else order
        entries.append(Entry(after, MIGRATED, str(order.status), notes[order.id]))
    uow.orders.save(entries, actor)


def _note_cases(
    uow: UnitOfWork, actor: Actor, target: Running, cases: Sequence[Case], notes: Mapping[str, dict[str, Any]]
) -> None:
    by_id = {case.id: case for case in cases}
    entries = []
    for file in uow.case_files.by_ids([*by_id]):
        shown = status_at(target.process.table, by_id[file.id].marking) or file.status
        after = replace(file, status=shown, updated_at=uow.now, case=by_id[file.id])
        entries.append(CaseEntry(after, MIGRATED, file.status, notes[file.id]))
    left = {
        (case_id, node)
        for case_id, said in notes.items()
        for node in {*said.get("places_before", ())} - {*said.get("places_after", ())}
    }
    uow.case_files.release(left)  # who had claimed it has claimed something that is not there any more
    uow.case_files.save(entries, actor)
