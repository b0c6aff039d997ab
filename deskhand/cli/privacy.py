"""`deskhand privacy`: a copy of what is held of a customer, forgetting it, and what is forgotten by age."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.workplace import open_desk, operator, tenant_of
from deskhand.orders.model import Actor
from deskhand.settings import private
from deskhand.store import Desk
from deskhand.store.privacy import (
    Erasure,
    ErasureRefused,
    Forgotten,
    RasaConversations,
    erase,
    export,
    forget_old,
    would_forget,
)
from deskhand.store.privacy.documents import Documents

if TYPE_CHECKING:
    from deskhand.cli.main import Context


@click.group()
def privacy() -> None:
    """What is held of a customer: a copy of it, forgetting it, forgetting by age."""


@privacy.command("export")
@click.option("--customer", required=True, help="Customer id.")
@click.option("--to", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The JSON file to write.")
@click.pass_obj
def export_(context: Context, customer: str, to: Path) -> None:
    """Write everything that is held of a customer into one JSON file."""
    with closing(open_desk(context.environment)) as desk:
        found = export(desk, *_asked(context, customer), *_places(context))
    to.touch(mode=0o600)
    to.write_text(json.dumps(found, ensure_ascii=False, indent=1, default=_plain), encoding="utf-8")
    counts = {name: len(rows) for name, rows in found.items() if isinstance(rows, list) and rows}
    context.output.record({"file": str(to), **counts})


@privacy.command("erase")
@click.option("--customer", required=True, help="Customer id.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--force", is_flag=True, help="Also with orders that are not finished; they can't be delivered any more.")
@click.pass_obj
def erase_(context: Context, customer: str, dry_run: bool, yes: bool, force: bool) -> None:
    """Forget a customer for good: names, addresses, texts and documents; amounts and the audit's chains stay."""
    with closing(open_desk(context.environment)) as desk:
        asked, places = _asked(context, customer), _places(context)
        try:
            if not dry_run and not yes:
                _show(context, erase(desk, *asked, *places, force=True, dry_run=True))
                click.confirm(f"Forget {customer}? This can't be taken back", abort=True, err=True)
            found = erase(desk, *asked, *places, force=force, dry_run=dry_run)
        except ErasureRefused as refusal:
            raise click.ClickException(f"{refusal}. Finish or cancel them, or --force.") from refusal
    _show(context, found)


@privacy.command()
@click.option("--dry-run", is_flag=True, help="Only say what is past its days.")
@click.pass_obj
def retention(context: Context, dry_run: bool) -> None:
    """Forget what is past the days of `retention` in the company's file, as the worker does by itself."""
    tenant = tenant_of(context.environment)
    with closing(open_desk(context.environment)) as desk:
        found = would_forget(desk, tenant) if dry_run else _all(desk, tenant, _rasa(context))
    context.output.record({"forgotten": not dry_run, **found.counts})


def _all(desk: Desk, tenant: str, rasa: RasaConversations) -> Forgotten:
    """Batch by batch, until nothing is left."""
    counts: dict[str, int] = {}
    while (found := forget_old(desk, tenant, rasa)).total:
        for name, count in found.counts.items():
            counts[name] = counts.get(name, 0) + count
    return Forgotten(counts)


def _asked(context: Context, customer: str) -> tuple[Actor, str]:
    return operator(context.environment, f"privacy-{uuid.uuid4().hex[:12]}"), customer


def _places(context: Context) -> tuple[Documents, RasaConversations]:
    environment = context.environment
    return Documents(Path(environment["DESKHAND_OUTBOX_DIR"]), tenant_of(environment)), _rasa(context)


def _rasa(context: Context) -> RasaConversations:
    environment = context.environment
    return RasaConversations(private(environment, "RASA_TRACKER_URL") or environment["RASA_TRACKER_DB"])


def _show(context: Context, found: Erasure) -> None:
    if context.output.format == "json":
        context.output.json({"customer": found.customer, "erased": found.done, **_said(found)})
        return
    context.output.record({"customer": found.customer, "erased": found.done, **found.counts})
    rows = [{"what": what, "count": len(items), "items": ", ".join(items)} for what, items in found.kept.items()]
    context.output.rows("What stays", rows, ["what", "count", "items"])


def _said(found: Erasure) -> Mapping[str, Any]:
    return {"counts": dict(found.counts), "kept": {what: list(items) for what, items in found.kept.items()}}


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
