"""`deskhand notify`, on a database of its own."""

from __future__ import annotations

import json

from click.testing import CliRunner

from deskhand.cli.main import main


def test_an_administrator_tells_from_the_command_line(run: CliRunner) -> None:
    done = run.invoke(main, ["--format", "json", "notify", "role:warehouse", "Dock closed"])
    unknown = run.invoke(main, ["notify", "everybody", "x"])
    empty = run.invoke(main, ["notify", "role:sales"])

    assert json.loads(done.stdout)["to"] == "role:warehouse"
    assert unknown.exit_code == 2 and "role:<role>" in unknown.output
    assert empty.exit_code == 2 and "--zh" in empty.output


def test_an_administrator_sets_how_somebody_is_told(run: CliRunner) -> None:
    before = run.invoke(main, ["--format", "json", "notify", "preferences", "clerk"])
    chosen = ["--set", "orders.desk=digest", "--quiet", "22:00-07:00", "--days", "mon,fri", "--digest", "hour:15"]
    set_ = run.invoke(main, ["--format", "json", "notify", "preferences", "clerk", *chosen, "--zone", "Asia/Tokyo"])
    after = run.invoke(main, ["--format", "json", "notify", "preferences", "clerk", "--quiet", "none"])

    assert json.loads(before.stdout)["kinds"]["orders"] == {"desk": "at_once", "mail": "off"}
    told = json.loads(set_.stdout)
    assert told["quiet"] == {"from": "22:00", "to": "07:00", "days": ["mon", "fri"]}
    assert (told["digest"], told["time_zone"]) == ({"every": "hour", "at": "00:15"}, "Asia/Tokyo")
    assert json.loads(after.stdout) == {**told, "quiet": None} and told["kinds"]["orders"]["desk"] == "digest"


def test_what_cannot_be_set_is_said_and_nothing_is(run: CliRunner) -> None:
    unknown = run.invoke(main, ["notify", "preferences", "nobody"])
    wrong = run.invoke(main, ["notify", "preferences", "clerk", "--set", "weather.desk=off"])
    deaf = run.invoke(main, ["notify", "preferences", "manager", "--set", "approvals.desk=off"])

    assert unknown.exit_code == 1 and "nobody" in unknown.output
    assert wrong.exit_code == 2 and "weather" in wrong.output
    assert deaf.exit_code == 1 and "Approvals" in deaf.output
