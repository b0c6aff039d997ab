"""`deskhand users delegate` and its kin, on a database of their own."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from deskhand.cli.main import main


def test_rights_are_lent_listed_and_taken_back(run: CliRunner) -> None:
    def deskhand(*arguments: str) -> Any:
        return json.loads(run.invoke(main, ["--format", "json", "users", *arguments]).stdout)

    made = deskhand("delegate", "manager", "clerk", "--until", "2199-12-31", "--reason", "holidays")
    listed = deskhand("delegations")
    deskhand("lock", "clerk")
    locked = deskhand("delegations")
    deskhand("unlock", "clerk")
    ended = deskhand("end-delegation", made["id"])
    after = deskhand("delegations")

    assert [(each["away"], each["delegate"], each["in_force"], each["reason"]) for each in listed] == [
        ("manager", "clerk", True, "holidays")
    ]
    assert locked[0]["in_force"] is False
    assert ended == {"id": made["id"], "ended": True} and after[0]["in_force"] is False


def test_people_read_the_times_by_the_companys_clock_and_a_refusal_as_a_sentence(run: CliRunner) -> None:
    def said(*arguments: str) -> str:
        return run.invoke(main, ["users", *arguments]).output

    made = said("delegate", "manager", "clerk", "--from", "2199-12-30T08:00", "--until", "2199-12-31T18:00")
    listed = said("delegations")

    assert "2199-12-31 18:00:00" in made and "Asia/Shanghai" in made
    assert "Delegations (Asia/Shanghai)" in listed and "2199-12-30 08:00:00" in listed
    oneself = said("delegate", "manager", "manager", "--until", "2199-12-31")
    assert oneself == (
        "Error: manager has these rights already: rights are lent to somebody else. (delegation_refused)\n"
    )
    soon = said("delegate", "manager", "clerk", "--until", "soon")
    assert soon.startswith("Error: soon is neither a day nor a time: ")
