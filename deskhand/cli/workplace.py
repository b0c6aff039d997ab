"""Opens the order desk for a command of the `deskhand` program. Knows settings; holds no rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import click

from deskhand.gateway.signin import signin_link
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.settings import private, required_private, secret
from deskhand.store import (
    Database,
    Desk,
    UnitOfWork,
    User,
    load_tenants,
    make_application_role,
    make_role_with_database,
)
from deskhand.store.demo import load_demo
from deskhand.store.publishing import take_over


def open_desk(
    environment: Mapping[str, str], migrate: bool = False, demo: bool = False, may_be_outdated: bool = False
) -> Desk:
    """The desk on the database of this environment.

    Args:
        migrate: bring the tables up to date first.
        demo: offer the small catalogue and the demo users where there are none yet.
        may_be_outdated: for what looks at the database only where its tables are there.

    Raises:
        DatabaseSilent: it does not answer.
        ClickException: it is not up to date.
    """
    if migrate:
        bring_up_to_date(environment)
    database = Database.connect(required_private(environment, "DATABASE_URL"))
    if not migrate and not may_be_outdated and database.outdated():
        database.close()
        raise click.ClickException("the database is not up to date: run `deskhand migrate`")
    processes = Path(environment.get("DESKHAND_PROCESSES_DIR", "processes"))
    desk = Desk(database, load_tenants(environment.get("DESKHAND_TENANTS_DIR", "tenants"), processes), processes)
    if migrate:
        for tenant in desk.tenants:
            take_over(desk, tenant)
    if demo:
        load_demo(desk)
    return desk


def bring_up_to_date(environment: Mapping[str, str]) -> None:
    """The tables, as their owner, and the roles that services and Rasa connect as.

    Without DATABASE_OWNER_URL the role of DATABASE_URL is the owner, as on one machine.
    """
    url, owner = required_private(environment, "DATABASE_URL"), private(environment, "DATABASE_OWNER_URL")
    with closing(Database.connect(owner or url)) as database:
        database.migrate()
    if owner is None:
        return
    make_application_role(owner, url)
    conversations = private(environment, "RASA_TRACKER_URL")
    if conversations is not None:
        make_role_with_database(owner, conversations)


def tenant_of(environment: Mapping[str, str]) -> str:
    return environment["DESKHAND_TENANT"]


def operator(environment: Mapping[str, str], cause: str) -> Actor:
    """Whoever runs the command on this machine acts as the administrator; the history says `cli`."""
    return Actor("cli", Role.ADMIN, tenant_of(environment), "cli", cause)


@contextmanager
def reading(environment: Mapping[str, str]) -> Iterator[tuple[Desk, UnitOfWork]]:
    """One look at the company's data."""
    with closing(open_desk(environment)) as desk:
        with desk.unit_of_work(tenant_of(environment), read_only=True) as uow:
            yield desk, uow


@contextmanager
def working(
    environment: Mapping[str, str], right: str, cause: str, read_only: bool = False
) -> Iterator[tuple[UnitOfWork, Actor]]:
    """One transaction of the operator, who must have the right; committed at its end.

    Raises:
        RoleNotAllowed: permissions.yml does not give administrators this right.
    """
    with closing(open_desk(environment)) as desk:
        who = desk.require(right, operator(environment, cause))
        with desk.unit_of_work(tenant_of(environment), read_only) as uow:
            yield uow, who
            uow.commit()


def signin_links(uow: UnitOfWork, environment: Mapping[str, str], address: str) -> Iterator[tuple[User, str]]:
    """A link for each user who is not locked."""
    key = secret(environment, "DESKHAND_SESSION_SECRET")
    return ((user, signin_link(user, key, address)) for user in uow.users.all() if user.active)
