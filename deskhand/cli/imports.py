"""`deskhand import`: files of other systems become orders."""

from __future__ import annotations

import csv
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deskhand.cli.workplace import open_desk, operator
from deskhand.erp import (
    ColumnsNotRecognised,
    FileNotReadable,
    ImportOptions,
    ImportReport,
    OptionInvalid,
    Source,
    import_files,
)
from deskhand.erp.importing import Progress as Told
from deskhand.orders.status import OrderStatus

if TYPE_CHECKING:
    from deskhand.cli.main import Context

OPEN = [OrderStatus.PENDING_CONFIRMATION, OrderStatus.CONFIRMED, OrderStatus.AWAITING_SHIPMENT]
SHOWN = 20


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="The system they come from; an order of a source is taken once.")
@click.option("--currency", help="Currency of the amounts (ISO 4217); the tenant's by default.")
@click.option("--time-zone", help="Zone of the files' times; the tenant's by default.")
@click.option(
    "--sort",
    type=click.Choice(["created", "updated", "paid"]),
    default="created",
    show_default=True,
    help="Number the orders in the order of this time.",
)
@click.option(
    "--status",
    type=click.Choice([str(status) for status in OPEN]),
    help="Take them as open orders that begin here; by default they are closed history without effects.",
)
@click.option("--automatic", is_flag=True, help="With --status: the worker carries them on without a person.")
@click.option("--guest", help="Customer of the rows that name none; by default such rows are refused and told of.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every row that was told of to this CSV file.",
)
@click.pass_obj
def import_(context: Context, files: tuple[Path, ...], source: str, currency: str | None, time_zone: str | None,
            sort: str, status: str | None, automatic: bool, guest: str | None, dry_run: bool,
            rejected: Path | None) -> None:  # fmt: skip
    """Import CSV files of orders: a row for each line, or for each order with its total.

    Says what became of every row that was not taken as it is. Nothing is imported twice.
    """
    if automatic and status is None:
        raise click.UsageError("--automatic needs --status: closed history is not carried on")
    start = OrderStatus(status) if status else None
    options = ImportOptions(source, currency, time_zone, sort, start, automatic, guest, dry_run)
    desk = open_desk(context.environment, migrate=True)
    actor = operator(context.environment, f"import-{uuid.uuid4().hex[:12]}")
    try:
        with _progress(files) as told:
            report = import_files(desk, actor, [Source.of(path) for path in files], options, told)
    except (OptionInvalid, FileNotReadable, ColumnsNotRecognised) as problem:
        raise click.ClickException(f"{problem}. Nothing was imported.") from problem
    finally:
        desk.close()
    if rejected:
        _write_rejected(rejected, report)
    _show(context, report)


@contextmanager
def _progress(files: tuple[Path, ...]) -> Iterator[Told]:
    """A bar on standard error: rows read so far; the size of the files tells how many there may be."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        total = sum(path.read_bytes().count(b"\n") for path in files)
        task = progress.add_task("reading", total=total)

        def told(name: str, rows: int) -> None:
            progress.update(task, advance=rows, description=name)

        yield told


def _show(context: Context, report: ImportReport) -> None:
    if context.output.format == "json":
        context.output.json(report.as_dict())
        return
    told = report.as_dict(limit=0)
    counts = told.pop("counts")
    for name in ("findings", "findings_left_out", "possible_duplicates"):
        told.pop(name)
    context.output.record(told)
    context.output.rows("Rows told of", [{"what": kind, "rows": count} for kind, count in counts.items()],
                        ["what", "rows"])  # fmt: skip
    like = [{"order": number, "like": other} for number, other in list(report.like.items())[:SHOWN]]
    if like:
        context.output.rows("Look like an order placed shortly before", like, ["order", "like"])
    rows = [vars(finding) for finding in report.findings[:SHOWN]]
    if rows:
        title = f"The first {len(rows)} of {len(report.findings)} (--rejected FILE writes all)"
        context.output.rows(title, rows, ["file", "line", "kind", "column", "value", "reason"])


def _write_rejected(path: Path, report: ImportReport) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "line", "kind", "column", "value", "reason"])
        writer.writerows([f.file, f.line, f.kind, f.column, f.value, f.reason] for f in report.findings)
