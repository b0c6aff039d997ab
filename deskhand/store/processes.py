"""Reads the folder of a process, which business staff change, and checks it as it is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from deskhand.engine import TransitionTable, compile_bpmn, load_decisions
from deskhand.orders.effects import EFFECTS
from deskhand.orders.events import EventName
from deskhand.orders.process import AUTOMATIC, EVERY_CHANNEL, MANUAL, Process
from deskhand.orders.status import OrderStatus, Role

AT_CUT_OFF = "at_cut_off"
CUSTOMER = "customer"
CUSTOMER_OF_STATUS = "customer_when_status_changes"
_AUDIENCES = {str(role) for role in Role} | {CUSTOMER_OF_STATUS}


class ProcessFileInvalid(ValueError):
    """process.yml says something that can't be."""


def load_process(folder: Path) -> Process:
    """The diagram, the decisions, and process.yml.

    Raises:
        ProcessRefused, DecisionsRefused: with element and line.
        ProcessFileInvalid: naming the key of process.yml.
    """
    decisions = tuple(load_decisions(file.read_bytes(), file.name) for file in sorted(folder.glob("*.dmn")))
    names = {name for each in decisions for name in (*each.names, *each.by_id)}
    diagram = folder / "process.bpmn"
    table = compile_bpmn(diagram.read_bytes(), diagram.name, effects=set(EFFECTS), decisions=names)
    _known(table.statuses, {str(status) for status in OrderStatus}, f"{diagram}: status")
    settings: Mapping[str, Any] = yaml.safe_load((folder / "process.yml").read_text(encoding="utf-8")) or {}
    return Process(
        table=table,
        decisions=decisions,
        version=int(settings.get("version", 1)),
        automatic=_automatic(settings.get("automatic") or {}, table),
        notify=_notify(settings.get("notify") or {}),
    )


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


def _known(found: Collection[Any] | Any, allowed: Collection[str], where: str) -> None:
    wrong = sorted(str(each) for each in set(found) - set(allowed))
    if wrong:
        raise ProcessFileInvalid(f"{where} {', '.join(wrong)} is not one of {', '.join(sorted(allowed))}")
