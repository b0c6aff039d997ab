"""`deskhand robot items|evidence|retry|pause|resume|stop` and `deskhand vault`: over a real database, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.main import main
from deskhand.robots.evidence import Evidence
from deskhand.robots.places import RobotPlaces
from deskhand.robots.settling import keep
from deskhand.robots.shift import folder_of
from deskhand.store import Desk
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import ItemState, WorkItem
from tests.support.desks import TENANT, open_desk, placed

ROBOT = "legacy_entry"
SECRET = "erp-Secret-42"


@pytest.fixture
def desk(run: CliRunner, tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(f"sqlite:///{tmp_path / 'var' / 'deskhand.db'}")
    yield opened
    opened.close()


def called(run: CliRunner, *arguments: str, typed: str | None = None) -> Result:
    return run.invoke(main, ["--format", "json", *arguments], input=typed)


def asked(run: CliRunner, *arguments: str, typed: str | None = None) -> Any:
    result = called(run, *arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def failed(desk: Desk, var: Path) -> WorkItem:
    """An item that a robot has given up, with a picture of why."""
    number = placed(desk).number
    with desk.unit_of_work(TENANT) as uow:
        uow.work_items.add(ROBOT, number, {"order": number}, owner="clerk")
        item = uow.work_items.claim(ROBOT, "one", 60, 9)
        assert item is not None
        kept = Evidence(folder_of(var / "robots", TENANT, item.id, 1))
        kept.screenshot("failure", b"\x89PNG\r\n\x1a\n")
        keep(uow, item.id, 1, kept.finished())
        uow.work_items.finish(item, ItemState.FAILED, problem={"kind": "system", "code": "page_failed", "detail": ""})
        uow.commit()
    return item


def test_what_failed_is_listed_with_its_evidence_and_tried_again(run: CliRunner, desk: Desk, tmp_path: Path) -> None:
    item = failed(desk, tmp_path / "var")

    (listed,) = asked(run, "robot", "items", "--state", "failed")
    assert (listed["id"], listed["problem"]) == (item.id, "a page of the other system failed.")
    pieces = asked(run, "robot", "evidence", item.id)
    assert {piece["kind"] for piece in pieces} == {"screenshot"}
    assert all(Path(piece["file"]).is_file() for piece in pieces)

    assert asked(run, "robot", "retry", item.id)["state"] == "new"
    again = called(run, "robot", "retry", item.id)
    assert again.exit_code == 1 and "item_not_tried_again" in again.output
    assert asked(run, "robot", "items", "--state", "failed") == []


def test_an_item_is_stopped_by_its_id_once(run: CliRunner, desk: Desk, tmp_path: Path) -> None:
    item = failed(desk, tmp_path / "var")
    asked(run, "robot", "retry", item.id)

    assert asked(run, "robot", "stop", item.id)["state"] == "abandoned"
    again = called(run, "robot", "stop", item.id)
    assert again.exit_code == 1 and "item_not_stopped" in again.output
    unknown = called(run, "robot", "evidence", "nobody")
    assert unknown.exit_code == 1 and "unknown_item" in unknown.output


def test_a_robot_is_paused_stopped_and_resumed(run: CliRunner, desk: Desk) -> None:
    for command, mode in (("pause", Mode.PAUSED), ("stop", Mode.STOPPED), ("resume", Mode.RUNNING)):
        assert asked(run, "robot", command, ROBOT) == {"robot": ROBOT, "mode": str(mode)}
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            assert uow.robots.mode(ROBOT) is mode

    unknown = called(run, "robot", "pause", "nobody")
    assert unknown.exit_code == 1 and "robot_not_known" in unknown.output
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [each.action for each in uow.audit.list(3)] == ["SwitchRobot"] * 3


def test_a_credential_is_kept_listed_by_name_and_never_shown(run: CliRunner, desk: Desk, tmp_path: Path) -> None:
    assert asked(run, "vault", "set", "legacy_password", typed=f"{SECRET}\n") == {
        "name": "legacy_password", "kept": True,
    }  # fmt: skip

    shown = called(run, "vault", "list").output
    assert "legacy_password" in shown and SECRET not in shown
    assert SECRET.encode() not in (tmp_path / "var" / "deskhand.db").read_bytes()
    key = read_key(tmp_path)
    assert RobotPlaces.of({"DESKHAND_VAULT_KEY": key}).vault(desk).get(TENANT, "legacy_password").reveal() == SECRET


def test_rotating_seals_everything_under_a_new_key(run: CliRunner, desk: Desk, tmp_path: Path) -> None:
    asked(run, "vault", "set", "legacy_user", typed="robot\n")
    before = read_key(tmp_path)

    said = asked(run, "vault", "rotate")

    assert (said["sealed_anew"], said["new_key"]) == (1, True) and read_key(tmp_path) != before
    places = RobotPlaces.of({"DESKHAND_VAULT_KEY": read_key(tmp_path)})
    assert places.vault(desk).get(TENANT, "legacy_user").reveal() == "robot"


def test_what_is_wrong_with_a_credential_is_said(run: CliRunner, desk: Desk) -> None:
    for arguments, typed, words in (
        (("set", "legacy_user"), "\n", "nothing was given"),
        (("set", "Legacy User"), "x\n", "no name of a credential"),
        (("remove", "nobody"), None, "there is no credential nobody"),
    ):
        refused = called(run, "vault", *arguments, typed=typed)
        assert refused.exit_code == 1 and words in refused.output, refused.output
    asked(run, "vault", "set", "legacy_user", typed="robot\n")
    assert asked(run, "vault", "remove", "legacy_user") == {"name": "legacy_user", "removed": True}
    assert asked(run, "vault", "list") == []


def read_key(folder: Path) -> str:
    lines = (folder / "var" / "secrets.env").read_text(encoding="utf-8").splitlines()
    return next(line.partition("=")[2].strip("'\"") for line in lines if line.startswith("DESKHAND_VAULT_KEY="))
