"""`deskhand export`: what the desk holds becomes a CSV or XLSX file."""

from __future__ import annotations

import os
import sys
import uuid
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskhand.cli.workplace import open_desk, operator
from deskhand.erp.exporting import Kind, Wanted, export
from deskhand.erp.sheets import Format
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import LANGUAGES

if TYPE_CHECKING:
    from deskhand.cli.main import Context

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("export")
@click.argument("kind", type=click.Choice([str(kind) for kind in Kind]))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; without it, a CSV goes to standard output.",
)
@click.option(
    "--format", "format_", type=click.Choice([str(each) for each in Format]), help="By the file's ending, else csv."
)
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the headings.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([str(each) for each in OrderStatus]),
    help="Only orders in this status; may be given again.",
)
@click.option("--customer", help="Only this customer's, by id.")
@click.option("--source", help="Only what came from this system.")
@click.option("--since", type=DAY, help="Only orders from this day on.")
@click.option("--until", type=DAY, help="Only orders up to this day.")
@click.option("--warehouse", help="Only this warehouse's.")
@click.pass_obj
def export_(context: Context, kind: str, output: Path | None, format_: str | None, language: str,
            statuses: tuple[str, ...], customer: str | None, source: str | None, since: datetime | None,
            until: datetime | None, warehouse: str | None) -> None:  # fmt: skip
    """Export orders, lines, customers, products, stock or shipments.

    The file can be corrected in a spreadsheet and imported again as it is.
    """
    wanted = Wanted(Kind(kind), _format(output, format_), language, tuple(map(OrderStatus, statuses)), customer, source,
                    _day(since), _day(until), warehouse)  # fmt: skip
    with closing(open_desk(context.environment)) as desk:
        actor = operator(context.environment, f"export-{uuid.uuid4().hex[:12]}")
        if output is None:
            export(desk, actor, wanted, sys.stdout.buffer)
            return
        beside = output.with_name(f".{output.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                rows = export(desk, actor, wanted, file)
            beside.replace(output)  # a file that is there is whole
        finally:
            beside.unlink(missing_ok=True)
    context.output.record({"kind": kind, "file": str(output), "rows": rows})


def _format(output: Path | None, given: str | None) -> Format:
    if given is not None:
        if given == Format.XLSX and output is None:
            raise click.UsageError("--format xlsx needs --output FILE")
        return Format(given)
    return Format.XLSX if output is not None and output.suffix.lower() == ".xlsx" else Format.CSV


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
