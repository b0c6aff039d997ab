"""`deskhand keys`: other systems are given keys, and lose them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deskhand.cli.main import main
from deskhand.gateway.api_keys import digest_of


def asked(run: CliRunner, *arguments: str) -> Any:
    result = run.invoke(main, ["--format", "json", "keys", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


ADD = ("add", "Web shop", "--role", "sales", "--scope", "orders:read", "--scope", "orders:write")


def test_a_keys_text_is_shown_once_and_stored_as_its_digest(run: CliRunner, tmp_path: Path) -> None:
    made = asked(run, *ADD, "--days", "30")

    listed = asked(run, "list")
    assert made["key"].startswith(f"dhk_demo.{made['id']}_")
    assert [(key["id"], key["scopes"]) for key in listed] == [(made["id"], ["orders:read", "orders:write"])]
    stored = b"".join(file.read_bytes() for file in (tmp_path / "var").glob("*.db*"))
    assert digest_of(made["key"]).encode() in stored
    assert made["key"][-64:].encode() not in stored and made["key"][-64:] not in str(listed)


def test_a_key_is_replaced_and_revoked(run: CliRunner) -> None:
    old = asked(run, *ADD)
    new = asked(run, "rotate", old["id"], "--overlap-hours", "0")
    asked(run, "revoke", new["id"])

    rows = {key["id"]: key for key in asked(run, "list")}
    assert new["key"] != old["key"] and {name: new[name] for name in ("name", "role", "scopes")} == {
        name: old[name] for name in ("name", "role", "scopes")
    }
    assert rows[old["id"]]["revoked_at"] and rows[new["id"]]["revoked_at"]


def test_people_see_a_table_and_are_told_to_keep_the_key(run: CliRunner) -> None:
    added = run.invoke(main, ["keys", *ADD])
    listed = run.invoke(main, ["keys", "list"])

    assert "dhk_demo." in added.stdout and "not shown again" in added.stderr
    assert "Web shop" in listed.stdout and "orders:read orders:write" in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "x", "--role", "sales"], "Missing option '--scope'"),
        (["add", "x", "--role", "sales", "--scope", "everything"], "is not one of"),
        (["add", "x", "--role", "system", "--scope", "orders:read"], "is not one of"),
        (["add", "x", "--role", "customer", "--scope", "orders:read"], "is needed for role customer"),
        (["add", "x", "--role", "sales", "--customer", "huaxing", "--scope", "orders:read"], "for no other role"),
        (["add", "x", "--role", "customer", "--customer", "no", "--scope", "orders:read"], "There is no customer no"),
        (["add", "a\x1b[31m", "--role", "sales", "--scope", "orders:read"], "printable characters"),
        (["add", "x", "--role", "sales", "--scope", "orders:read", "--days", "-1"], "not in the range"),
        (["revoke", "nothing"], "There is no API key nothing that is in force"),
        (["rotate", "nothing"], "There is no API key nothing that is in force"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_leaves_no_key(
    run: CliRunner, arguments: list[str], said: str
) -> None:
    refused = run.invoke(main, ["keys", *arguments])

    assert refused.exit_code != 0
    assert said in refused.output and "Traceback" not in refused.output
    assert asked(run, "list") == []
