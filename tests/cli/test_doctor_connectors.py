"""What `deskhand doctor` says of other systems."""

from __future__ import annotations

from pathlib import Path
from shutil import copy, copytree

import pytest

from deskhand.cli.doctor_connectors import connectors
from tests.cases.spending import PROCESSES
from tests.support.desks import ROOT, demo_database

SET = {"CONNECTOR_SCALES_URL": "http://10.0.0.5", "CONNECTOR_SCALES_KEY": "a-key-of-the-scales"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    copytree(ROOT / "connectors", tmp_path / "connectors")
    copytree(ROOT / "processes" / "order_to_cash", tmp_path / "processes" / "order_to_cash")
    copy(ROOT / "permissions.yml", tmp_path)
    return {
        "DATABASE_URL": demo_database(tmp_path),
        "DESKHAND_TENANTS_DIR": str(ROOT / "tenants"),
        "DESKHAND_PROCESSES_DIR": str(tmp_path / "processes"),
        "DESKHAND_CONNECTORS_DIR": str(tmp_path / "connectors"),
    }


def calling(environment: dict[str, str]) -> None:
    """A process that asks the scales comes in."""
    copytree(PROCESSES / "stock_check", Path(environment["DESKHAND_PROCESSES_DIR"], "stock_check"))


def changed(environment: dict[str, str], text: str, instead: str) -> None:
    file = Path(environment["DESKHAND_CONNECTORS_DIR"], "scales.yml")
    file.write_text(file.read_text("utf-8").replace(text, instead), "utf-8")


def test_a_system_that_nobody_calls_need_not_be_set_up(environment: dict[str, str]) -> None:
    state, detail, remedy = connectors(environment)

    assert state == "absent"
    assert "CONNECTOR_SCALES_URL, CONNECTOR_SCALES_KEY not set" in detail
    assert remedy == "set CONNECTOR_SCALES_URL and CONNECTOR_SCALES_KEY for the worker"


def test_a_secret_of_a_system_that_a_process_calls_must_be_there(environment: dict[str, str]) -> None:
    calling(environment)

    assert connectors({**environment, "CONNECTOR_SCALES_URL": "http://10.0.0.5"})[:2] == (
        "missing",
        "scales: CONNECTOR_SCALES_KEY not set",
    )
    assert connectors({**environment, **SET}) == ("ok", "1 declared, 1 called by processes", "")


@pytest.mark.parametrize(
    ("text", "instead", "message"),
    [
        ("seconds: 5", "seconds: 500", "at most 30"),
        (
            "result.pieces",
            "result.count",
            "scales.weigh: result.count of the answer is nothing",
        ),
        ("{where}/", "{place}/", "twelve pieces lie there"),
    ],
)
def test_a_file_that_is_wrong_or_contradicts_what_was_recorded_is_told(
    environment: dict[str, str], text: str, instead: str, message: str
) -> None:
    changed(environment, text, instead)

    state, detail, _ = connectors({**environment, **SET})

    assert state == "missing"
    assert message in detail


def test_a_task_that_calls_what_nobody_declared_is_told(environment: dict[str, str]) -> None:
    calling(environment)
    Path(environment["DESKHAND_CONNECTORS_DIR"], "scales.yml").unlink()

    assert connectors(environment)[:2] == ("missing", "stock_check.ask_system calls scales, which is not declared")
