"""`deskhand process` and what the doctor says of processes, in a folder of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deskhand.cases import StartCase
from deskhand.cli.doctor_processes import processes
from deskhand.cli.environment import service_environment
from deskhand.cli.main import main
from deskhand.orders.process import NAME
from tests.support.desks import CLERK, ROOT, TENANT, Desk, open_desk, order_in
from tests.support.versions import BREAKS, SAME


@pytest.fixture
def folder(run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The processes, to be changed as business staff change them."""
    shutil.copytree(ROOT / "processes", tmp_path / "processes")
    for name in ("permissions.yml", "domain.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setenv("DESKHAND_PROCESSES_DIR", str(tmp_path / "processes"))
    monkeypatch.setenv("DATABASE_URL", address(tmp_path))
    assert said(run, "--format", "json", "process", "list").exit_code == 0
    assert run.invoke(main, ["migrate"]).exit_code == 0
    return tmp_path / "processes" / NAME


def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'var' / 'deskhand.db'}"


def said(run: CliRunner, *arguments: str) -> Result:
    return run.invoke(main, [*arguments])


def deskhand(run: CliRunner, *arguments: str) -> Any:
    result = run.invoke(main, ["--format", "json", "process", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def change(folder: Path, old: str, new: str, file: str = "process.bpmn") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def orders_in(tmp_path: Path, *statuses: str) -> None:
    desk: Desk = open_desk(address(tmp_path))
    for status in statuses:
        order_in(desk, status)
    desk.close()


def test_a_draft_is_checked_tried_published_by_two_and_drawn(run: CliRunner, folder: Path, tmp_path: Path) -> None:
    orders_in(tmp_path, "confirmed", "awaiting_shipment")
    change(folder, *SAME)

    checked = json.loads(said(run, "process", "check", NAME, "--json").stdout)
    tried = json.loads(said(run, "process", "simulate", NAME, "--json").stdout)
    made = deskhand(run, "publish", NAME, "--as", "manager", "--notes", "another name")
    alone = said(run, "process", "publish", NAME, "--as", "manager", "--approve", "2")
    done = deskhand(run, "publish", NAME, "--as", "admin", "--approve", "2")
    rows = [row for row in deskhand(run, "list") if row["process"] == NAME]
    drawn = deskhand(run, "show", NAME, "--version", "1", "--out", str(tmp_path / "o.svg"))

    assert checked == []
    assert (tried["cases"], tried["broken"]) == (2, [])
    assert (made["version"], made["state"]) == (2, "proposed") and "--approve 2" in made["next"]
    assert alone.exit_code == 1 and "own_proposal" in alone.output
    assert done["state"] == "published"
    assert [(row["version"], row["runs"], row["cases"]) for row in rows] == [
        (1, False, 2),
        (2, True, 0),
    ]
    assert drawn["cases"] == 2
    assert "Receive goods into stock: 1</title>" in (tmp_path / "o.svg").read_text(encoding="utf-8")


def test_what_breaks_is_named_and_accepted_only_with_a_reason(run: CliRunner, folder: Path, tmp_path: Path) -> None:
    orders_in(tmp_path, "awaiting_shipment")
    change(folder, *BREAKS)

    tried = said(run, "process", "simulate", NAME)
    refused = said(run, "process", "publish", NAME, "--as", "manager")
    made = deskhand(run, "publish", NAME, "--as", "manager", "--accept-broken", "goods are inspected now")
    approved = said(run, "process", "publish", NAME, "--as", "admin", "--approve", "2")

    assert tried.exit_code == 1 and "1 would break" in tried.output and "inspected" in tried.output
    assert refused.exit_code == 1 and "histories_break" in refused.output
    assert made["state"] == "proposed"
    assert approved.exit_code == 0 and "1 would break" in approved.output  # who approves it sees what it does


def test_a_faulty_draft_is_told_with_lines_and_runs_nowhere(run: CliRunner, folder: Path) -> None:
    change(folder, 'effect name="reserve_stock"', 'effect name="launch_rocket"')

    checked = said(run, "process", "check", NAME, "--json")
    tried = said(run, "process", "simulate", NAME)
    refused = said(run, "process", "publish", NAME, "--as", "manager")
    (row,) = [row for row in deskhand(run, "list") if row["process"] == NAME]

    assert checked.exit_code == 1
    assert [(each["severity"], each["element"]) for each in json.loads(checked.stdout)] == [("error", "reserve_stock")]
    assert tried.exit_code == 2
    assert refused.exit_code == 1 and "process_faulty" in refused.output
    assert (row["version"], row["state"]) == (1, "published")


def test_cases_are_moved_by_a_map_after_a_dry_run(run: CliRunner, folder: Path, tmp_path: Path) -> None:
    orders_in(tmp_path, "awaiting_shipment", "awaiting_shipment")
    change(folder, *SAME)
    deskhand(run, "publish", NAME, "--as", "manager")
    deskhand(run, "publish", NAME, "--as", "admin", "--approve", "2")

    dry = deskhand(run, "migrate", NAME, "--map", "complete_shipment=receive_goods", "--dry-run")
    still = [row["cases"] for row in deskhand(run, "list") if row["process"] == NAME]
    moved = deskhand(run, "migrate", NAME)
    wrong = said(run, "process", "migrate", NAME, "--map", "nothing")

    assert [(row["from"], row["to"], row["cases"]) for row in dry] == [("complete_shipment", "receive_goods", 2)]
    assert still == [2, 0]
    assert [(row["from"], row["to"], row["to_version"]) for row in moved] == [("complete_shipment",) * 2 + (2,)]
    assert [row["cases"] for row in deskhand(run, "list") if row["process"] == NAME] == [0, 2]
    assert wrong.exit_code == 2 and "OLD=NEW" in wrong.output


def test_somebody_who_is_not_there_publishes_nothing(run: CliRunner, folder: Path) -> None:
    assert "unknown_user" in said(run, "process", "publish", NAME, "--as", "nobody").output
    assert "role_not_allowed" in said(run, "process", "publish", NAME, "--as", "clerk").output
    assert "no_such_process" in said(run, "process", "check", "nothing").output


def test_the_doctor_tells_of_a_draft_of_a_broken_one_and_of_cases_without_their_version(
    run: CliRunner, folder: Path, tmp_path: Path
) -> None:
    environment = {
        "DATABASE_URL": address(tmp_path),
        "DESKHAND_PROCESSES_DIR": str(folder.parent),
        "DESKHAND_TENANTS_DIR": str(ROOT / "tenants"),
        "DESKHAND_TENANT": TENANT,
    }
    fine = processes(environment)
    change(folder, *SAME)
    drafted = processes(environment)
    change(folder, "</bpmn:definitions>", "")
    broken = processes(environment)
    orders_in(tmp_path, "confirmed")
    desk = open_desk(address(tmp_path))
    with desk.unit_of_work(TENANT) as uow:
        (case,) = uow.cases.not_on(NAME, 0, 10)
        uow.cases.move_over([type(case)(case.id, TENANT, NAME, 7, case.marking, case.row_version, None, case.data)])
        uow.commit()
    desk.close()
    lost = processes(environment)

    assert fine[0] == "ok"
    assert drafted[0] == "absent" and f"the folder of {NAME} is not version 1" in drafted[1]
    assert broken[0] == "absent" and "can't run" in broken[1] and "check" in broken[2]
    assert lost[0] == "missing" and "1 cases" in lost[1] and "version 7" in lost[1] and "migrate" in lost[2]


def test_a_case_that_can_not_go_on_is_said_with_where_and_why(run: CliRunner, folder: Path, tmp_path: Path) -> None:
    desk = open_desk(address(tmp_path))
    given = {"item": "chairs", "amount": "3000", "kind": "it", "budgeted": True, "purpose": "a new room"}
    case = desk.handle(StartCase("purchase_approval", given), CLERK).case
    with desk.unit_of_work(TENANT) as uow:
        uow.cases.stop([(case.id, "manager_said", "no_path: no condition of manager_said holds")])
        uow.commit()

    shown = said(run, "--format", "json", "process", "show", "purchase_approval", "--out", str(tmp_path / "p.svg"))
    state, detail, remedy = processes({**service_environment(ROOT), "DATABASE_URL": address(tmp_path)})
    desk.close()

    assert json.loads(shown.stdout)["stopped"] == [
        {"case": case.number, "node": "manager_said", "why": "no_path: no condition of manager_said holds"}
    ]
    assert (state, remedy) == ("absent", "deskhand process show purchase_approval")
    assert detail == f"{TENANT}: {case.number} can't go on at manager_said: no_path: no condition of manager_said holds"


def test_publishing_the_orders_process_says_what_is_not_part_of_a_version(run: CliRunner, folder: Path) -> None:
    change(folder, *SAME)

    proposed = said(run, "--format", "json", "process", "publish", NAME, "--as", "manager")

    assert json.loads(proposed.stdout)["from_the_next_start"] == "cards.yml, documents.yml, writing"
