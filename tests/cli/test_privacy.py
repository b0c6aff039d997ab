"""`deskhand privacy` as an operator calls it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.environment import service_environment
from deskhand.cli.main import ROOT, main
from deskhand.cli.workplace import open_desk
from deskhand.orders.commands import CancelOrder
from tests.support.desks import CLERK, done, placing


@pytest.fixture
def number(run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One order of Huaxing, not finished."""
    monkeypatch.chdir(tmp_path)
    desk = open_desk(service_environment(ROOT))
    order = done(desk, placing(), CLERK)
    desk.close()
    return order.number


def finished(number: str) -> None:
    desk = open_desk(service_environment(ROOT))
    done(desk, CancelOrder(number, "no longer wanted"), CLERK)
    desk.close()


def deskhand(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=answer)


def test_a_copy_of_what_is_held_is_a_file_for_its_owner_alone(number: str, tmp_path: Path) -> None:
    told = deskhand("--format", "json", "privacy", "export", "--customer", "huaxing", "--to", "copy.json")

    copy = json.loads((tmp_path / "copy.json").read_text(encoding="utf-8"))
    assert json.loads(told.stdout)["sales_order"] == 1
    assert copy["customer"][0]["name"] == "华星科技有限公司"
    assert copy["sales_order"][0]["number"] == number
    assert stat.S_IMODE((tmp_path / "copy.json").stat().st_mode) == 0o600


def test_an_order_that_is_not_finished_is_named_and_stands_in_the_way(number: str) -> None:
    refused = deskhand("privacy", "erase", "--customer", "huaxing", "--yes")

    assert refused.exit_code == 1
    assert number in refused.output
    assert "--force" in refused.output
    assert deskhand("privacy", "erase", "--customer", "huaxing", "--dry-run").exit_code == 1


def test_forgetting_is_asked_about_first_and_no_means_no(number: str, tmp_path: Path) -> None:
    finished(number)

    stopped = deskhand("privacy", "erase", "--customer", "huaxing", answer="n\n")

    assert stopped.exit_code == 1
    deskhand("privacy", "export", "--customer", "huaxing", "--to", "copy.json")
    assert "华星科技" in (tmp_path / "copy.json").read_text(encoding="utf-8")


def test_after_a_yes_the_customer_is_forgotten_and_the_chains_hold(number: str, tmp_path: Path) -> None:
    finished(number)
    planned = json.loads(deskhand("--format", "json", "privacy", "erase", "--customer", "huaxing", "--dry-run").stdout)

    erased = json.loads(deskhand("--format", "json", "privacy", "erase", "--customer", "huaxing", "--yes").stdout)

    assert (planned["erased"], erased["erased"]) == (False, True)
    assert planned["counts"] == erased["counts"]
    assert erased["counts"]["orders"] == 1
    deskhand("privacy", "export", "--customer", "huaxing", "--to", "copy.json")
    text = (tmp_path / "copy.json").read_text(encoding="utf-8")
    assert "华星" not in text
    assert "buyer@huaxing.example" not in text
    assert deskhand("audit", "verify").exit_code == 0


def test_people_are_told_what_stays(number: str) -> None:
    finished(number)

    assert "What stays" in deskhand("privacy", "erase", "--customer", "huaxing", "--yes").output


def test_a_customer_that_is_none_is_refused_in_one_line(number: str) -> None:
    refused = deskhand("privacy", "erase", "--customer", "nobody", "--yes")

    assert refused.exit_code == 1
    assert "unknown_customer" in refused.output


def test_nothing_is_past_its_days_on_the_first_day(number: str) -> None:
    assert json.loads(deskhand("--format", "json", "privacy", "retention", "--dry-run").stdout) == {"forgotten": False}
    assert json.loads(deskhand("--format", "json", "privacy", "retention").stdout) == {"forgotten": True}
