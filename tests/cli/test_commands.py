"""The `deskhand` command as a person or a script calls it, on a database of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.main import main

ORDERS = "订单号,客户,总额,下单时间\nA1,华星,10.5,2026-01-01\nA2,东方,20,2026-01-02\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Called from a folder that is not the checkout."""
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(main, ["migrate", "--demo"]).exit_code == 0
    return runner


def deskhand(run: CliRunner, *arguments: str) -> Result:
    return run.invoke(main, list(arguments))


def test_the_help_names_every_command_with_its_whole_sentence(run: CliRunner) -> None:
    text = " ".join(deskhand(run, "--help").output.split())

    for command in ("audit", "doctor", "import", "migrate", "orders", "train", "up", "users"):
        assert f" {command} " in text
    assert "Say what is missing here and how to get it; exit code 1 if something needed is." in text


@pytest.mark.parametrize(
    ("url", "said"), [(None, "run `deskhand migrate`"), ("postgresql://u:hidden@127.0.0.1:9/d", "does not answer")]
)
def test_a_database_that_is_empty_or_away_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str | None, said: str
) -> None:
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path))
    if url:
        monkeypatch.setenv("DATABASE_URL", url)

    ran = CliRunner().invoke(main, ["orders", "list"])

    assert ran.exit_code == 1 and said in ran.output
    assert "Traceback" not in ran.output and "hidden" not in ran.output


def test_an_import_from_any_folder_is_reported_and_made_once(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")

    first = json.loads(deskhand(run, "--format", "json", "import", "orders.csv", "--source", "erp").stdout)
    second = json.loads(deskhand(run, "--format", "json", "import", "orders.csv", "--source", "erp").stdout)

    assert (first["inserted"], first["header_only"], first["total"]) == (2, 2, "30.50")
    assert (second["inserted"], second["already_known"]) == (0, 2)
    listed = json.loads(deskhand(run, "--format", "json", "orders", "list", "--source", "erp").stdout)
    assert {order["external_number"] for order in listed} == {"A1", "A2"}


def test_a_dry_run_writes_nothing(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")

    deskhand(run, "import", "orders.csv", "--source", "erp", "--dry-run")

    assert json.loads(deskhand(run, "--format", "json", "orders", "list").stdout) == []


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--currency", "POUND"], "POUND is no currency code"),
        (["--time-zone", "Mars/X"], "Mars/X is no time zone"),
        (["--automatic"], "--automatic needs --start-status"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_anything_is_written(
    run: CliRunner, tmp_path: Path, option: list[str], said: str
) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")

    refused = deskhand(run, "import", "orders.csv", "--source", "erp", *option)

    assert refused.exit_code != 0
    assert said in refused.output
    assert json.loads(deskhand(run, "--format", "json", "orders", "list").stdout) == []


@pytest.mark.parametrize("content", ["", "foo,bar\n1,2\n"])
def test_a_file_that_is_no_order_file_is_refused_with_the_reason(run: CliRunner, tmp_path: Path, content: str) -> None:
    (tmp_path / "x.csv").write_text(content)

    refused = deskhand(run, "import", "x.csv", "--source", "erp")

    assert refused.exit_code == 1
    assert "Nothing was imported" in refused.output


def test_the_rejected_rows_are_written_where_they_were_asked_for(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS + "A3,,5,2026-01-03\n", encoding="utf-8")

    deskhand(run, "import", "orders.csv", "--source", "erp", "--rejected", "rejected.csv")

    rejected = (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    assert "A3" in rejected and "missing_customer" in rejected and "A1" not in rejected

    corrected = rejected.replace("A3,,", "A3,Globex,")
    (tmp_path / "corrected.csv").write_text(corrected, encoding="utf-8")
    again = json.loads(deskhand(run, "--format", "json", "import", "corrected.csv", "--source", "erp").stdout)
    assert (again["inserted"], again["refused"]) == (1, 0)


def test_an_order_is_shown_with_its_history_and_whether_it_is_intact(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    deskhand(run, "import", "orders.csv", "--source", "erp")

    shown = json.loads(deskhand(run, "--format", "json", "orders", "show", "SO-1001").stdout)

    assert shown["external_number"] == "A1"
    assert shown["history_intact"] is True
    assert "There is no order SO-9" in deskhand(run, "orders", "show", "SO-9").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["clerk", "--name", "x", "--role", "sales"], "there is a user clerk already"),
        (["bob", "--name", "x", "--role", "customer"], "--customer is needed"),
        (["bob", "--name", "x", "--role", "customer", "--customer", "nobody"],
         "There is no customer nobody"),
        (["Clerk", "--name", "x", "--role", "sales"], "there is a user clerk already"),
        (["", "--name", "x", "--role", "sales"], "a login has at most 64"),
        (["bo b", "--name", "x", "--role", "sales"], "a login has at most 64"),
        (["bob\n", "--name", "x", "--role", "sales"], "a login has at most 64"),
        (["b" * 65, "--name", "x", "--role", "sales"], "a login has at most 64"),
        (["\u202ebob", "--name", "x", "--role", "sales"], "a login has at most 64"),
        (["bob", "--name", " ", "--role", "sales"], "a name has 1 to 200"),
        (["bob", "--name", "x\x1b[31m", "--role", "sales"], "a name has 1 to 200"),
    ],
)  # fmt: skip
def test_a_user_that_can_not_be_is_refused_in_one_line(run: CliRunner, arguments: list[str], said: str) -> None:
    refused = run.invoke(main, ["users", "add", *arguments], input="1234567890\n")

    assert refused.exit_code != 0
    assert said in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.parametrize(
    "command",
    [
        ["audit", "export", "--to"],
        ["audit", "head", "--to"],
        ["privacy", "export", "--customer", "huaxing", "--to"],
    ],
    ids=lambda command: " ".join(command),
)
def test_a_file_that_can_not_be_written_is_named_in_one_line(
    run: CliRunner, tmp_path: Path, command: list[str]
) -> None:
    file = tmp_path / "nowhere" / "file"

    refused = deskhand(run, *command, str(file))

    assert refused.exit_code == 1
    assert refused.stderr == f"Error: {file}: No such file or directory\n"


def test_nobody_else_on_the_machine_reads_the_database_or_what_is_exported(run: CliRunner, tmp_path: Path) -> None:
    files = [tmp_path / "audit.csv", tmp_path / "heads.jsonl", tmp_path / "copy.json"]
    commands = [["audit", "export"], ["audit", "head"], ["privacy", "export", "--customer", "huaxing"]]
    for command, file in zip(commands, files, strict=True):
        assert deskhand(run, *command, "--to", str(file)).exit_code == 0

    assert [path.stat().st_mode & 0o077 for path in (*files, tmp_path / "var")] == [0, 0, 0, 0]


def test_a_user_is_added_and_listed(run: CliRunner) -> None:
    bob = ("bob", "--name", "Bob", "--role", "sales")
    refused = run.invoke(main, ["users", "add", *bob], input="short\n")
    added = run.invoke(main, ["users", "add", *bob, "--password-stdin"], input="a long password\n")

    assert refused.exit_code == 2 and "at least 10 characters" in refused.output
    assert added.exit_code == 0
    users = json.loads(deskhand(run, "--format", "json", "users", "list").stdout)
    assert next(user["role"] for user in users if user["login"] == "bob") == "sales"
    assert "password" not in str(users)


def test_doctor_names_what_is_missing_with_its_remedy(run: CliRunner) -> None:
    findings = json.loads(deskhand(run, "--format", "json", "doctor").stdout)

    model = next(finding for finding in findings if finding["what"] == "dialogue model")
    assert (model["state"], model["remedy"]) == ("missing", "deskhand train")
    assert next(finding for finding in findings if finding["what"] == "database")["state"] == "ok"
