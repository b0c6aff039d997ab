"""`deskhand customers`: what a customer may owe, and for how long, is set by name and stands in the audit."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from click.testing import CliRunner

from deskhand.cli.main import main
from tests.support.desks import TENANT, open_desk


def deskhand(run: CliRunner, *arguments: str) -> Any:
    result = run.invoke(main, ["--format", "json", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def listed(run: CliRunner) -> dict[str, Any]:
    return {row["id"]: row for row in deskhand(run, "customers", "list")}


def test_credit_class_and_days_are_set_one_by_one_and_taken_away_again(run: CliRunner) -> None:
    before = listed(run)["huaxing"]

    deskhand(run, "customers", "terms", "huaxing", "--credit", "50000.50", "--class", "A")
    deskhand(run, "customers", "terms", "huaxing", "--days", "45", "--from", "month_end")
    set_ = listed(run)["huaxing"]
    deskhand(run, "customers", "terms", "huaxing", "--credit", "none", "--class", "none")
    after = listed(run)["huaxing"]

    assert (before["credit_limit"], before["class"]) == ("", "")
    assert (set_["credit_limit"], set_["class"], set_["days_to_pay"]) == ("50000.5", "A", 45)
    assert set_["from"] == after["from"] == "month_end"
    assert (after["credit_limit"], after["class"], after["days_to_pay"]) == ("", "", 45)


def test_who_changed_what_stands_in_the_audit(run: CliRunner) -> None:
    deskhand(run, "customers", "terms", "huaxing", "--credit", "100")

    desk = open_desk(f"sqlite:///{os.environ['DESKHAND_VAR']}/deskhand.db")
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        (row,) = [row for row in uow.audit.list() if row.action == "customers terms"]
    desk.close()
    assert (row.target, row.actor) == ("huaxing", "cli") and row.detail["credit_limit"] == ["", "100"]


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "much"])
def test_what_is_no_sum_of_money_is_refused(run: CliRunner, amount: str) -> None:
    result = run.invoke(main, ["customers", "terms", "huaxing", "--credit", amount])

    assert result.exit_code == 2 and "no sum of money" in result.output and listed(run)["huaxing"]["credit_limit"] == ""


def test_a_customer_that_there_is_not_is_named(run: CliRunner) -> None:
    result = run.invoke(main, ["customers", "terms", "nobody", "--credit", "1"])

    assert result.exit_code == 1 and "nobody" in result.output
