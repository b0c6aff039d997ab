"""`deskhand texts export`: pairs of facts and text become a file for training. Holds no rule."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deskhand.cli.workplace import open_desk, operator
from deskhand.orders.actions import EXPORT_ORDERS
from deskhand.orders.tenant import LANGUAGES, Tenant
from deskhand.store import Desk
from deskhand.store.repositories.records import ChosenTexts
from deskhand.store.text_pairs import TextPairs
from deskhand.writing import load_templates
from deskhand.writing.jobs import KINDS
from deskhand.writing.masking import Mask

if TYPE_CHECKING:
    from deskhand.cli.main import Context

JOBS = (*KINDS, "risk_reminder")
SOURCES = ("llm", "template", "approved")
_DAY = click.DateTime(["%Y-%m-%d"])
_SHOWN_EVERY = 100


@click.command("export")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Without it, standard output.")
@click.option("--job", "jobs", multiple=True, type=click.Choice(JOBS), help="Only this kind; may be given again.")
@click.option("--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help="Only in this language.")
@click.option("--source", "sources", multiple=True, type=click.Choice(SOURCES), help="Only of this origin.")
@click.option("--since", type=_DAY, help="Only texts from this day on.")
@click.option("--until", type=_DAY, help="Only texts up to this day.")
@click.option("--mask", is_flag=True, help="Put made-up names, addresses and numbers in the place of people's.")
@click.pass_obj
def export_(context: Context, output: Path | None, jobs: tuple[str, ...], languages: tuple[str, ...],
            sources: tuple[str, ...], since: datetime | None, until: datetime | None, mask: bool) -> None:  # fmt: skip
    """Export pairs of facts and text, a line of JSON each, for `python -m llm_server.data`.

    Only texts that the fact check passes with the facts that they were written from. `source` says who wrote each.
    """
    folder = Path(context.environment.get("DESKHAND_PROCESSES_DIR", "processes")) / "order_to_cash" / "writing"
    pairs = TextPairs(load_templates(folder), Mask(secrets.token_bytes(32)) if mask else None)
    with closing(open_desk(context.environment)) as desk, _file(output) as file, _progress() as told:
        who = desk.require(EXPORT_ORDERS, operator(context.environment, "texts-export"))
        chosen = _chosen(desk.tenant(who.tenant), jobs, languages, sources, since, until)
        _write(desk, who.tenant, pairs, chosen, file, told)
        made = pairs.made.total()
        with desk.unit_of_work(who.tenant) as uow:
            uow.audit.add(who, EXPORT_ORDERS, None, "done", {"kind": "texts", "rows": made, "masked": mask})
            uow.commit()
    if output is not None:
        said: dict[str, Any] = {"file": str(output), "pairs": made, **dict(sorted(pairs.made.items()))}
        context.output.record(said | {f"left out: {why}": count for why, count in pairs.left_out.items()})


def _write(
    desk: Desk, tenant: str, pairs: TextPairs, chosen: ChosenTexts, file: IO[str], told: Callable[[int], None]
) -> None:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        for row in pairs.rows(uow, chosen):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if pairs.read % _SHOWN_EVERY == 0:
                told(pairs.read)


def _chosen(tenant: Tenant, jobs: tuple[str, ...], languages: tuple[str, ...], sources: tuple[str, ...],
            since: datetime | None, until: datetime | None) -> ChosenTexts:  # fmt: skip
    """Days are those of the company, both included."""
    zone = ZoneInfo(tenant.time_zone)
    start = datetime.combine(since.date(), time(), zone) if since else None
    end = datetime.combine(until.date() + timedelta(days=1), time(), zone) if until else None
    return ChosenTexts(jobs, languages, sources, start, end)


@contextmanager
def _file(output: Path | None) -> Iterator[IO[str]]:
    """A file that is there is whole."""
    if output is None:
        yield sys.stdout
        return
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            yield file
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.completed} texts read"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("texts", total=None)
        yield lambda read: progress.update(task, completed=read)
