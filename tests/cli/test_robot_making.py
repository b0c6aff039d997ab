"""`deskhand robot new|record|run`: laid down, tried out, and what is said when something is missing."""

from __future__ import annotations

import ast
import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskhand.cli import robot_making
from deskhand.cli.main import Context
from deskhand.cli.output import Output
from deskhand.robots.robots_file import Robots
from examples.legacy_erp.book import Line, Order
from examples.legacy_erp.web import PASSWORD, USER
from tests.robots.test_recording import RECORDED
from tests.support.legacy_erp import served

LINE = Line("SKU-1", "Pen", "4", "box", "2.50")
SHIPPED = Path(__file__).parents[2] / "robots"


def called(command: str, *arguments: str, **environment: str) -> Result:
    context = Context(Path("."), environment, Output("json"))
    return CliRunner().invoke(getattr(robot_making, command), arguments, obj=context)


def test_a_new_robot_is_laid_down_once_and_its_class_can_be_had(tmp_path: Path) -> None:
    made = called("new", "enter_invoice", DESKHAND_ROBOTS_DIR=str(tmp_path))
    again = called("new", "enter_invoice", DESKHAND_ROBOTS_DIR=str(tmp_path))
    wrong = called("new", "Enter Invoice", DESKHAND_ROBOTS_DIR=str(tmp_path))

    assert made.exit_code == 0 and "deskhand robot run enter_invoice" in made.output
    assert again.exit_code == 1 and "is there already" in again.output and wrong.exit_code == 2
    robots = Robots(tmp_path, {})
    assert robots.class_of(robots.read("enter_invoice")).name == "enter_invoice"


def test_a_recording_is_laid_down_as_a_class_with_its_file(tmp_path: Path) -> None:
    recording = tmp_path / "recorded.py"
    recording.write_text(RECORDED.replace("ADDRESS", "http://erp.example.com"), encoding="utf-8")

    made = called("record", "http://erp.example.com", "--name", "old_erp", "--from", str(recording),
                  DESKHAND_ROBOTS_DIR=str(tmp_path / "robots"))  # fmt: skip

    said = json.loads(made.output)
    assert said["credentials"] == "old_erp_password, old_erp_user" and said["not_understood"] == 1
    ast.parse((tmp_path / "robots" / "old_erp.py").read_text(encoding="utf-8"))
    spec = Robots(tmp_path / "robots", {}).read("old_erp")
    assert spec.credentials == ("old_erp_password", "old_erp_user") and (spec.input, spec.attended) == ("plain", True)


def test_what_is_no_recording_lays_nothing_down(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.py"
    nothing.write_text("print()\n")

    refused = called(
        "record", "http://x", "--name", "old_erp", "--from", str(nothing), DESKHAND_ROBOTS_DIR=str(tmp_path)
    )

    assert refused.exit_code == 1 and "no recording" in refused.output
    assert not (tmp_path / "old_erp.py").exists()


@pytest.mark.browser
def test_an_item_is_worked_on_without_a_queue_and_rows_become_a_file(tmp_path: Path) -> None:
    secrets = {"ROBOT_SECRET_LEGACY_USER": USER, "ROBOT_SECRET_LEGACY_PASSWORD": PASSWORD}
    item, out = tmp_path / "day.json", tmp_path / "rows.csv"
    item.write_text('{"day": "2026-11-20"}')
    with served() as erp:
        erp.book.post(Order("SO-5", "C001", "20.11.2026", "21.11.2026", address="x", lines=[LINE, LINE]), "somebody")
        done = called(
            "run", "legacy_fetch", "--input", str(item), "--out", str(out), "--evidence", str(tmp_path / "kept"),
            DESKHAND_ROBOTS_DIR=str(SHIPPED), ROBOT_LEGACY_URL=erp.address, **secrets,
        )  # fmt: skip

    assert (done.exit_code, json.loads(done.output)["ended"]) == (0, "Successful")
    assert (tmp_path / "kept" / "steps.jsonl").exists()
    with out.open(encoding="utf-8") as file:
        assert [(row["reference"], row["price"]) for row in csv.DictReader(file)] == [("SO-5", "2.50")] * 2


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    item = tmp_path / "order.json"
    item.write_text("{}")
    unknown = called("run", "nobody", "--input", str(item), DESKHAND_ROBOTS_DIR=str(SHIPPED))
    nowhere = called("run", "legacy_desktop_entry", "--input", str(item), DESKHAND_ROBOTS_DIR=str(SHIPPED))

    assert unknown.exit_code == 1 and "nobody" in unknown.output
    said = json.loads(nowhere.output)
    assert (nowhere.exit_code, said["ended"], said["code"]) == (1, "NotReady", "setting_missing")


@pytest.mark.browser
def test_a_credential_that_is_not_set_is_named_with_its_variable(tmp_path: Path) -> None:
    item = tmp_path / "day.json"
    item.write_text('{"day": "2026-11-20"}')
    with served() as erp:
        ended = called("run", "legacy_fetch", "--input", str(item), "--evidence", str(tmp_path / "kept"),
                       DESKHAND_ROBOTS_DIR=str(SHIPPED), ROBOT_LEGACY_URL=erp.address)  # fmt: skip

    said = json.loads(ended.output)
    assert (ended.exit_code, said["ended"], said["code"]) == (1, "NotReady", "credential_unknown")
    assert said["detail"] == "set ROBOT_SECRET_LEGACY_USER"
