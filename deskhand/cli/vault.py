"""`deskhand vault`: the credentials of robots. They are set, listed by name and replaced; nothing shows one."""

from __future__ import annotations

import sys
import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskhand.cli import secrets_file
from deskhand.cli.workplace import open_desk, operator, working
from deskhand.orders.actions import KEEP_CREDENTIALS
from deskhand.robots.vault import KEY, VaultError, seal_anew, seal_in, seal_of
from deskhand.store import utc_now

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["name", "changed_by", "changed_at"]
_NAME = click.argument("name")


@click.group("vault")
def vault() -> None:
    """Keep the credentials of robots, encrypted with a key that is not in the database."""


@vault.command("set")
@_NAME
@click.pass_obj
def set_(context: Context, name: str) -> None:
    """Keep a credential; it is asked for, or read from a pipe, and never given on the command line."""
    value = click.prompt(name, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise click.ClickException("nothing was given")
    with working(context.environment, KEEP_CREDENTIALS, _cause()) as (uow, who):
        try:
            seal_in(uow, seal_of(context.environment), name, value, who.user_id)
        except (VaultError, ValueError) as problem:
            raise click.ClickException(str(problem)) from problem
        uow.audit.add(who, "SetCredential", name, "done")
    context.output.record({"name": name, "kept": True})


@vault.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """Names, who set each last, and when."""
    with working(context.environment, KEEP_CREDENTIALS, _cause(), read_only=True) as (uow, _):
        found = uow.robots.credentials()
    rows = [{"name": name, "changed_by": by, "changed_at": at} for name, by, at in found]
    context.output.rows("Credentials", rows, COLUMNS)


@vault.command("remove")
@_NAME
@click.pass_obj
def remove(context: Context, name: str) -> None:
    """Forget a credential."""
    with working(context.environment, KEEP_CREDENTIALS, _cause()) as (uow, who):
        if not uow.robots.forget_credential(name):
            raise click.ClickException(f"there is no credential {name}")
        uow.audit.add(who, "RemoveCredential", name, "done")
    context.output.record({"name": name, "removed": True})


@vault.command("rotate")
@click.pass_obj
def rotate(context: Context) -> None:
    """Seal every credential of every company anew: with a new key, where this installation made its own."""
    path = Path(context.environment["DESKHAND_VAR"]) / "secrets.env"
    environment = dict(context.environment)
    own = secrets_file.is_kept(path, KEY, environment.get(KEY))
    if own:
        secrets_file.rotate(path, [KEY], utc_now())
        environment |= secrets_file.make_secrets(path)
    count, seal = 0, seal_of(environment)
    with closing(open_desk(environment)) as desk:
        for tenant in desk.tenants:
            with desk.unit_of_work(tenant) as uow:
                try:
                    count += seal_anew(uow, seal)
                except VaultError as problem:
                    raise click.ClickException(f"{tenant}: {problem}") from problem
                who = operator({**environment, "DESKHAND_TENANT": tenant}, _cause())
                uow.audit.add(who, "RotateVault", None, "done")
                uow.commit()
    if own:
        secrets_file.drop(path, [KEY])
    context.output.record({"sealed_anew": count, "new_key": own, "restart": "the worker reads the key when it starts"})


def _cause() -> str:
    return f"vault-{uuid.uuid4().hex[:12]}"
