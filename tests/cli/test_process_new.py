"""`deskhand process new` lays down a process that works as it lies: read, started, reminded, finished."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskhand.cases import DecideTask, StartCase
from deskhand.cases.errors import OtherPersonNeeded
from deskhand.cli.main import main
from deskhand.cli.process_new import prefix_for
from deskhand.store import Desk
from deskhand.store.process_check import check
from deskhand.store.process_files import read_folder
from tests.support.desks import CLERK, MANAGER, ROOT, TENANT, demo_database, open_desk

CLAIM = {"item": "去苏州的高铁票", "amount": "219.00", "kind": "travel"}


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the shipped ones beside what is laid down."""
    folder = tmp_path / "processes"
    folder.mkdir()
    for each in (ROOT / "processes").iterdir():
        (folder / each.name).symlink_to(each)
    monkeypatch.setenv("DESKHAND_PROCESSES_DIR", str(folder))
    return folder


@pytest.fixture
def desk(processes: Path, tmp_path: Path) -> Iterator[Desk]:
    """With a process laid down in it."""
    assert _new("expense_claim", "--zh", "报销申请").exit_code == 0
    made = open_desk(demo_database(tmp_path), processes=processes)
    yield made
    made.close()


def _new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["--format", "json", "process", "new", *arguments])


def test_it_is_laid_down_and_what_to_do_next_is_said(processes: Path) -> None:
    said = json.loads(_new("expense_claim", "--zh", "报销申请").output)

    assert said["laid_down"] == str(processes / "expense_claim")
    assert [said[f"next_{number}"].split()[:2] for number in (2, 3, 4)] == [
        ["deskhand", "process"], ["deskhand", "train"], ["deskhand", "process"],
    ]  # fmt: skip
    assert not re.search(r"__[a-z]", "".join(read_folder(processes / "expense_claim").texts.values()))


def test_nothing_is_wrong_with_it(processes: Path) -> None:
    _new("expense_claim", "--zh", "报销申请")

    assert not check(read_folder(processes / "expense_claim"), 1, ROOT / "domain.yml").findings


def test_a_claim_goes_from_its_start_to_its_end(desk: Desk) -> None:
    case = desk.handle(StartCase("expense_claim", CLAIM), CLERK).case
    assert (case.number, case.status) == ("EC-1001", "waiting_for_manager")

    done = desk.handle(DecideTask(case.number, "approve", "approve"), MANAGER).case

    assert done.status == "approved"
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        slips = {each.language: str(each.text) for each in uow.case_files.documents(done.id)}
    assert "事项：去苏州的高铁票" in slips["zh"] and "Approved by: 赵敏 Zhao Min" in slips["en"]


def test_a_small_claim_needs_nobody_and_a_refused_one_ends(desk: Desk) -> None:
    small = desk.handle(StartCase("expense_claim", {**CLAIM, "amount": "200"}), CLERK).case
    large = desk.handle(StartCase("expense_claim", {**CLAIM, "amount": "200.01"}), CLERK).case
    refused = desk.handle(DecideTask(large.number, "approve", "reject", "没有票据"), MANAGER).case

    assert (small.status, refused.status) == ("approved", "rejected")


def test_nobody_approves_their_own(desk: Desk) -> None:
    case = desk.handle(StartCase("expense_claim", CLAIM), MANAGER).case

    with pytest.raises(OtherPersonNeeded):
        desk.handle(DecideTask(case.number, "approve", "approve"), MANAGER)


@pytest.mark.parametrize("name", ["Expense", "expense claim", "../claim", "_claim", "claim_", "1st", "x" * 41])
def test_a_name_that_is_no_name_is_refused(processes: Path, name: str) -> None:
    refused = _new(name)

    assert refused.exit_code == 2 and "such as expense_claim" in refused.output


def test_what_is_there_is_left_as_it_is(processes: Path) -> None:
    before = read_folder(processes / "purchase_approval").digest

    refused = _new("purchase_approval")

    assert refused.exit_code == 1 and "is there already" in refused.output
    assert read_folder(processes / "purchase_approval").digest == before


def test_a_title_that_would_break_the_files_is_refused(processes: Path) -> None:
    assert _new("expense_claim", "--zh", '报销"}, x: {').exit_code == 2
    assert not (processes / "expense_claim").exists()


def test_its_numbers_begin_as_no_other_process_s(processes: Path) -> None:
    assert _new("parts_approval").exit_code == 0

    assert "prefix: PAAP" in (processes / "parts_approval" / "process.yml").read_text(encoding="utf-8")
    assert prefix_for("sales_order", {}) == "SAOR"
