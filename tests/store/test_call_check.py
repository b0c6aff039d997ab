"""Whether processes that call each other fit, as the check of a draft says it."""

from __future__ import annotations

import re
from pathlib import Path

from deskhand.store.live_processes import drafts_beside
from deskhand.store.process_check import check
from deskhand.store.process_files import DIAGRAM, ProcessFiles, read_folder
from tests.cases.spending import PROCESSES
from tests.support.desks import ROOT

DOMAIN = ROOT / "domain.yml"


def test_the_check_says_what_does_not_fit_between_the_two(tmp_path: Path) -> None:
    others = drafts_beside(_folders(tmp_path))
    files = read_folder(PROCESSES / "team_trip")
    wrong = files.text(DIAGRAM).replace('field="amount"', 'field="amuont"')

    problems = [each.problem for each in check(_with(files, wrong), 2, DOMAIN, others).errors]

    assert problems == [
        "gives amuont, which spend_request does not ask for at its start", "gives no amount, which spend_request needs",
    ]  # fmt: skip


def test_the_check_finds_what_is_not_there_and_what_would_never_end(tmp_path: Path) -> None:
    others = drafts_beside(_folders(tmp_path))
    files = read_folder(PROCESSES / "team_trip")

    for called, problem in (("nothing", "calls nothing, of which no version runs"), ("team_trip", "would never end")):
        text = files.text(DIAGRAM).replace('calledElement="spend_request"', f'calledElement="{called}"')
        first = check(_with(files, text), 2, DOMAIN, others).errors[0]
        assert problem in first.problem
        assert (first.file, first.element, first.line) == (DIAGRAM, "ask_for_money", 6)


def test_a_called_process_that_asks_for_more_is_told_whom_it_breaks(tmp_path: Path) -> None:
    others = drafts_beside(_folders(tmp_path))
    files = read_folder(PROCESSES / "spend_request")
    text = files.text("process.yml").replace(
        '"哪一类？", en: "Which kind?"}\n    required: false', '"哪一类？", en: "Which kind?"}'
    )
    changed = ProcessFiles(files.name, {**files.texts, "process.yml": text})

    errors = check(changed, 2, DOMAIN, others).errors

    assert [(each.file, each.problem) for each in errors] == [
        (f"team_trip/{DIAGRAM}", "gives no kind, which spend_request needs")
    ]


def test_an_order_calls_no_other_process() -> None:
    files = read_folder(ROOT / "processes" / "order_to_cash")
    task = re.search(r'<bpmn:(userTask|manualTask) id="(\w+)"', files.text(DIAGRAM))
    assert task is not None
    kind, node = task.groups()
    text = re.sub(
        rf'<bpmn:{kind} id="{node}"(.*?)</bpmn:{kind}>',
        rf'<bpmn:callActivity id="{node}" calledElement="purchase_approval"\1</bpmn:callActivity>',
        files.text(DIAGRAM), count=1, flags=re.S,
    )  # fmt: skip

    errors = check(_with(files, text), 2, DOMAIN).errors

    assert (node, "an order calls no other process") in [(each.element, each.problem) for each in errors]


def _with(files: ProcessFiles, diagram: str) -> ProcessFiles:
    return ProcessFiles(files.name, {**files.texts, DIAGRAM: diagram})


def _folders(folder: Path) -> Path:
    for each in PROCESSES.iterdir():
        (folder / each.name).symlink_to(each)
    (folder.parent / "domain.yml").write_text("responses: {}\n", encoding="utf-8")
    return folder
