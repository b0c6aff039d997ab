"""process.yml is checked as it is read: several faults at once, each with its line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskhand.cases import FieldType
from deskhand.engine import ProcessRefused
from deskhand.store.definitions import DefinitionInvalid, read_definition
from deskhand.store.process_files import ProcessFiles, read_folder
from tests.cases.spending import FOLDER, definition

SETTINGS = "process.yml"


def changed(old: str, new: str, file: str = SETTINGS) -> ProcessFiles:
    files = read_folder(FOLDER)
    assert old in files.texts[file]
    return replace(files, texts={**files.texts, file: files.texts[file].replace(old, new, 1)})


def faults(files: ProcessFiles) -> str:
    with pytest.raises(DefinitionInvalid) as refused:
        read_definition(files, 1)
    return str(refused.value)


def test_what_the_file_says_is_what_is_known() -> None:
    found = definition()

    assert (found.process, found.prefix, found.title["en"]) == ("spend_request", "SR", "Spend request")
    assert [each.name for each in found.fields_at()] == ["item", "amount", "kind", "needed_by", "salary_code"]
    assert [each.name for each in found.fields_at("approve_by_finance")] == ["budget"]
    assert [each.name for each in found.computed] == ["with_tax"]
    assert found.fields["kind"].type is FieldType.CHOICE
    assert found.tasks["approve_by_manager"].reason_for == {"reject"}
    assert found.seen_by == {"sales", "warehouse", "finance", "manager", "admin"}
    assert found.status("approved", "zh") == "已批准"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("type: money", "type: mony", "process.yml:18: fields.amount.type: mony is not one of text, number"),
        ("max_length: 200", "max_lenght: 200", "max_lenght is not known here"),
        ('question: {zh: "多少钱？", en: "How much?"}', "", "question is missing: people are asked for it"),
        ("expression: amount * 1.13", "expression: amount * ", "fields.with_tax.expression"),
        ("given_at: approve_by_finance", "given_at: nowhere", "nowhere is not one of approve_by_manager"),
        ("  approve_by_finance:\n    title", "  approve_by_boss:\n    title", "no user task approve_by_boss"),
        ("reason_for: [reject]", "reason_for: [deny]", "deny is not one of approve, reject"),
        ("withdraw: {roles: starter}", "withdraw: {roles: owner}", "withdraw.roles: owner is not one of"),
        ("start: {roles: [sales", "start: {roles: [clerk", "start.roles: clerk is not one of"),
        ("node: asked", "node: begun", "start.node: begun is not one of asked"),
        ("write_slip: {document: slip}", "write_slip: {document: slap}", "slap is not one of slip"),
        ("  write_slip: {document: slip}", "  {}", "says nothing of write_slip"),
        ("CaseEnded: {starter: ended", "CaseEnded: {starter: endet", "texts.yml has no text endet"),
        ("CaseEnded: {starter", "CaseEnded: {owner", "owner is not one of"),
        ("CaseStopped: {", "OrderPlaced: {", "OrderPlaced is not one of CaseStarted"),
        ("prefix: SR", "prefix: SO", "SO is the orders'"),
        ("before: PT15M", "before: 15 minutes", "is not a duration"),
        ("each: [shift_start, shift_end]", "cron: 0 8 * *", "is not five parts"),
        ("fields: {item: Shift money", "fields: {thing: Shift money", "there is no field thing"),
        ('start: "08:00"', "start: 8h", "is not a time of day"),
        ("version: 1", "version: 1\nversion: 2", "version: is said twice"),
        ("title: {zh: 花费申请, en: Spend request}", "title: {zh: 花费申请}", "title.en: expected a text"),
    ],
)
def test_a_fault_is_named(old: str, new: str, problem: str) -> None:
    assert problem in faults(changed(old, new))


def test_several_faults_are_told_at_once_with_their_lines() -> None:
    files = changed("type: money", "type: mony")
    text = files.texts[SETTINGS].replace("prefix: SR", "prefix: s1")

    told = faults(replace(files, texts={**files.texts, SETTINGS: text})).splitlines()

    assert [line.split(": ")[0] for line in told] == ["spend_request/process.yml:5", "spend_request/process.yml:18"]


def test_what_is_no_yaml_says_where() -> None:
    assert faults(changed("version: 1", "version: [1")).startswith("spend_request/process.yml:3: ")


def test_an_effect_that_nobody_knows_is_refused_with_its_element() -> None:
    with pytest.raises(ProcessRefused, match="write_slip"):
        read_definition(changed('name="write_document"', 'name="run_python"', "process.bpmn"), 1)
