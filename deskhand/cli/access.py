"""`deskhand users lock` and its kin: who may come in still, and with which password. Sessions end with each change."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from deskhand.channels.errors import NotLinked
from deskhand.cli.workplace import working
from deskhand.gateway.messengers.links import unlink
from deskhand.gateway.passwords import hash_password, password_problem
from deskhand.gateway.sessions_store import CHANGE_USER, end_all_sessions
from deskhand.gateway.signin import LINK_LIFETIME
from deskhand.logs import one_line
from deskhand.orders.actions import MANAGE_USERS
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import MESSENGERS
from deskhand.store import UnitOfWork, User

if TYPE_CHECKING:
    from deskhand.cli.main import Context

LONGEST_NAME = 200
_LOGIN = re.compile(r"[\w.@+-]{1,64}")
ROLES = [str(role) for role in Role if role is not Role.SYSTEM]


def check_password(password: str) -> str:
    """A password that can be signed in with.

    Raises:
        UsageError: saying what is wrong with it.
    """
    if problem := password_problem(password):
        raise click.UsageError(f"a password {problem}")
    return password


def check_login(login: str) -> None:
    """A login that can be typed and can't be taken for another: what people see is all that there is.

    Raises:
        UsageError.
    """
    if not _LOGIN.fullmatch(login):
        raise click.UsageError("a login has at most 64 letters, digits and the signs . _ @ + -, and no blank")


def check_name(name: str) -> None:
    """Raises UsageError where a name is empty, endless, or holds what a terminal or a page would obey."""
    if not name.strip() or len(name) > LONGEST_NAME or one_line(name) != name:
        raise click.UsageError(f"a name has 1 to {LONGEST_NAME} characters and no control characters")


def check_customer(role: str, customer: str | None) -> None:
    """Raises UsageError unless a customer is named exactly where the role is one of a customer."""
    if (role == Role.CUSTOMER) != (customer is not None):
        raise click.UsageError("--customer is needed for role customer, and for no other role")


password_option = click.option(
    "--password-stdin", "piped", is_flag=True, help="Read it from the standard input, also at a terminal."
)


def asked_password(piped: bool) -> str:
    """A password from a terminal or the standard input: an argument would stand in the list of processes.

    Raises:
        UsageError: saying what is wrong with it.
    """
    if piped or not sys.stdin.isatty():
        return check_password(sys.stdin.readline().rstrip("\r\n"))
    return check_password(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@contextmanager
def _user(context: Context, login: str, command: str) -> Iterator[tuple[UnitOfWork, Actor, User]]:
    """One transaction of the operator for one user; committed at the end."""
    with working(context.environment, MANAGE_USERS, f"users {command}") as (uow, who):
        user = uow.users.by_login(login)
        if user is None:
            raise click.UsageError(f"there is no user {login}")
        yield uow, who, user


def withdraw_links(context: Context, login: str | None) -> None:
    """Whatever links of LOGIN are about, none of them lets anybody in."""
    if login is None:
        raise click.UsageError("--withdraw needs a LOGIN")
    with _user(context, login, "links") as (uow, who, user):
        uow.sessions.withdraw_links(user, LINK_LIFETIME)
        uow.audit.add(who, "withdraw_links", user.id, "done")
    context.output.record({"login": login, "links": "withdrawn"})


def _end_all(uow: UnitOfWork, who: Actor, user: User, reason: str) -> list[str]:
    """Sessions, and links that would begin new ones; says which sessions."""
    uow.sessions.withdraw_links(user, LINK_LIFETIME)
    return end_all_sessions(uow, who, user.id, reason)


def _set_active(context: Context, login: str, active: bool) -> None:
    ended: list[str] = []
    with _user(context, login, "unlock" if active else "lock") as (uow, who, user):
        uow.users.set_active(user.id, active)
        uow.audit.add(who, CHANGE_USER, user.id, "done", before={"active": user.active}, after={"active": active})
        if not active:
            ended = _end_all(uow, who, user, "locked")
    context.output.record({"login": login, "active": active, "sessions_ended": len(ended)})


@click.command("lock")
@click.argument("login")
@click.pass_obj
def lock_(context: Context, login: str) -> None:
    """Let LOGIN in no more and end all their sessions; within half a minute they are out of the chat too."""
    _set_active(context, login, active=False)


@click.command("unlock")
@click.argument("login")
@click.pass_obj
def unlock_(context: Context, login: str) -> None:
    """Let LOGIN in again; they have to sign in anew."""
    _set_active(context, login, active=True)


@click.command("unlink")
@click.argument("login")
@click.argument("channel", type=click.Choice(MESSENGERS))
@click.pass_obj
def unlink_(context: Context, login: str, channel: str) -> None:
    """Take LOGIN's account in Slack or Teams away: what is written from it does nothing any more."""
    with _user(context, login, "unlink") as (uow, who, user):
        try:
            unlink(uow, who, user.id, channel)
        except NotLinked as refused:
            raise click.UsageError(f"{login} has no account linked in {channel}") from refused
    context.output.record({"login": login, "channel": channel, "unlinked": True})


@click.command("role")
@click.argument("login")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--customer", help="Customer id; needed for role customer.")
@click.pass_obj
def role_(context: Context, login: str, role: str, customer: str | None) -> None:
    """Give LOGIN another role and end all their sessions."""
    check_customer(role, customer)
    with _user(context, login, "role") as (uow, who, user):
        if customer:
            uow.customers.get(customer)
        uow.users.set_role(user.id, Role(role), customer)
        before = {"role": str(user.role), "customer": user.customer_id}
        uow.audit.add(who, CHANGE_USER, user.id, "done", before=before, after={"role": role, "customer": customer})
        ended = _end_all(uow, who, user, "role_changed")
    context.output.record({"login": login, "role": role, "sessions_ended": len(ended)})


@click.command("sign-out")
@click.argument("login")
@click.pass_obj
def sign_out_(context: Context, login: str) -> None:
    """End all sessions of LOGIN, on whichever device they are."""
    with _user(context, login, "sign-out") as (uow, who, user):
        ended = _end_all(uow, who, user, "signed_out_by_operator")
    context.output.record({"login": login, "sessions_ended": len(ended)})


@click.command("password")
@click.argument("login")
@password_option
@click.pass_obj
def password_(context: Context, login: str, piped: bool) -> None:
    """Give LOGIN a new password, asked for or read from the standard input, and end all their sessions."""
    hashed = hash_password(asked_password(piped))
    with _user(context, login, "password") as (uow, who, user):
        uow.users.set_password(user.id, hashed)
        uow.audit.add(who, CHANGE_USER, user.id, "done", {"code": "password"})
        ended = _end_all(uow, who, user, "password_changed")
    context.output.record({"login": login, "password": "changed", "sessions_ended": len(ended)})
