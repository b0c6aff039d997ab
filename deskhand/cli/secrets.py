"""`deskhand secrets`: the secrets that this installation made for itself. Shows none of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskhand.cli import secrets_file
from deskhand.cli.secrets_file import SECRETS
from deskhand.cli.workplace import open_desk, operator
from deskhand.store import utc_now

if TYPE_CHECKING:
    from deskhand.cli.main import Context

_NAMES = click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(SECRETS))


@click.group("secrets")
def secrets_() -> None:
    """Replace the secrets of this installation."""


@secrets_.command()
@_NAMES
@click.pass_obj
def rotate(context: Context, names: tuple[str, ...]) -> None:
    """Make new secrets (all, or those named); the former ones are accepted until `drop`."""
    path = _file(context)
    names = _ours(context, names)
    secrets_file.rotate(path, names, utc_now())
    _tell(context, "rotate", names)


@secrets_.command()
@_NAMES
@click.pass_obj
def drop(context: Context, names: tuple[str, ...]) -> None:
    """Accept the former secrets no more (all, or those named)."""
    path = _file(context)
    names = _ours(context, names)
    secrets_file.drop(path, names)
    _tell(context, "drop", names)


def _tell(context: Context, command: str, names: tuple[str, ...]) -> None:
    """The person, whatever becomes of the audit; `audited` says in how many companies' it stands."""
    said = {"rotate": "rotated", "drop": "dropped"}[command]
    audited = 0
    try:
        audited = _note(context.environment, command, names)
    finally:
        told = {said: ", ".join(names), "file": str(_file(context)), "audited": audited}
        context.output.record({**told, "next": "start Deskhand again"})


def _note(environment: Mapping[str, str], command: str, names: tuple[str, ...]) -> int:
    """One row for each company, since the secrets are everybody's; none where there is no database yet."""
    with closing(open_desk(environment, may_be_outdated=True)) as desk:
        served = list(desk.tenants) if desk.database.ready() else []
        for tenant in served:
            who = replace(operator(environment, f"secrets {command}"), tenant=tenant)
            with desk.unit_of_work(tenant) as uow:
                uow.audit.add(who, f"{command}_secrets", None, "done", {"secrets": list(names)})
                uow.commit()
    return len(served)


def _file(context: Context) -> Path:
    return Path(context.environment["DESKHAND_VAR"]) / "secrets.env"


def _ours(context: Context, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names in question, refused where the secret is not the file's: it would change nothing."""
    made = secrets_file.make_secrets(_file(context))
    wanted = names or tuple(name for name in SECRETS if name in context.environment)
    foreign = [name for name in wanted if context.environment.get(name) != made[name]]
    if foreign:
        raise click.ClickException(f"{', '.join(foreign)}: set by the environment or .env; change it there")
    return wanted
