"""`deskhand candidates`: orders of two systems that may be one, for a person to decide."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.workplace import open_desk, operator, reading
from deskhand.erp.candidates import candidate_json, decide
from deskhand.orders.errors import DeskhandError
from deskhand.store.repositories.candidates import Verdict

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["id", "state", "first", "second", "difference"]


@click.group("candidates")
def candidates_() -> None:
    """List orders that may be one, and say which are the same and which are not."""


@candidates_.command("list")
@click.option(
    "--state",
    type=click.Choice([str(each) for each in Verdict]),
    default="open",
    show_default=True,
    help="What was decided of them.",
)
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="At most so many.")
@click.pass_obj
def list_(context: Context, state: str, limit: int) -> None:
    """Two orders in each row, the one that was there first before the other."""
    with reading(context.environment) as (_, uow):
        found = [candidate_json(one) for one in uow.candidates.standing(Verdict(state), limit)]
    if context.output.format == "json":
        context.output.json({"items": found})
        return
    rows = [{**one, "first": _said(one["first"]), "second": _said(one["second"])} for one in found]
    context.output.rows("May be one order", rows, COLUMNS)


@candidates_.command("same")
@click.argument("candidate", metavar="ID")
@click.pass_obj
def same_(context: Context, candidate: str) -> None:
    """They are one: the second is cancelled, and what its system says later is said of the first."""
    _decide(context, candidate, Verdict.SAME)


@candidates_.command("apart")
@click.argument("candidate", metavar="ID")
@click.pass_obj
def apart_(context: Context, candidate: str) -> None:
    """They are two orders, and are not asked about again."""
    _decide(context, candidate, Verdict.APART)


@candidates_.command("undo")
@click.argument("candidate", metavar="ID")
@click.pass_obj
def undo_(context: Context, candidate: str) -> None:
    """Take back what was decided."""
    _decide(context, candidate, Verdict.OPEN)


def _decide(context: Context, candidate: str, verdict: Verdict) -> None:
    who = operator(context.environment, f"candidates-{uuid.uuid4().hex[:12]}")
    try:
        with closing(open_desk(context.environment)) as desk, desk.unit_of_work(who.tenant) as uow:
            one = decide(desk, uow, who, candidate, verdict)
            uow.commit()
    except DeskhandError as refused:
        raise click.ClickException(f"{refused} ({refused.code})") from refused
    context.output.record({"id": one.id, "state": str(verdict), "first": one.like_number, "second": one.number})


def _said(one: dict[str, Any]) -> str:
    return f"{one['order']} ({one['source']} {one['number']})"
