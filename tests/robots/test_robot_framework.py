"""A Robot Framework suite as a robot: really run, its failures told apart, its log kept without secrets."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from deskhand.robots.evidence import Evidence, Kind
from deskhand.robots.outcome import BusinessException, NotReady, Stopped, SystemException
from deskhand.robots.robot_framework import RobotFrameworkRobot
from deskhand.robots.secret import Secret
from deskhand.robots.work_item import made_by_hand
from tests.support.legacy_erp import session

SUITE = Path(__file__).with_name("suites") / "enter.robot"


class Mainframe(RobotFrameworkRobot):
    credentials = ("host_key",)


@pytest.fixture
def robot(tmp_path: Path) -> Mainframe:
    handed = session(tmp_path, {"suite": str(SUITE)})
    handed.secrets = lambda name: Secret("k3y-of-the-host")
    made = Mainframe(handed)
    made.start()
    return made


def work(robot: Mainframe, **said: Any) -> Any:
    return robot.work(made_by_hand("SO-1", said)).output


def log(evidence: Evidence) -> str:
    return (evidence.folder / "steps.jsonl").read_text(encoding="utf-8")


def test_a_suite_works_on_the_item_and_gives_back_its_output(robot: Mainframe) -> None:
    assert work(robot, customer="华星") == {"document": "M-SO-1"}

    assert [piece.kind for piece in robot.session.evidence.pieces] == [Kind.NOTE]
    assert '"step": "Get File", "what": "PASS"' in log(robot.session.evidence)


def test_its_two_kinds_of_failure_are_told_apart_and_nothing_kept_holds_the_secret(robot: Mainframe) -> None:
    with pytest.raises(BusinessException) as refused:
        work(robot)
    with pytest.raises(SystemException) as failed:
        work(robot, customer="down")

    assert (refused.value.code, refused.value.detail) == ("field_missing", "the customer")
    assert failed.value.code == "suite_failed" and "does not answer" in failed.value.detail
    kept = "".join(path.read_text(encoding="utf-8") for path in robot.session.evidence.folder.iterdir())
    assert "does not answer" in kept and "k3y-of-the-host" not in kept + str(failed.value)


def test_a_suite_that_is_told_to_stop_ends(robot: Mainframe) -> None:
    threading.Timer(1, robot.session.control.stop, ["switched off"]).start()

    with pytest.raises(Stopped):
        work(robot, customer="slow")


def test_a_suite_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="there is no suite 'nowhere.robot'"):
        RobotFrameworkRobot(session(tmp_path, {"suite": "nowhere.robot"})).start()
