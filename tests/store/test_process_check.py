"""What the check says of drafts: all faults at once, with file and line; and what looks like a mistake."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest

from deskhand.store.process_check import Checked, Severity, check
from deskhand.store.process_files import DIAGRAM, ProcessFiles, process_folders, read_folder
from tests.support.desks import ROOT

PROCESSES, DOMAIN = ROOT / "processes", ROOT / "domain.yml"
ORDERS, PURCHASE = "order_to_cash", "purchase_approval"
TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="d">
  <decision id="limit" name="limit">
    <decisionTable id="limit_table" hitPolicy="{policy}">
      <input id="i"><inputExpression id="e" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="o" name="who" typeRef="string" />
      <rule id="r1"><inputEntry id="r1i"><text>{first}</text></inputEntry>
        <outputEntry id="r1o"><text>"clerk"</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="r2i"><text>{second}</text></inputEntry>
        <outputEntry id="r2o"><text>"manager"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def changed(name: str, file: str, *changes: tuple[str, str]) -> ProcessFiles:
    files = read_folder(PROCESSES / name)
    text = files.text(file)
    for old, new in changes:
        assert old in text, f"{old} is not in {file} any more"
        text = text.replace(old, new)
    return ProcessFiles(name, {**files.texts, file: text})


def checked(files: ProcessFiles) -> Checked:
    return check(files, 2, DOMAIN)


def with_table(policy: str, first: str, second: str) -> Checked:
    files = read_folder(PROCESSES / ORDERS)
    return checked(
        ProcessFiles(
            ORDERS,
            {**files.texts, "limit.dmn": TABLE.format(policy=policy, first=escape(first), second=escape(second))},
        )
    )


@pytest.mark.parametrize("name", sorted(process_folders(PROCESSES)))
def test_every_shipped_process_is_without_errors(name: str) -> None:
    found = checked(read_folder(PROCESSES / name))

    assert found.errors == ()
    assert found.running is not None


def test_faults_of_the_diagram_and_of_a_table_are_told_at_once_with_element_and_line() -> None:
    files = changed(ORDERS, DIAGRAM, ('effect name="reserve_stock"', 'effect name="launch_rocket"'))
    table = files.text("freight.dmn").replace('hitPolicy="FIRST"', 'hitPolicy="MAYBE"', 1)
    assert table != files.text("freight.dmn")

    found = checked(ProcessFiles(ORDERS, {**files.texts, "freight.dmn": table}))

    assert found.running is None
    assert {each.file for each in found.errors} == {DIAGRAM, "freight.dmn"}
    rocket = next(each for each in found.errors if "launch_rocket" in each.problem)
    assert (rocket.element, rocket.name) == ("reserve_stock", "预留库存 / Reserve stock")
    lines = files.text(DIAGRAM).splitlines()
    assert 'id="reserve_stock"' in lines[rocket.line - 1]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("process.yml", "order_placed}", "order_plaecd}", "texts.yml has no text order_plaecd"),
        ("process.yml", "receive_goods: manual", "receive_godos: manual", "receive_godos"),
        ("process.yml", "automatic:\n", "automatic: [\n", "process.yml"),
        (DIAGRAM, 'role="warehouse" />', 'rolle="warehouse" />', "no attribute 'rolle'"),
        (DIAGRAM, 'accountable="manager" consulted="finance"', 'accountable="manager sales"', "exactly one role"),
    ],
)
def test_an_error_keeps_the_draft_from_running(file: str, old: str, new: str, problem: str) -> None:
    found = checked(changed(ORDERS, file, (old, new)))

    assert any(problem in f"{each.file} {each.problem}" for each in found.errors), found.findings
    assert all(each.line > 0 for each in found.errors)


def test_what_looks_like_a_mistake_is_a_warning() -> None:
    one_language = checked(changed(ORDERS, DIAGRAM, ('name="收货入库 / Receive goods into stock"', 'name="Goods"')))
    raci = '<deskhand:raci responsible="warehouse" accountable="manager" consulted="sales" informed="customer"/>'
    no_raci = checked(changed(ORDERS, DIAGRAM, (raci, "")))

    assert one_language.errors == no_raci.errors == ()
    assert [(each.severity, each.element, each.problem.split(";")[0]) for each in one_language.findings] == [
        (Severity.WARNING, "receive_goods", "has no name in zh")
    ]
    assert [(each.element, "accountable" in each.problem) for each in no_raci.findings] == [("receive_goods", True)]


def test_an_unknown_name_in_a_condition_is_told() -> None:
    found = checked(changed(PURCHASE, DIAGRAM, ('decision = "reject"', 'verdict = "reject"')))

    assert found.errors == ()
    assert any("reads verdict" in each.problem and each.file == DIAGRAM for each in found.findings)


def test_overlaps_of_a_unique_table_are_errors_and_name_the_rules() -> None:
    (overlap,) = with_table("UNIQUE", "<= 1000", ">= 1000").errors

    assert "several rules apply where one may: amount = 1000 (rules 1, 2)" in overlap.problem
    assert (overlap.file, overlap.element) == ("limit.dmn", "limit")


def test_gaps_of_a_table_are_warnings_and_a_whole_one_has_none() -> None:
    gap = [each for each in with_table("UNIQUE", "< 1000", "> 2000").findings if each.file == "limit.dmn"]
    whole = [each for each in with_table("UNIQUE", "< 1000", ">= 1000").findings if each.file == "limit.dmn"]
    first = [each for each in with_table("FIRST", "< 1000", "-").findings if each.file == "limit.dmn"]

    assert [each.severity for each in gap] == [Severity.WARNING]
    assert "no rule applies: amount = 1000" in gap[0].problem
    assert whole == first == []


def test_a_timer_that_fires_and_tells_nobody_is_a_warning() -> None:
    files = read_folder(ROOT / "tests" / "cases" / "processes" / "spend_request")
    said = files.text("process.yml")
    silent = "".join(line for line in said.splitlines(True) if "TaskOverdue" not in line)

    told, untold = (
        [each.element for each in checked(ProcessFiles(files.name, {**files.texts, "process.yml": text})).findings
         if "nobody is told" in each.problem]
        for text in (said, silent)
    )  # fmt: skip

    assert (told, untold) == ([], ["manager_late"])
