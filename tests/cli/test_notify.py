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
