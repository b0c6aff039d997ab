"""`deskhand audit`: who did what, whether the chains hold, and a copy of them. Reads; an export is audited itself."""

from __future__ import annotations

import csv
import json
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deskhand.cases import UnknownCase
from deskhand.cli.workplace import open_desk, operator, tenant_of
from deskhand.orders.actions import QUERY_AUDIT
from deskhand.store import AuditRow, Desk, UnitOfWork
from deskhand.store.anchors import AnchorInvalid, audit_head, order_heads, read_anchor
from deskhand.store.repositories.orders import canonical_number
from deskhand.store.trail import Asked, Trail
from deskhand.store.verifying import Verification, verify, verify_order

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["at", "chain", "seq", "actor", "for", "role", "channel", "action", "target", "outcome", "said", "cause"]
FIELDS = [
    *("chain", "seq", "at", "actor", "on_behalf_of", "role", "channel", "cause", "action", "target", "outcome"),
    *("detail", "before", "after", "hash"),
]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWN = 20


@click.group()
def audit() -> None:
    """Who did what; whether anybody has changed the record of it."""


def _which(command: Callable[..., None]) -> Callable[..., None]:
    """The options that choose rows."""
    options = (
        click.option("--order", help="One order: its changes, and what was refused on it."),
        click.option("--user", help="What this user did, or others on their behalf: a login, or an id."),
        click.option("--since", help="From this day or time on, in the tenant's zone: 2026-11-20, 2026-11-20T08:00."),
        click.option("--until", help="Before this day or time."),
        click.option("--action", help="ConfirmOrder, sign_in, make_key, ..."),
        click.option("--outcome", help="done, refused, ..."),
        click.option("--cause", help="One message or request: all that it caused."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@audit.command()
@_which
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.pass_obj
def show(context: Context, /, limit: int, **which: str | None) -> None:
    """The latest rows of all chains, newest first."""
    with _reading(context) as (desk, uow):
        found = Trail(uow.connection, uow.tenant.id, desk.clock).latest(_asked(which, uow), limit)
        zone, logins = ZoneInfo(uow.tenant.time_zone), _logins(uow, found)
    if context.output.format == "json":
        context.output.json([asdict(each) for each in found])
        return
    context.output.rows(f"Audit ({zone.key})", [_row(each, zone, logins) for each in found], COLUMNS)


@audit.command("verify")
@click.option("--order", help="The chain of one order, or of one case, alone.")
@click.option("--anchor", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Heads kept elsewhere.")
@click.pass_obj
def verify_(context: Context, order: str | None, anchor: Path | None) -> None:
    """Check every chain row by row; exit code 1 names the first bad row of each."""
    with _reading(context) as (_, uow), _progress() as told:
        if order:
            found = verify_order(uow.connection, uow.tenant.id, _chain_of(uow, order))
        else:
            found = verify(uow.connection, uow.tenant.id, _anchor(anchor, uow.tenant.id), told)
    _report(context, found)
    raise SystemExit(0 if found.holds else 1)


@audit.command()
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write every order's head as well.")
@click.pass_obj
def head(context: Context, to: Path | None) -> None:
    """How long the audit is and what it ends with: keep it elsewhere, for `verify --anchor`."""
    with _reading(context) as (desk, uow):
        found = audit_head(uow.connection, uow.tenant.id, desk.clock())
        if to:
            to.touch(mode=0o600)
            with to.open("w", encoding="utf-8") as file:
                for each in (found, *order_heads(uow.connection, uow.tenant.id)):
                    file.write(json.dumps(each) + "\n")
    context.output.record({**found, **({"file": str(to)} if to else {})})


@audit.command()
@_which
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--to", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.pass_obj
def export(context: Context, /, kind: str, to: Path, **which: str | None) -> None:
    """Everything that fits, into a file. The export stands in the audit itself."""
    actor = operator(context.environment, f"export-{uuid.uuid4().hex[:12]}")
    with _reading(context) as (desk, uow), _progress() as told:
        desk.acting(uow, QUERY_AUDIT, actor)
        found = Trail(uow.connection, uow.tenant.id, desk.clock).all(_asked(which, uow))
        to.touch(mode=0o600)
        with to.open("w", encoding="utf-8-sig" if kind == "csv" else "utf-8", newline="") as file:
            count = (_write_csv if kind == "csv" else _write_lines)(file, found, told)
    with closing(open_desk(context.environment)) as desk, desk.unit_of_work(actor.tenant) as uow:
        given = {key: value for key, value in which.items() if value}
        uow.audit.add(actor, "export_audit", None, "done", {**given, "format": kind, "rows": count})
        uow.commit()
    context.output.record({"rows": count, "format": kind, "file": str(to)})


def neutral(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_csv(file: IO[str], found: Iterator[AuditRow], told: Callable[[int], None]) -> int:
    writer, count = csv.writer(file), 0
    writer.writerow(FIELDS)
    for count, each in enumerate(found, start=1):
        values = asdict(each) | {"at": each.at.isoformat()}
        cells = [_json(values[name]) if isinstance(values[name], Mapping) else values[name] for name in FIELDS]
        writer.writerow([neutral(cell) for cell in cells])
        told(count)
    return count


def _write_lines(file: IO[str], found: Iterator[AuditRow], told: Callable[[int], None]) -> int:
    count = 0
    for count, each in enumerate(found, start=1):
        file.write(_json(asdict(each)) + "\n")
        told(count)
    return count


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _asked(which: Mapping[str, str | None], uow: UnitOfWork) -> Asked:
    zone = ZoneInfo(uow.tenant.time_zone)
    order = which.get("order")
    return Asked(
        order=canonical_number(order) if order else None,
        user=_user_id(which.get("user"), uow),
        since=_moment(which.get("since"), zone),
        until=_moment(which.get("until"), zone),
        action=which.get("action"),
        outcome=which.get("outcome"),
        cause=which.get("cause"),
    )


def _user_id(said: str | None, uow: UnitOfWork) -> str | None:
    """Of a login; what is none counts as an id: of a user, a key (`key:...`) or `cli`."""
    user = uow.users.by_login(said) if said else None
    return user.id if user is not None else said


def _logins(uow: UnitOfWork, found: Iterable[AuditRow]) -> Mapping[str, str]:
    """People read logins; the chain has ids, because a login may be erased."""
    ids = {known for each in found for known in (each.actor, each.on_behalf_of, each.target) if known}
    return {user.id: user.login for user in uow.users.many(ids)}


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{text} is neither a day nor a time: 2026-11-20, 2026-11-20T08:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _anchor(path: Path | None, tenant: str) -> Mapping[str, tuple[int, str]]:
    if path is None:
        return {}
    try:
        return read_anchor(path, tenant)
    except AnchorInvalid as problem:
        raise click.ClickException(str(problem)) from problem


def _row(each: AuditRow, zone: ZoneInfo, logins: Mapping[str, str]) -> dict[str, Any]:
    said = {**each.detail, **({"before": each.before} if each.before else {})}
    said |= {"after": each.after} if each.after else {}
    said.pop("case", None)
    return {
        **asdict(each),
        "at": each.at.astimezone(zone),
        "actor": logins.get(each.actor, each.actor),
        "for": logins.get(each.on_behalf_of or "", each.on_behalf_of),
        "target": logins.get(each.target or "", each.target),
        "said": " ".join(f"{key}={value if isinstance(value, str) else _json(value)}" for key, value in said.items()),
    }


def _report(context: Context, found: Verification) -> None:
    first = [asdict(fault) for fault in found.faults[:SHOWN]]
    said = {name: getattr(found, name) for name in ("orders", "cases", "history_rows", "audit_rows", "erased")}
    if context.output.format == "json":
        context.output.json({"holds": found.holds, **said, "faults": first, "broken_chains": len(found.faults)})
        return
    context.output.record({"holds": found.holds, **said})
    if first:
        context.output.rows(f"Broken chains: {len(found.faults)}", first, ["chain", "seq", "what"])


def _chain_of(uow: UnitOfWork, number: str) -> str:
    try:
        return uow.case_files.get(number).id
    except UnknownCase:
        return uow.orders.get(number).id


@contextmanager
def _reading(context: Context) -> Iterator[tuple[Desk, UnitOfWork]]:
    with closing(open_desk(context.environment)) as desk:
        with desk.unit_of_work(tenant_of(context.environment), read_only=True) as uow:
            yield desk, uow


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A line on standard error while it lasts."""
    columns = (SpinnerColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("rows", total=None)
        yield lambda rows: progress.update(task, completed=rows)
