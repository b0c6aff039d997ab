"""`deskhand connectors`: other systems that processes call. Asks them only where somebody says so."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import click

from deskhand.cli.workplace import open_desk, tenant_of
from deskhand.store.file_faults import FileInvalid
from deskhand.worker.connectors import Connectors
from deskhand.worker.connectors.errors import SystemNotReached
from deskhand.worker.connectors.file import read_connector
from deskhand.worker.connectors.http import Caller
from deskhand.worker.connectors.model import Recorded
from deskhand.worker.connectors.recorded import contradictions
from deskhand.worker.connectors.recording import recorded_anew, rewritten
from deskhand.worker.errors import EffectError
from deskhand.worker.settings import variables_of

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["name", "operation", "before", "now", "results"]


@click.group()
def connectors() -> None:
    """Systems that processes call."""


@connectors.command()
@click.argument("name")
@click.option("--call", "only", multiple=True, metavar="NAME", help="This recorded call alone; repeatable.")
@click.option("--yes", is_flag=True, help="Do not ask: the system is called, and acts on what it is asked.")
@click.pass_obj
def record(context: Context, name: str, only: tuple[str, ...], yes: bool) -> None:
    """Make the recorded calls of connectors/NAME.yml once more and write what is answered now into the file."""
    folder = Path(context.environment.get("DESKHAND_CONNECTORS_DIR", "connectors"))
    known, file = Connectors(folder, variables_of(context.environment)), folder / f"{name}.yml"
    try:
        connector = known.read(name)
        caller = Caller(known.url(connector, _own_address(context, name)), known.secret(connector))
    except (FileInvalid, EffectError) as error:
        raise click.ClickException(str(error)) from error
    wanted = [each for each in connector.recorded if not only or each.name in only]
    if not wanted:
        raise click.ClickException(f"{file.name} has no recorded call {' or '.join(only)}".rstrip())
    if not yes:
        click.confirm(f"{len(wanted)} calls to {caller.url}: the system acts on them. Go on?", abort=True)
    try:
        fresh = asyncio.run(recorded_anew(connector, caller, wanted))
    except (EffectError, SystemNotReached, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise click.ClickException(f"nothing was written: {error or type(error).__name__}") from error
    by_name = {each.name: each for each in fresh}
    text = rewritten(file.read_text(encoding="utf-8"), [by_name.get(each.name, each) for each in connector.recorded])
    if wrong := contradictions(read_connector(text, name)):
        raise click.ClickException(f"nothing was written: {'; '.join(wrong)}")
    file.write_text(text, encoding="utf-8")
    rows = [_row(before, by_name[before.name]) for before in wanted]
    context.output.rows(f"{file.name}: {len(rows)} calls recorded", rows, COLUMNS)


def _row(before: Recorded, now: Recorded) -> dict[str, object]:
    said = "refused" if now.results is None else ", ".join(f"{key}={value}" for key, value in now.results.items())
    return {"name": now.name, "operation": now.operation, "before": before.status, "now": now.status, "results": said}


def _own_address(context: Context, name: str) -> str | None:
    """The company's own, where its file has one."""
    desk = open_desk(context.environment, may_be_outdated=True)
    try:
        return desk.tenant(tenant_of(context.environment)).connectors.get(name)
    finally:
        desk.close()
