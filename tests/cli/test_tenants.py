"""`deskhand tenants`, and `--tenant` of every command that acts on one company."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from deskhand.cli.main import main
from deskhand.store import load_tenants
from tests.support.desks import ROOT

FOR_ALL = {"evaluate", "up", "migrate", "train", "doctor", "vulnerabilities", "secrets", "tenants"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tenants", tmp_path / "tenants")
    return tmp_path / "tenants"


@pytest.fixture
def run(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DESKHAND_TENANTS_DIR", str(folder))
    return CliRunner()


def deskhand(run: CliRunner, *arguments: str) -> Result:
    return run.invoke(main, ["--format", "json", *arguments])


def answer(run: CliRunner, *arguments: str) -> Any:
    result = deskhand(run, *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_company_is_laid_down_checked_listed_and_shown(run: CliRunner, folder: Path) -> None:
    answer(run, "tenants", "add", "acme", "--name", 'Acme "Ltd": ☆', "--currency", "EUR")

    assert [(row["tenant"], row["state"]) for row in answer(run, "tenants", "list")] == [
        ("acme", "served"),
        ("demo", "served"),
    ]
    shown = answer(run, "tenants", "show", "acme")
    assert (shown["name"], shown["currency"]) == ('Acme "Ltd": ☆', "EUR")
    assert (shown["limits.chat_per_minute"], shown["retention.audit_days"]) == ("120", "None")
    assert answer(run, "tenants", "check") == []
    assert load_tenants(folder, ROOT / "processes")["acme"].channels == ("chat", "http", "slack", "teams")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["demo", "--name", "Again"], "there is a company demo already"),
        (["Acme", "--name", "Acme"], "the file's name is the tenant's id"),
        (["../acme", "--name", "Acme"], "is no id"),
        (["acme", "--name", "Acme", "--currency", "EURO"], "acme.yml:4: currency"),
        (["acme", "--name", "Acme", "--time-zone", "Mars"], "acme.yml:3: time_zone"),
        (["acme", "--name", " "], "acme.yml:2: name"),
    ],
)
def test_a_company_that_could_not_be_taken_up_is_not_laid_down(
    run: CliRunner, folder: Path, arguments: list[str], said: str
) -> None:
    before = sorted(folder.parent.rglob("*.yml*"))

    refused = deskhand(run, "tenants", "add", *arguments)

    assert refused.exit_code != 0
    assert said in refused.output
    assert sorted(folder.parent.rglob("*.yml*")) == before


def test_what_is_wrong_in_a_file_is_told_with_its_line(run: CliRunner, folder: Path) -> None:
    (folder / "acme.yml").write_text("name: Acme\ncurrency: EURO\nsmile: 1\n", encoding="utf-8")

    checked = deskhand(run, "tenants", "check")

    assert checked.exit_code == 1
    assert [(row["file"], row["line"], row["setting"]) for row in json.loads(checked.stdout)] == [
        ("acme.yml", 2, "currency"),
        ("acme.yml", 3, "smile"),
    ]
    states = {row["tenant"]: row["state"] for row in answer(run, "tenants", "list")}
    assert states == {"demo": "served", "acme": "file is wrong: deskhand tenants check"}
    findings = {row["what"]: row for row in json.loads(deskhand(run, "doctor").stdout)}
    assert findings["companies"]["state"] == "missing"
    assert "acme.yml:2: currency" in findings["companies"]["detail"]


def test_a_folder_without_a_single_good_file_is_told_in_a_line(run: CliRunner, folder: Path) -> None:
    (folder / "demo.yml").write_text("name: [", encoding="utf-8")

    refused = deskhand(run, "tenants", "list")

    assert refused.exit_code == 1
    assert "demo.yml" in refused.output and "Traceback" not in refused.output


def test_a_command_acts_on_the_company_that_is_named(run: CliRunner) -> None:
    assert deskhand(run, "migrate", "--demo").exit_code == 0
    answer(run, "tenants", "add", "acme", "--name", "Acme")
    bob = ["users", "add", "bob", "--tenant", "acme", "--name", "Bob", "--role", "sales"]
    assert run.invoke(main, bob, input="long-enough-word\n").exit_code == 0

    assert [row["login"] for row in answer(run, "users", "list", "--tenant", "acme")] == ["bob"]
    assert "bob" not in [row["login"] for row in answer(run, "users", "list")]
    refused = deskhand(run, "users", "list", "--tenant", "nobody")
    assert (refused.exit_code, "tenant_not_served" in refused.output) == (1, True)


def test_every_command_that_acts_on_one_company_takes_its_id() -> None:
    for path, command in leaves(main):
        takes = any("--tenant" in parameter.opts for parameter in command.params)
        assert takes is (path[0] not in FOR_ALL), path


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    return [leaf for name, each in command.commands.items() for leaf in leaves(each, (*path, name))]
