"""What looks like a mistake in a process that can run: names in one language, texts that are missing, silent timers.

Each finding: is it an error, file, line, element, its name, what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.engine import Node
from deskhand.engine.model import ENDS, PERSON_TASKS, Kind, Trigger
from deskhand.engine.table import TransitionTable
from deskhand.orders.tenant import LANGUAGES
from deskhand.store.escalating import TEXT as ESCALATED_TEXT
from deskhand.store.file_faults import Fault
from deskhand.store.live_processes import Running
from deskhand.store.process_files import DIAGRAM, SETTINGS, TEXTS
from deskhand.store.yaml_places import read_places

Lint = tuple[bool, str, int, str, str, str]
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")


def lints(running: Running) -> Iterator[Lint]:
    """All of them, in the order of the files."""
    table = running.process.table
    for node in table.nodes.values():
        yield from _named(running, node)
        yield from _cared_for(table, node)
    yield from _dead_ends(table)
    yield from _unknown_names(running)
    yield from _timers(running)
    yield from _statuses(running)
    yield from _notices(running)


def _of(node: Node, problem: str, error: bool = False) -> Lint:
    return error, DIAGRAM, node.line, node.id, node.name, problem


def _named(running: Running, node: Node) -> Iterator[Lint]:
    """What a person is asked to do has a name in both languages, in the diagram or in process.yml."""
    said = running.definition.tasks if running.definition is not None else {}
    if node.kind in PERSON_TASKS and node.id not in said:
        missing = [language for language, letters in (("zh", _HAN), ("en", _LATIN)) if not letters.search(node.name)]
        if missing:
            yield _of(node, f"has no name in {' and '.join(missing)}; write both as 确认 / Confirm")


def _cared_for(table: TransitionTable, node: Node) -> Iterator[Lint]:
    """Where a case only rests after an interruption, whoever interrupted it cares."""
    from_where = {table.nodes[table.flows[each].source].kind for each in node.incoming}
    if node.kind is Kind.USER and not node.raci.accountable and from_where != {Kind.BOUNDARY}:
        yield _of(node, "nobody is accountable (deskhand:raci)")


def _dead_ends(table: TransitionTable) -> Iterator[Lint]:
    """Places from which no end can be reached: a case that gets there never ends."""
    back = _ways_back(table)
    seen = {node.id for node in table.nodes.values() if node.kind in ENDS and not node.scope}
    ahead = list(seen)
    while ahead:
        fresh = back.get(ahead.pop(), set()) - seen
        seen |= fresh
        ahead += fresh
    yield from (
        _of(node, "no end can be reached from here", error=True) for node in table.waiting if node.id not in seen
    )


def _ways_back(table: TransitionTable) -> dict[str, set[str]]:
    """From each node to those before it; from a sub-process to its own ends, from what interrupts to its host."""
    back: dict[str, set[str]] = {}
    for node in table.nodes.values():
        for each in node.outgoing:
            back.setdefault(table.flows[each].target, set()).add(node.id)
        if node.host:
            back.setdefault(node.id, set()).add(node.host)
            inside = (each.id for each in table.nodes.values() if each.scope == node.host)
            back[node.id].update(inside)
        if node.kind in ENDS and node.scope:
            back.setdefault(node.scope, set()).add(node.id)
    return back


def _unknown_names(running: Running) -> Iterator[Lint]:
    """Names that a condition or a decision reads and nobody gives. What orders are asked, their own code knows."""
    definition = running.definition
    if definition is None:
        return
    table = running.process.table
    given = {*definition.fields, "decision", "reason", "starter", "number"}
    given |= {name for node in table.nodes.values() for name in node.fields}
    for decisions in running.process.decisions:
        for each in decisions.by_id.values():
            given |= {*each.outputs, each.name}
    for flow_id, condition in table.conditions.items():
        flow = table.flows[flow_id]
        for name in sorted(condition.names - given):
            yield False, DIAGRAM, flow.line, flow.id, flow.name, f"reads {name}, which no field and no decision gives"


def _timers(running: Running) -> Iterator[Lint]:
    """A timer that fires and tells nobody."""
    table = running.process.table
    told = "TaskOverdue" in running.process.notify
    for node in table.nodes.values():
        if (
            node.kind is Kind.BOUNDARY
            and not node.interrupting
            and node.trigger is Trigger.TIMER
            and not told
            and not _does_something(table, node)
        ):
            yield _of(node, "the timer fires and nobody is told: let it lead to a task, or notify of it")


def _does_something(table: TransitionTable, node: Node) -> bool:
    ahead, seen = [node], {node.id}
    while ahead:
        for each in ahead.pop().outgoing:
            target = table.nodes[table.flows[each].target]
            if target.kind in PERSON_TASKS | {Kind.SERVICE, Kind.CALL, Kind.SUBPROCESS}:
                return True
            if target.id not in seen:
                seen.add(target.id)
                ahead.append(target)
    return False


def _statuses(running: Running) -> Iterator[Lint]:
    for status in running.process.table.statuses:
        missing = [each for each in LANGUAGES if not running.texts.statuses.get(status, {}).get(each)]
        if missing:
            yield False, TEXTS, 1, f"statuses.{status}", "", f"the status has no name in {' and '.join(missing)}"


def _notices(running: Running) -> Iterator[Lint]:
    """Every notice has its text, in both languages."""
    faults: list[Fault] = []
    places = read_places(running.files.text(SETTINGS), SETTINGS, faults)
    for event, audiences in running.process.notify.items():
        for audience, key in audiences.items():
            if problem := _unsaid(running, key):
                places.at("notify").at(event).at(audience).fault(problem)
    if running.process.escalate and (problem := _unsaid(running, ESCALATED_TEXT)):
        places.at("escalate").fault(problem)
    yield from ((True, fault.file, fault.line, fault.setting, "", fault.problem) for fault in faults)


def _unsaid(running: Running, key: str) -> str:
    """In which languages a text is missing, if in any."""
    said = running.texts.texts.get(key)
    missing = [each for each in LANGUAGES if said is None or not said.get(each)]
    if not missing:
        return ""
    return f"{TEXTS} has no text {key}" + ("" if said is None else f" in {' and '.join(missing)}")
