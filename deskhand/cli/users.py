"""`deskhand users`: who may sign in."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import TYPE_CHECKING

import click

from deskhand.cli.delegations import delegate_, delegations_, end_delegation_
from deskhand.cli.workplace import open_desk, signin_links, tenant_of
from deskhand.gateway.passwords import hash_password
from deskhand.orders.status import Role
from deskhand.store import User

if TYPE_CHECKING:
    from deskhand.cli.main import Context

SHORTEST_PASSWORD = 10
ROLES = [str(role) for role in Role if role is not Role.SYSTEM]


@click.group()
def users() -> None:
    """List, add and sign in users."""


for _command in (delegate_, delegations_, end_delegation_):
    users.add_command(_command)


@users.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """All users of the tenant."""
    with closing(open_desk(context.environment)) as desk:
        with desk.unit_of_work(tenant_of(context.environment), read_only=True) as uow:
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
@click.password_option(help="Asked for when not given.")
@click.pass_obj
def add(context: Context, login: str, name: str, role: str, customer: str | None, email: str | None,
        language: str, password: str) -> None:  # fmt: skip
    """Add a user who signs in with a password."""
    if (role == Role.CUSTOMER) != (customer is not None):
        raise click.UsageError("--customer is needed for role customer, and for no other role")
    if len(password) < SHORTEST_PASSWORD:
        raise click.UsageError(f"a password has at least {SHORTEST_PASSWORD} characters")
    tenant = tenant_of(context.environment)
    user = User(
        uuid.uuid4().hex, tenant, login, name, Role(role), customer, email, language, hash_password(password), True
    )
    with closing(open_desk(context.environment)) as desk, desk.unit_of_work(tenant) as uow:
        if any(known.login == login for known in uow.users.all()):
            raise click.UsageError(f"there is a user {login} already")
        if customer:
            uow.customers.get(customer)
        uow.users.add(user)
        uow.commit()
    context.output.record({"login": login, "role": role, "added": True})


@users.command()
@click.option("--address", help="Where the gateway is reached; by default the one of this machine.")
@click.pass_obj
def links(context: Context, address: str | None) -> None:
    """Sign-in links, as `make run` prints them (demo only)."""
    environment = context.environment
    address = address or f"http://{environment['DESKHAND_HOST']}:{environment['DESKHAND_PORT']}"
    rows = [{"login": login, "role": role, "link": link} for login, role, link in signin_links(environment, address)]
    if context.output.format == "json":
        context.output.json(rows)
        return
    for row in rows:
        click.echo(f"{row['login']:<10} {row['role']:<10} {row['link']}")
