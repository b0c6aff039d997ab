"""What holds for every process that is shipped beside the orders': whole, in both languages, every end reachable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from deskhand.cases import Definition
from deskhand.engine import TIMER, Actor, Case, Event, plan, start
from deskhand.engine.model import Kind
from deskhand.store.definitions import read_definition
from deskhand.store.process_check import check
from deskhand.store.process_files import read_folder
from tests.processes.values import AT_TASKS, AT_THE_START
from tests.support.desks import ROOT

FOLDERS = sorted(
    file.parent for file in (ROOT / "processes").glob("*/process.yml") if file.parent.name != "order_to_cash"
)
NAMES = [folder.name for folder in FOLDERS]
every_process = pytest.mark.parametrize("name", NAMES)
HAN = re.compile(r"[\u4e00-\u9fff]")
ALWAYS_KNOWN = {
    "number", "process", "subject", "task", "status", "by", "decision", "reason", "node",
    "started_by", "started_on", "today", "company",
}  # fmt: skip
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@cache
def _definition(name: str) -> Definition:
    return read_definition(read_folder(ROOT / "processes" / name), 1)


def _dmn(name: str) -> list[ElementTree.Element]:
    return [ElementTree.parse(file).getroot() for file in sorted((ROOT / "processes" / name).glob("*.dmn"))]


def _outputs(name: str) -> dict[str, set[str]]:
    """Each result of the tables, with the words in quotes that it can be, its own or passed on."""
    found: dict[str, set[str]] = {}
    for table in (each for root in _dmn(name) for each in root.iterfind(".//{*}decisionTable")):
        columns = [column.get("name", "") for column in table.iterfind("{*}output")]
        for column in columns:
            found.setdefault(column, set())
        for rule in table.iterfind("{*}rule"):
            for column, entry in zip(columns, rule.iterfind("{*}outputEntry/{*}text"), strict=True):
                said = entry.text or ""
                found[column] |= set(re.findall(r'"(\w+)"', said)) | found.get(said, set())
    return found


def _spoken(value: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, dict):
        if {"zh", "en"} & value.keys():
            yield path, value
        for key, each in value.items():
            yield from _spoken(each, f"{path}.{key}")
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _spoken(each, f"{path}[{at}]")


def test_the_four_processes_beside_the_orders_are_shipped() -> None:
    assert {"purchase_approval", "credit_application", "quality_report", "contract_signing"} <= set(NAMES)


@every_process
def test_a_folder_has_no_python(name: str) -> None:
    assert {file.suffix for file in (ROOT / "processes" / name).rglob("*") if file.is_file()} <= {
        ".bpmn",
        ".dmn",
        ".yml",
    }


@every_process
def test_everything_that_people_read_is_there_in_both_languages(name: str) -> None:
    definition = _definition(name)
    for file in ("process.yml", "texts.yml"):
        read = yaml.safe_load((ROOT / "processes" / name / file).read_text(encoding="utf-8"))
        for path, said in _spoken(read):
            zh, en = str(said.get("zh") or ""), str(said.get("en") or "")
            words = re.sub(r"\{\w+\}", "", zh)
            assert zh and (HAN.search(words) or not re.search(r"[a-z]", words)), f"{name} {file} {path}"
            assert en and not HAN.search(en), f"{name} {file} {path}"
    for node in definition.compiled.table.nodes.values():
        zh, slash, en = node.name.partition(" / ")
        assert not node.name or (HAN.search(zh) and en and not HAN.search(en)), node.id


@pytest.mark.parametrize("name", [name for name in NAMES if _dmn(name)])
def test_every_rule_says_in_both_languages_what_it_decides(name: str) -> None:
    rules = [rule for root in _dmn(name) for rule in root.iterfind(".//{*}rule")]

    assert rules
    for rule in rules:
        zh, _, en = (rule.findtext("{*}description") or "").partition(" / ")
        assert HAN.search(zh) and en and not HAN.search(en), rule.get("id")


@every_process
def test_the_check_of_a_process_finds_nothing_to_say(name: str) -> None:
    found = check(read_folder(ROOT / "processes" / name), 1, ROOT / "domain.yml")

    assert not found.findings


@every_process
def test_every_status_and_every_lane_has_its_name(name: str) -> None:
    definition = _definition(name)

    assert set(definition.compiled.table.statuses) == set(definition.statuses)
    assert all(node.status for node in definition.compiled.table.waiting)
    assert all(node.lane for node in definition.compiled.table.nodes.values())


@every_process
def test_every_person_s_task_says_who_is_accountable_and_what_can_be_answered(name: str) -> None:
    definition = _definition(name)
    people = {node.id: node for node in definition.compiled.table.waiting if definition.is_task(node.id)}

    assert set(definition.tasks) == set(people)
    assert all(len(node.raci.accountable) == 1 for node in people.values())
    refusals = {rule.node: {"reject", "return"} & set(rule.decisions) for rule in definition.tasks.values()}
    assert all(rule.reason_for == refusals[rule.node] for rule in definition.tasks.values())


@every_process
def test_a_text_names_only_facts_that_the_case_can_have(name: str) -> None:
    definition = _definition(name)
    of_tasks = {f"{task}_{what}" for task in definition.tasks for what in ("by", "on", "reason")}
    known = ALWAYS_KNOWN | set(definition.fields) | set(_outputs(name)) | of_tasks

    for key, said in {**definition.texts, "subject": definition.subject}.items():
        named = [set(re.findall(r"\{(\w+)\}", said[language])) for language in ("zh", "en")]
        assert named[0] == named[1], f"{key}: the languages say different things"
        assert named[0] <= known, f"{key}: {named[0] - known}"


@every_process
def test_every_text_is_used_and_every_clause_has_its_text(name: str) -> None:
    definition = _definition(name)
    outputs = _outputs(name)
    clauses = {key for each in definition.documents.values() for clause in each.clauses for key in outputs[clause]}
    told = {key for by in definition.compiled.notify.values() for key in by.values()}
    told |= {key for service in definition.services.values() for key in service.notify.values()}

    assert clauses <= set(definition.texts)
    assert set(definition.texts) == clauses | told | {each.text for each in definition.documents.values()}


@every_process
def test_whoever_must_act_is_told_and_so_is_whoever_started_it_when_it_is_over(name: str) -> None:
    notify = _definition(name).compiled.notify

    assert "lane" in notify["TaskWaiting"] and "starter" in notify["CaseEnded"] and notify["CaseStopped"]


@every_process
def test_every_step_and_every_end_can_be_reached(name: str) -> None:
    table = _definition(name).compiled.table
    resting = {node.id for node in table.waiting}
    ends = {node.status for node in table.nodes.values() if node.kind is Kind.END and node.status}

    visited, ended = _everywhere(name)

    assert resting <= visited
    assert ended == ends


def _everywhere(name: str) -> tuple[set[str], set[str]]:
    """Every node at which a case can wait and every status in which it can end, by trying whatever can happen."""
    definition = _definition(name)
    visited: set[str] = set()
    ended: set[str] = set()
    seen: set[Any] = set()
    ahead = [_begun(definition, values) for values in AT_THE_START[name]]
    while ahead:
        case, status, depth = ahead.pop()
        visited |= case.marking
        if not case.marking:
            ended.add(str(status))
        if depth < 12:
            ahead += [each for each in _onward(definition, case, depth) if _new(each, seen)]
    return visited, ended


def _new(found: tuple[Case, str | None, int], seen: set[Any]) -> bool:
    case, status, _ = found
    key = (case.marking, status, repr(sorted((name, value) for name, value in case.data.items() if name != "_due")))
    fresh = key not in seen
    seen.add(key)
    return fresh


def _begun(definition: Definition, values: Mapping[str, Any]) -> tuple[Case, str | None, int]:
    compiled = definition.compiled
    change = start(compiled.table, "c", {}, NOW, params=values, decide=compiled.decide)
    return Case("c", "t", definition.process, 1, change.after, 1, change.due_at, change.data), change.status, 0


def _onward(definition: Definition, case: Case, depth: int) -> Iterator[tuple[Case, str | None, int]]:
    compiled = definition.compiled
    for event, role in _events(definition, case):
        later = NOW + timedelta(days=99 * (depth + 1))  # every timer is due
        done = plan(
            compiled.table, [case], event, Actor("u", role, "t", "chat", "m"), {}, later, decide=compiled.decide
        )
        for change in done.changes:
            moved = replace(case, marking=change.after, data=change.data, due_at=change.due_at)
            yield moved, change.status, depth + 1


def _events(definition: Definition, case: Case) -> Iterator[tuple[Event, str]]:
    table = definition.compiled.table
    for each in table.transitions:
        if each.places.isdisjoint(case.marking):
            continue
        role = sorted(each.roles)[0]
        if not definition.is_task(each.node):
            yield Event(TIMER if table.nodes[each.node].timer else each.event, {}, each.node), role
            continue
        for decision in definition.rule(each.node).decisions:
            for values in AT_TASKS.get(each.node, ({},)):
                yield Event(each.event, {"decision": decision, **values}, each.node), role
