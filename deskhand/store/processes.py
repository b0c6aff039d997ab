"""Reads the folder of a process, which business staff change, and checks it as it is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import yaml

from deskhand.engine import Fault, ProcessRefused, TransitionTable, compile_bpmn, load_decisions
from deskhand.engine.feel_times import duration, quietly
from deskhand.engine.model import Kind
from deskhand.orders.effects import EFFECTS
from deskhand.orders.events import ESCALATED, EventName
from deskhand.orders.process import AUTOMATIC, EVERY_CHANNEL, MANUAL, Escalation, Process
from deskhand.orders.status import OrderStatus, Role
from deskhand.orders.working_hours import DAYS, WorkingHours
from deskhand.store.process_files import DIAGRAM, SETTINGS, ProcessFiles, read_folder

AT_CUT_OFF = "at_cut_off"
WORKING = "working_hours"
CUSTOMER = "customer"
CUSTOMER_OF_STATUS = "customer_when_status_changes"
_STAFF = {str(role) for role in Role} - {Role.CUSTOMER, Role.SYSTEM}
_AUDIENCES = {str(role) for role in Role} | {CUSTOMER_OF_STATUS}


class ProcessFileInvalid(ValueError):
    """process.yml says something that can't be."""


def load_process(folder: Path) -> Process:
    """The process of a folder as it lies; see `read_process`."""
    return read_process(read_folder(folder))


def read_process(files: ProcessFiles, version: int | None = None) -> Process:
    """The diagram, the decisions, and process.yml.

    Args:
        version: the number under which it was published; by default the one that process.yml names.

    Raises:
        ProcessRefused, DecisionsRefused: with element and line.
        ProcessFileInvalid: naming the key of process.yml.
    """
    decisions = tuple(load_decisions(text.encode(), name) for name, text in files.tables.items())
    names = {name for each in decisions for name in (*each.names, *each.by_id)}
    table = compile_bpmn(files.text(DIAGRAM).encode(), DIAGRAM, effects=set(EFFECTS), decisions=names)
    _refuse_calls(table)
    _known(table.statuses, {str(status) for status in OrderStatus}, f"{DIAGRAM}: status")
    settings = settings_in(files)
    return Process(
        table=table,
        decisions=decisions,
        version=int(settings.get("version", 1)) if version is None else version,
        automatic=_automatic(settings.get("automatic") or {}, table),
        notify=_notify(settings.get("notify") or {}),
        escalate=_escalate(settings.get("escalate") or {}),
        urgent=_kinds(settings.get("urgent") or [], f"{SETTINGS}: urgent"),
        must_be_heard=_must_be_heard(settings.get("must_be_heard") or {}),
        working_hours=_working_hours(settings.get("working_hours")),
    )


def _refuse_calls(table: TransitionTable) -> None:
    """An order begins no other case: what it called would have no fields to be given."""
    calls = [node for node in table.nodes.values() if node.kind is Kind.CALL]
    faults = [Fault(node.id, node.name, node.line, "an order calls no other process") for node in calls]
    if faults:
        raise ProcessRefused(DIAGRAM, tuple(faults))


def settings_in(files: ProcessFiles) -> Mapping[str, Any]:
    """What process.yml says.

    Raises:
        ProcessFileInvalid: it is no YAML, or no mapping.
    """
    try:
        settings = yaml.safe_load(files.text(SETTINGS)) or {}
    except yaml.YAMLError as error:
        raise ProcessFileInvalid(f"{SETTINGS}: {error}") from error
    if not isinstance(settings, Mapping):
        raise ProcessFileInvalid(f"{SETTINGS}: expected keys with values")
    return settings


def _automatic(settings: Mapping[str, Any], table: TransitionTable) -> dict[str, frozenset[str]]:
    _known(settings, {node.id for node in table.waiting}, "process.yml: automatic: node")
    return {node: _channels(node, said) for node, said in settings.items()}


def _channels(node: str, said: object) -> frozenset[str]:
    if isinstance(said, Mapping):
        _known(said.values(), {AUTOMATIC, MANUAL}, f"process.yml: automatic: {node}")
        return frozenset(channel for channel, how in said.items() if how == AUTOMATIC)
    _known([said], {AUTOMATIC, MANUAL, AT_CUT_OFF}, f"process.yml: automatic: {node}")
    return frozenset({EVERY_CHANNEL}) if said == AUTOMATIC else frozenset()


def _notify(settings: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    _known(settings, {str(name) for name in EventName}, "process.yml: notify: event")
    for event, audiences in settings.items():
        _known(audiences, _AUDIENCES, f"process.yml: notify: {event}: audience")
    return dict(settings)


def _escalate(settings: Any) -> dict[str, dict[str, tuple[Escalation, ...]]]:
    where = "process.yml: escalate"
    if not isinstance(settings, Mapping):
        raise ProcessFileInvalid(f"{where}: expected events")
    _known(settings, {str(name) for name in EventName}, f"{where}: event")
    for event, roles in settings.items():
        if not isinstance(roles, Mapping):
            raise ProcessFileInvalid(f"{where}: {event}: expected roles with lists of {{after: PT2H, to: manager}}")
        _known(roles, _STAFF, f"{where}: {event}: role")
    return {
        event: {role: _steps(said, f"{where}: {event}: {role}") for role, said in roles.items()}
        for event, roles in settings.items()
    }


def _kinds(said: object, where: str) -> frozenset[str]:
    if not isinstance(said, list):
        raise ProcessFileInvalid(f"{where}: expected a list of events")
    _known(said, {*map(str, EventName), ESCALATED}, f"{where}: event")
    return frozenset(map(str, said))


def _must_be_heard(settings: object) -> dict[str, frozenset[str]]:
    where = f"{SETTINGS}: must_be_heard"
    if not isinstance(settings, Mapping):
        raise ProcessFileInvalid(f"{where}: expected roles")
    _known(settings, _STAFF, f"{where}: role")
    return {role: _kinds(said, f"{where}: {role}") for role, said in settings.items()}


def _working_hours(said: object) -> WorkingHours:
    """{days: [mon, tue], from: "09:00", to: "18:00"}, in the company's zone; by default Monday to Friday, 9 to 18."""
    if said is None:
        return WorkingHours()
    where = f"{SETTINGS}: working_hours"
    if not isinstance(said, Mapping) or set(said) != {"days", "from", "to"} or not isinstance(said["days"], list):
        raise ProcessFileInvalid(f'{where}: expected {{days: [mon, tue], from: "09:00", to: "18:00"}}')
    _known(said["days"], DAYS, f"{where}: days")
    try:
        begins, ends = (time.fromisoformat(str(said[name])) for name in ("from", "to"))
    except ValueError as error:
        raise ProcessFileInvalid(f"{where}: {error}") from error
    if begins >= ends or not said["days"]:
        raise ProcessFileInvalid(f"{where}: they must end later on the day than they begin, on one day at least")
    return WorkingHours(frozenset(map(DAYS.index, said["days"])), begins, ends)


def _steps(said: object, where: str) -> tuple[Escalation, ...]:
    """Each later than the one before."""
    if not isinstance(said, list) or not all(
        isinstance(each, Mapping) and {"after", "to"} <= set(each) <= {"after", "to", "clock"} for each in said
    ):
        raise ProcessFileInvalid(f"{where}: expected a list of {{after: PT2H, to: manager}}")
    _known([each["to"] for each in said], _STAFF, f"{where}: to")
    _known([each["clock"] for each in said if "clock" in each], {WORKING}, f"{where}: clock")
    after = [quietly(duration)(each["after"]) for each in said]
    if not all(isinstance(each, timedelta) and each > timedelta(0) for each in after):
        raise ProcessFileInvalid(f"{where}: after must be a duration like PT30M or P1D")
    steps = tuple(
        Escalation(each, str(one["to"]), one.get("clock") == WORKING)
        for each, one in zip(after, said, strict=True)
        if isinstance(each, timedelta)
    )
    if any(later.after <= before.after for before, later in zip(steps, steps[1:], strict=False)):
        raise ProcessFileInvalid(f"{where}: each step must come later than the one before")
    return steps


def _known(found: Collection[Any] | Any, allowed: Collection[str], where: str) -> None:
    wrong = sorted(str(each) for each in set(found) - set(allowed))
    if wrong:
        raise ProcessFileInvalid(f"{where} {', '.join(wrong)} is not one of {', '.join(sorted(allowed))}")
