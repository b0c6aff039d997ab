"""`deskhand keys`: other systems that call the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deskhand.cli.workplace import working
from deskhand.gateway.key_making import (
    DAYS,
    MOST_DAYS,
    MOST_OVERLAP_HOURS,
    OVERLAP_HOURS,
    ROLES,
    WantedKey,
    key_json,
    make_key,
    revoke_key,
    rotate_key,
    scopes_of,
)
from deskhand.gateway.scopes import Scope
from deskhand.orders.actions import MANAGE_KEYS
from deskhand.orders.status import Role
from deskhand.store import ApiKey

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["id", "name", "role", "customer", "scopes", "expires_at", "last_used_at", "revoked_at"]


@click.group()
def keys() -> None:
    """API keys of other systems: make, list, rotate and revoke them."""


@keys.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in ROLES]), required=True)
@click.option("--scope", "scopes", type=click.Choice([str(scope) for scope in Scope]), multiple=True, required=True,
              help="What it is for; may be given several times.")  # fmt: skip
@click.option("--customer", help="Customer id; needed for role customer, which sees this customer's orders alone.")
@click.option("--days", type=click.IntRange(0, MOST_DAYS), default=DAYS, show_default=True,
              help="How long it works; 0: until it is revoked.")  # fmt: skip
@click.pass_obj
def add(context: Context, name: str, role: str, scopes: tuple[str, ...], customer: str | None, days: int) -> None:
    """Make a key; its text is shown this once."""
    wanted = WantedKey(name.strip(), Role(role), scopes_of(scopes), customer, days)
    with working(context.environment, MANAGE_KEYS, "keys add") as (uow, who):
        made, text = make_key(uow, who, wanted)
    _show(context, made, text)


@keys.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """All keys of the tenant, newest first, without their text."""
    with working(context.environment, MANAGE_KEYS, "keys list", read_only=True) as (uow, _):
        found = uow.api_keys.all()
    rows = [key_json(key) for key in found]
    if context.output.format != "json":
        rows = [row | {"scopes": " ".join(row["scopes"])} for row in rows]
    context.output.rows("API keys", rows, COLUMNS)


@keys.command()
@click.argument("key_id", metavar="ID")
@click.pass_obj
def revoke(context: Context, key_id: str) -> None:
    """End a key at once."""
    with working(context.environment, MANAGE_KEYS, "keys revoke") as (uow, who):
        revoke_key(uow, who, key_id)
    context.output.record({"id": key_id, "revoked": True})


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option("--overlap-hours", type=click.IntRange(0, MOST_OVERLAP_HOURS), default=OVERLAP_HOURS, show_default=True,
              help="How long the old key works on; 0: not at all.")  # fmt: skip
@click.pass_obj
def rotate(context: Context, key_id: str, overlap_hours: int) -> None:
    """Replace a key by a new one that may do the same; its text is shown this once."""
    with working(context.environment, MANAGE_KEYS, "keys rotate") as (uow, who):
        made, text = rotate_key(uow, who, key_id, overlap_hours)
    _show(context, made, text)


def _show(context: Context, made: ApiKey, text: str) -> None:
    row = key_json(made)
    context.output.record({name: row[name] for name in ("id", "name", "role", "customer", "expires_at")} | {
        "scopes": row["scopes"] if context.output.format == "json" else " ".join(row["scopes"]),
        "key": text,
    })  # fmt: skip
    click.echo("Keep it now: it is not shown again.", err=True)
