"""`deskhand users`: who may sign in."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import click

from deskhand.cli.access import (
    ROLES,
    asked_password,
    check_customer,
    check_login,
    check_name,
    lock_,
    password_,
    password_option,
    role_,
    sign_out_,
    unlink_,
    unlock_,
    withdraw_links,
)
from deskhand.cli.delegations import delegate_, delegations_, end_delegation_
from deskhand.cli.workplace import reading, signin_links, working
from deskhand.gateway.passwords import hash_password
from deskhand.orders.actions import MANAGE_USERS
from deskhand.orders.status import Role
from deskhand.store import User

if TYPE_CHECKING:
    from deskhand.cli.main import Context


@click.group()
def users() -> None:
    """List, add and sign in users."""


for _command in (lock_, unlock_, unlink_, sign_out_, password_, role_, delegate_, delegations_, end_delegation_):
    users.add_command(_command)


@users.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """All users of the tenant."""
    with reading(context.environment) as (_, uow):
        found = uow.users.all()
    rows = [
        {"login": user.login, "name": user.name, "role": user.role, "customer": user.customer_id,
         "language": user.language, "active": user.active}
        for user in found
    ]  # fmt: skip
    context.output.rows("Users", rows, ["login", "name", "role", "customer", "language", "active"])


@users.command()
@click.argument("login")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--customer", help="Customer id; needed for role customer, who sees this customer's orders alone.")
@click.option("--email")
@click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@password_option
@click.pass_obj
def add(context: Context, login: str, name: str, role: str, customer: str | None, email: str | None,
        language: str, piped: bool) -> None:  # fmt: skip
    """Add a user who signs in with a password, asked for or read from the standard input."""
    check_login(login)
    check_name(name)
    check_customer(role, customer)
    hashed = hash_password(asked_password(piped))
    with working(context.environment, MANAGE_USERS, "users add") as (uow, who):
        known = {user.login.casefold(): user.login for user in uow.users.all()}
        if login.casefold() in known:
            raise click.UsageError(f"there is a user {known[login.casefold()]} already")
        if customer:
            uow.customers.get(customer)
        user = User(uuid.uuid4().hex, uow.tenant.id, login, name, Role(role), customer, email, language, hashed, True)
        uow.users.add(user)
        made = {"role": role, "language": language, "customer": customer}
        uow.audit.add(who, "make_user", user.id, "done", after=made)
    context.output.record({"login": login, "role": role, "added": True})


@users.command()
@click.argument("login", required=False)
@click.option("--address", help="Where the gateway is reached; by default the one of this machine.")
@click.option("--withdraw", is_flag=True, help="Make none; those of LOGIN that nobody has used let nobody in any more.")
@click.pass_obj
def links(context: Context, login: str | None, address: str | None, withdraw: bool) -> None:
    """Sign-in links of all users, or of LOGIN: for a day, and for one sign-in (in the demo for any number).

    Whoever has a link is the user, so that one was made stands in the audit; the link itself doesn't. A new link leaves
    the ones before it as they are; --withdraw ends them all, and so do lock, sign-out, password and role.
    """
    if withdraw:
        withdraw_links(context, login)
        return
    environment = context.environment
    address = address or f"http://{environment['DESKHAND_HOST']}:{environment['DESKHAND_PORT']}"
    with working(environment, MANAGE_USERS, "users links") as (uow, who):
        rows = [
            {"id": user.id, "login": user.login, "role": str(user.role), "link": link}
            for user, link in signin_links(uow, environment, address)
            if login in (None, user.login)
        ]
        if not rows:
            raise click.UsageError(f"there is no user {login} who may sign in")
        for row in rows:
            uow.audit.add(who, "make_link", row["id"], "done")
    if context.output.format == "json":
        context.output.json(rows)
        return
    for row in rows:
        click.echo(f"{row['login']:<10} {row['role']:<10} {row['link']}")
