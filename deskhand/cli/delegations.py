"""`deskhand users delegate` and its kin: who acts for whom while they are away."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from deskhand.cli.workplace import open_desk, operator, tenant_of
from deskhand.store import Desk, WantedDelegation, delegate, delegations, end_delegation

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["id", "away", "delegate", "from", "until", "reason", "in_force"]


@click.command("delegate")
@click.argument("away")
@click.argument("colleague")
@click.option("--from", "begins", help="A day, or a time; by default now.")
@click.option("--until", "ends", required=True, help="A day, which counts whole, or a time.")
@click.option("--reason", default="")
@click.pass_obj
def delegate_(context: Context, away: str, colleague: str, begins: str | None, ends: str, reason: str) -> None:
    """Lend the rights of AWAY to COLLEAGUE (logins) for a time."""
    wanted = WantedDelegation(away, colleague, ends, begins, reason)
    with closing(open_desk(context.environment)) as desk:
        made = delegate(desk, operator(context.environment, "users delegate"), wanted)
        zone = _zone(desk, context)
    row = {"id": made.id, "away": away, "delegate": colleague, "from": made.from_at.isoformat(),
           "until": made.until_at.isoformat(), "reason": made.reason}  # fmt: skip
    context.output.record(row if context.output.format == "json" else {**_read(row, zone), "times_in": zone.key})


@click.command("delegations")
@click.pass_obj
def delegations_(context: Context) -> None:
    """Who acts for whom: past, present and to come, newest first."""
    with closing(open_desk(context.environment)) as desk:
        rows = delegations(desk, operator(context.environment, "users delegations"))
        zone = _zone(desk, context)
    if context.output.format != "json":
        rows = [_read(row, zone) for row in rows]
    context.output.rows(f"Delegations ({zone.key})", rows, COLUMNS)


@click.command("end-delegation")
@click.argument("delegation_id", metavar="ID")
@click.pass_obj
def end_delegation_(context: Context, delegation_id: str) -> None:
    """End a delegation at once; it stays on record."""
    with closing(open_desk(context.environment)) as desk:
        end_delegation(desk, operator(context.environment, "users end-delegation"), delegation_id)
    context.output.record({"id": delegation_id, "ended": True})


def _zone(desk: Desk, context: Context) -> ZoneInfo:
    return ZoneInfo(desk.tenant(tenant_of(context.environment)).time_zone)


def _read(row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """For people: when it begins and ends, by the company's clock."""
    return {**row, **{name: datetime.fromisoformat(row[name]).astimezone(zone) for name in ("from", "until")}}
