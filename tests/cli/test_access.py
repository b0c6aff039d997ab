"""`deskhand users`: who may come in still, and with which password."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.environment import service_environment
from deskhand.cli.main import main
from deskhand.cli.workplace import open_desk
from deskhand.gateway.passwords import password_matches
from deskhand.gateway.signin import read_signin_link
from deskhand.store import Desk, UnitOfWork, utc_now
from tests.support.deskhand import ROOT
from tests.support.gateway import open_session

TENANT = "demo"
PASSWORD = "correct horse battery staple"


def users(run: CliRunner, *arguments: str, given: str | None = None) -> Result:
    return run.invoke(main, ["--format", "json", "users", *arguments], input=given)


@contextmanager
def desk() -> Iterator[Desk]:
    with closing(open_desk(service_environment(ROOT))) as opened:
        yield opened


def signed_in(*logins: str) -> None:
    with desk() as opened:
        for login in logins:
            with opened.unit_of_work(TENANT) as uow:
                user = uow.users.by_login(login)
            assert user is not None
            open_session(opened, user, utc_now())


def seen(uow: UnitOfWork, login: str) -> dict[str, Any]:
    """What the store says of a user and their sessions."""
    user = uow.users.by_login(login)
    assert user is not None
    return {
        "active": user.active,
        "role": str(user.role),
        "hash": user.password_hash,
        "open": uow.sessions.of_user(user.id),
    }


def after(*logins: str) -> list[dict[str, Any]]:
    with desk() as opened, opened.unit_of_work(TENANT) as uow:
        return [seen(uow, login) for login in logins]


def audited(action: str) -> list[Any]:
    with desk() as opened, opened.unit_of_work(TENANT) as uow:
        return [row for row in uow.audit.list() if row.action == action]


def test_who_is_locked_is_signed_out_everywhere_and_comes_back_only_by_signing_in(run: CliRunner) -> None:
    signed_in("clerk", "clerk", "finance")

    locked = json.loads(users(run, "lock", "clerk").stdout)
    clerk, finance = after("clerk", "finance")
    unlocked = json.loads(users(run, "unlock", "clerk").stdout)
    (again,) = after("clerk")

    assert (locked["active"], locked["sessions_ended"], unlocked["active"]) == (False, 2, True)
    assert (clerk["active"], clerk["open"], len(finance["open"])) == (False, [], 1)
    assert (again["active"], again["open"]) == (True, [])
    assert [(row.actor, row.channel, row.after) for row in audited("change_user")] == [
        ("cli", "cli", {"active": True}),
        ("cli", "cli", {"active": False}),
    ]
    assert audited("end_sessions")[0].detail == {"code": "locked", "sessions": 2}


def test_somebody_is_signed_out_everywhere_and_may_sign_in_again(run: CliRunner) -> None:
    signed_in("clerk", "finance")

    told = json.loads(users(run, "sign-out", "clerk").stdout)
    clerk, finance = after("clerk", "finance")

    assert told == {"login": "clerk", "sessions_ended": 1}
    assert (clerk["active"], clerk["open"], len(finance["open"])) == (True, [], 1)


def test_a_new_password_is_read_from_the_input_and_ends_all_sessions(run: CliRunner) -> None:
    signed_in("clerk")

    told = users(run, "password", "clerk", given=PASSWORD + "\n")
    (clerk,) = after("clerk")

    assert json.loads(told.stdout)["sessions_ended"] == 1
    assert clerk["open"] == [] and password_matches(PASSWORD, clerk["hash"])
    assert PASSWORD not in told.output and PASSWORD not in repr(audited("change_user"))


@pytest.mark.parametrize("given", ["short", "", " leading and trailing ", "x" * 1025])
def test_a_password_that_nobody_could_use_is_refused_and_changes_nothing(run: CliRunner, given: str) -> None:
    signed_in("clerk")
    before = after("clerk")

    refused = users(run, "password", "clerk", given=given + "\n")

    assert refused.exit_code == 2 and "password" in refused.output
    assert after("clerk") == before


def test_another_role_ends_all_sessions(run: CliRunner) -> None:
    signed_in("clerk")

    told = json.loads(users(run, "role", "clerk", "finance").stdout)
    (clerk,) = after("clerk")
    refused = users(run, "role", "clerk", "customer")
    unknown = users(run, "role", "clerk", "customer", "--customer", "nobody")

    assert told == {"login": "clerk", "role": "finance", "sessions_ended": 1}
    assert (clerk["role"], clerk["open"]) == ("finance", [])
    assert refused.exit_code == 2 and unknown.exit_code != 0
    assert after("clerk")[0]["role"] == "finance"
    assert audited("change_user")[0].before["role"] == "sales"


@pytest.mark.parametrize("command", ["lock", "unlock", "sign-out", "password", "links"])
def test_an_unknown_login_is_named(run: CliRunner, command: str) -> None:
    refused = users(run, command, "nobody", given=PASSWORD + "\n")

    assert refused.exit_code == 2
    assert "there is no user nobody" in refused.output


def test_a_link_is_made_for_one_user(run: CliRunner) -> None:
    rows = json.loads(users(run, "links", "warehouse").stdout)

    assert [row["login"] for row in rows] == ["warehouse"]
    assert "/signin?token=" in rows[0]["link"]
    (made,) = audited("make_link")
    assert (made.target, made.outcome) == (rows[0]["id"], "done")
    assert rows[0]["link"].partition("token=")[2] not in repr(made)


def token_of(run: CliRunner, login: str) -> str:
    (row,) = json.loads(users(run, "links", login).stdout)
    return str(row["link"].partition("token=")[2])


def is_withdrawn(token: str) -> bool:
    environment = service_environment(ROOT)
    link = read_signin_link(token, [environment["DESKHAND_SESSION_SECRET"]], utc_now())
    with desk() as opened, opened.unit_of_work(TENANT) as uow:
        return uow.sessions.links_withdrawn(link.user_id, link.made_at)


def test_links_that_nobody_used_are_withdrawn_and_new_ones_are_good(run: CliRunner) -> None:
    first, second, other = token_of(run, "warehouse"), token_of(run, "warehouse"), token_of(run, "clerk")
    assert not is_withdrawn(first)  # a second one leaves it as it is

    told = json.loads(users(run, "links", "warehouse", "--withdraw").stdout)
    later = token_of(run, "warehouse")

    assert told == {"login": "warehouse", "links": "withdrawn"}
    assert [is_withdrawn(token) for token in (first, second, other, later)] == [True, True, False, False]
    assert [(row.actor, row.channel, row.target) for row in audited("withdraw_links")] == [("cli", "cli", "warehouse")]


@pytest.mark.parametrize("command", [("lock",), ("sign-out",), ("password",), ("role", "warehouse")])
def test_what_ends_sessions_withdraws_links_too(run: CliRunner, command: tuple[str, ...]) -> None:
    token = token_of(run, "clerk")

    assert users(run, command[0], "clerk", *command[1:], given=f"{PASSWORD}\n").exit_code == 0

    assert is_withdrawn(token)


def test_withdrawing_needs_a_login(run: CliRunner) -> None:
    refused = users(run, "links", "--withdraw")

    assert refused.exit_code == 2 and "LOGIN" in refused.output


def test_who_is_locked_gets_no_link(run: CliRunner) -> None:
    users(run, "lock", "clerk")

    refused, rows = users(run, "links", "clerk"), json.loads(users(run, "links").stdout)

    assert refused.exit_code == 2 and "there is no user clerk who may sign in" in refused.output
    assert "clerk" not in {row["login"] for row in rows} and rows


def test_whom_the_command_adds_stands_in_the_audit(run: CliRunner) -> None:
    users(run, "add", "ann", "--name", "Ann", "--role", "sales", given=f"{PASSWORD}\n")

    made = audited("make_user")
    assert [row.after["role"] for row in made] == ["sales"]
    assert PASSWORD not in repr(made)


@pytest.mark.parametrize(
    ("action", "command"),
    [
        ("manage_users", ["users", "add", "ann", "--name", "Ann", "--role", "sales"]),
        ("manage_users", ["users", "lock", "clerk"]),
        ("manage_users", ["users", "unlock", "clerk"]),
        ("manage_users", ["users", "sign-out", "clerk"]),
        ("manage_users", ["users", "password", "clerk"]),
        ("manage_users", ["users", "role", "clerk", "finance"]),
        ("manage_users", ["users", "links"]),
        ("manage_keys", ["keys", "add", "Shop", "--role", "sales", "--scope", "orders:read"]),
        ("manage_keys", ["keys", "list"]),
        ("manage_keys", ["keys", "rotate", "1"]),
        ("manage_keys", ["keys", "revoke", "1"]),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else value,
)
def test_what_the_table_grants_nobody_the_command_line_does_not_do(
    run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str, command: list[str]
) -> None:
    table = (ROOT / "permissions.yml").read_text(encoding="utf-8")
    (tmp_path / "permissions.yml").write_text(table.replace(f"{action}: {{admin: any}}", f"{action}: nobody"))
    shutil.copytree(ROOT / "processes", tmp_path / "processes")
    monkeypatch.setenv("DESKHAND_PROCESSES_DIR", str(tmp_path / "processes"))

    refused = run.invoke(main, command, input=PASSWORD + "\n")

    assert refused.exit_code == 1 and "(role_not_allowed)" in refused.output
    assert [(row.actor, row.outcome) for row in audited(action)] == [("cli", "refused")]
