"""`deskhand import`: files and answers of other systems become orders, customers, products, stock and shipments."""

from __future__ import annotations

import signal
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deskhand.cli.workplace import open_desk, operator
from deskhand.erp.columns import ColumnsNotRecognised, propose
from deskhand.erp.findings import sentence
from deskhand.erp.importing import ChangedSince, ImportOptions, OptionInvalid, preview, run
from deskhand.erp.kinds import Kind
from deskhand.erp.mapping import Mapping
from deskhand.erp.mapping_file import mapping_of, read_mapping, written
from deskhand.erp.previews import Preview
from deskhand.erp.rejected import RejectedNotWritten
from deskhand.erp.report import ImportReport
from deskhand.erp.sources import (
    FileNotReadable,
    FileSource,
    HttpSource,
    Source,
    SourceNotReached,
    SqlSource,
    open_tables,
)
from deskhand.erp.steps import ImportStopped, Step
from deskhand.erp.watching import Outcome, Watch
from deskhand.erp.words import cleaned_said, noticed_said
from deskhand.orders.model import Actor
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from deskhand.store.file_faults import FileInvalid

if TYPE_CHECKING:
    from deskhand.cli.main import Context

OPEN = [OrderStatus.PENDING_CONFIRMATION, OrderStatus.CONFIRMED, OrderStatus.AWAITING_SHIPMENT]
SHOWN = 20
SAID_NO = 3
LOOK_SECONDS = 1.0
NOT_POSSIBLE = (OptionInvalid, FileNotReadable, SourceNotReached, ColumnsNotRecognised, ChangedSince, FileInvalid,
                RejectedNotWritten)  # fmt: skip

_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Asked:
    """Where from, and what for, beside the options of the import itself."""

    files: tuple[Path, ...]
    sql: str | None
    query: str | None
    url: str | None
    watch: Path | None
    mapping: Path | None
    save_mapping: Path | None
    sheet: str | None
    only_preview: bool
    yes: bool
    rejected: Path | None


@click.command("import")
@click.argument("files", nargs=-1, type=_FILES)
@click.option(
    "--source",
    help="The system they come from; an order of a source is taken once. By default the mapping's, or `files`.",
)
@click.option(
    "--kind", type=click.Choice([str(kind) for kind in Kind]), help="What they hold; by default as their columns say."
)
@click.option("--mapping", type=_FILES, help="How the columns are read: a file like those of erp/mappings.")
@click.option(
    "--save-mapping", type=_NEW, help="Write what was recognised to this file, to be corrected and used as --mapping."
)
@click.option("--sheet", help="The sheet of a workbook; by default every one whose columns fit.")
@click.option("--sql", metavar="URL", help="Instead of files: the address of a database. With --query.")
@click.option("--query", help="What to ask the database.")
@click.option("--url", help="Instead of files: an address that answers with JSON records.")
@click.option(
    "--watch",
    type=click.Path(file_okay=False, path_type=Path),
    help="Take files as they arrive in this folder; Ctrl-C ends it.",
)
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
    "--start-status",
    "--status",
    "status",
    type=click.Choice([str(status) for status in OPEN]),
    help="Take them as open orders that begin here; by default they are closed history without effects.",
)
@click.option("--automatic", is_flag=True, help="With --start-status: the worker carries them on without a person.")
@click.option("--guest", help="Customer of the rows that name none; by default such rows are refused and told of.")
@click.option(
    "--incomplete", is_flag=True, help="Take an order without its refused rows; by default it waits as a whole."
)
@click.option("--again", is_flag=True, help="Look at every row even if these very files were imported before.")
@click.option("--preview", "--dry-run", "only_preview", is_flag=True, help="Only say what would happen.")
@click.option("--yes", is_flag=True, help="Don't ask on a terminal.")
@click.option(
    "--rejected", type=_NEW, help="Write the rows that were refused to this CSV file: correct them and import it."
)
@click.pass_obj
def import_(context: Context, /, source: str | None, currency: str | None, time_zone: str | None, sort: str,
            status: str | None, automatic: bool, guest: str | None, kind: str | None, incomplete: bool, again: bool,
            **asked: Any) -> None:  # fmt: skip
    """Import files, a query or JSON of another system; shows first what would happen.

    Orders (a row for each, a row for each line, or two files), customers, products, stock, shipments. Says what became
    of every row that was not taken as it is. Nothing is imported twice. Exit code 1: nothing could be imported; 3: the
    answer was no.
    """
    if automatic and status is None:
        raise click.UsageError("--automatic needs --start-status: closed history is not carried on")
    wanted = Asked(**asked)
    _refuse_odd(wanted)
    try:
        mapping = read_mapping(wanted.mapping.read_text("utf-8"), wanted.mapping.stem) if wanted.mapping else None
        named = source or (mapping.source if mapping else None) or "files"
        start = OrderStatus(status) if status else None
        options = ImportOptions(named, currency, time_zone, sort, start, automatic, guest, kind=kind, mapping=mapping,
                                incomplete=incomplete, again=again)  # fmt: skip
        with closing(open_desk(context.environment, migrate=True)) as desk:
            actor = operator(context.environment, f"import-{uuid.uuid4().hex[:12]}")
            if wanted.watch is not None:
                _watch(context, desk, actor, wanted, options)
            else:
                _import(context, desk, actor, wanted, options)
    except NOT_POSSIBLE as problem:
        raise click.ClickException(f"{problem}. Nothing was imported.") from problem
    except ImportStopped as stopped:
        raise click.ClickException(f"{stopped}; the same import again goes on there") from stopped


def _refuse_odd(asked: Asked) -> None:
    ways = [bool(asked.files), asked.sql is not None, asked.url is not None, asked.watch is not None]
    if sum(ways) != 1:
        raise click.UsageError("expected one of FILES, --sql, --url and --watch")
    if (asked.sql is None) is not (asked.query is None):
        raise click.UsageError("--sql and --query belong together")


def _sources(asked: Asked) -> list[Source]:
    if asked.sql is not None:
        return [SqlSource("query", url=asked.sql, query=asked.query or "")]
    if asked.url is not None:
        return [HttpSource("answer", url=asked.url, allow_http=True)]
    return [Source.of(path) for path in asked.files]


def _import(context: Context, desk: Desk, actor: Actor, asked: Asked, options: ImportOptions) -> None:
    sources = _sources(asked)
    options = _with_sheet(sources, options, asked.sheet)
    with _progress() as told:
        seen = preview(desk, actor, sources, options, told, asked.rejected if asked.only_preview else None)
    if asked.save_mapping is not None:
        _save_mapping(asked.save_mapping, sources, options)
    if asked.only_preview:
        _show_preview(context, seen)
        return
    if sys.stdin.isatty() and not asked.yes:
        _show_preview(context, seen)
        if not click.confirm("Import?", err=True):
            raise click.exceptions.Exit(SAID_NO)
    with _progress() as told:
        report = run(desk, actor, sources, options, told, key=seen.key, rejected=asked.rejected)
    _show(context, report)


def _with_sheet(sources: Sequence[Source], options: ImportOptions, sheet: str | None) -> ImportOptions:
    """The sheet is part of how a file is read, so it stands in a mapping: the given one, or what is recognised."""
    if sheet is None:
        return options
    mapping = options.mapping or _recognised(sources[0], options, sheet)
    return replace(options, mapping=replace(mapping, sheet=sheet))


def _recognised(source: Source, options: ImportOptions, sheet: str | None = None) -> Mapping:
    tables = open_tables(source, sheet=sheet)
    kind = Kind(options.kind) if options.kind else None
    return mapping_of(propose(tables[0], kind, options.mapping), options.source)


def _save_mapping(file: Path, sources: Sequence[Source], options: ImportOptions) -> None:
    sheet = options.mapping.sheet if options.mapping else None
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(written(_recognised(sources[0], options, sheet)))
    except FileExistsError as there:
        raise click.ClickException(f"{file} is there already; nothing was imported") from there


def _watch(context: Context, desk: Desk, actor: Actor, asked: Asked, options: ImportOptions) -> None:
    """Until Ctrl-C or SIGTERM; what is at work then stops after whole orders and goes on with the next start."""
    ended = threading.Event()
    for stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stopping, lambda *_: ended.set())
    assert asked.watch is not None
    watch = Watch(asked.watch, lambda file, refused: taken(desk, actor, file, options, refused, ended.is_set))
    with suppress(ImportStopped):  # whole orders are written; the next start goes on there
        while not ended.is_set():
            for name, outcome in watch.round(ended.is_set):
                told = {"file": name, "taken": outcome.taken, **outcome.report}
                context.output.line(told, _in_short(name, outcome))
            ended.wait(LOOK_SECONDS)


def taken(
    desk: Desk, actor: Actor, file: Path, options: ImportOptions, refused: Path, stop: Callable[[], bool]
) -> Outcome:
    """One file of a watched folder. Raises ImportStopped: it stays where it is, for the next start."""
    source = FileSource(file.name.partition("-")[2], path=file)
    try:
        report = run(desk, actor, [source], options, stop=stop, rejected=refused)
    except NOT_POSSIBLE as problem:
        return Outcome(False, {"problem": str(problem), "code": getattr(problem, "code", "")})
    return Outcome(report.refused < report.rows or report.repeated, report.as_dict(SHOWN))


def _in_short(name: str, outcome: Outcome) -> str:
    said = outcome.report
    if "problem" in said:
        return f"{name}: refused: {said['problem']}"
    words = {"inserted": "new", "changed": "changed", "unchanged": "unchanged", "refused": "refused"}
    counts = ", ".join(f"{said[key]} {word}" for key, word in words.items())
    return f"{name}: {counts}"


@contextmanager
def _progress() -> Iterator[Callable[[Step], None]]:
    """A bar on standard error for each phase."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        tasks: dict[str, Any] = {}

        def told(step: Step) -> None:
            if step.phase not in tasks:
                tasks[step.phase] = progress.add_task(str(step.phase), total=step.total)
            progress.update(tasks[step.phase], completed=step.done, total=step.total)

        yield told


def _show_preview(context: Context, seen: Preview) -> None:
    if context.output.format == "json":
        context.output.json(seen.as_dict())
        return
    columns = [{**vars(each), "confidence": f"{each.confidence:.0%}"} for each in seen.columns]
    context.output.rows("Columns", columns, ["table", "header", "field", "confidence", "reason"])
    changes = {f"would be {name}" if name in {"new", "changed"} else name: n for name, n in seen.changes.items() if n}
    context.output.record({"kind": seen.kind, "good": seen.good, "refused": seen.refused,
                           "duplicates": seen.duplicates, **changes})  # fmt: skip
    _show_findings(context, seen.report)


def _show(context: Context, report: ImportReport) -> None:
    if context.output.format == "json":
        context.output.json(report.as_dict())
        return
    told = report.as_dict(limit=0)
    counts = told.pop("counts")
    context.output.record({name: value for name, value in told.items() if not isinstance(value, list | dict)})
    context.output.rows("Rows told of", [{"what": kind, "rows": count} for kind, count in counts.items()],
                        ["what", "rows"])  # fmt: skip
    like = [{"order": number, "like": other} for number, other in list(report.like.items())[:SHOWN]]
    if like:
        context.output.rows("Look like an order placed shortly before", like, ["order", "like"])
    _show_findings(context, report)


def _show_findings(context: Context, report: ImportReport) -> None:
    beside = [{"what": said} for said in noticed_said(report.noticed, "en")]
    if beside:
        context.output.rows("Also in the files", beside, ["what"])
    put_right = [{"what": said} for said in cleaned_said(report.cleaned, "en", SHOWN)]
    if put_right:
        context.output.rows("Put right", put_right, ["what"])
    rows = [{"file": each.file, "line": each.line or "", "what": sentence(each, "en")} for each in report.findings]
    if rows:
        title = f"The first {min(SHOWN, len(rows))} rows told of (--rejected FILE writes those that were refused)"
        context.output.rows(title, rows[:SHOWN], ["file", "line", "what"])
