"""`deskhand orders`: look at orders from the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.workplace import reading
from deskhand.orders.model import Order
from deskhand.orders.status import OrderStatus

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["number", "customer", "status", "payment", "total", "lines", "waits_because", "updated"]


@click.group()
def orders() -> None:
    """List and show orders."""


@orders.command("list")
@click.option("--status", type=click.Choice([str(status) for status in OrderStatus]), help="Only this status.")
@click.option("--source", help="Only orders of this system.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.pass_obj
def list_(context: Context, status: str | None, source: str | None, limit: int) -> None:
    """The latest orders, newest first."""
    with reading(context.environment) as (_, uow):
        page = uow.orders.list(status=OrderStatus(status) if status else None, source=source, limit=limit)
    context.output.rows("Orders", [_row(order) for order in page.items], COLUMNS)


@orders.command()
@click.argument("number")
@click.pass_obj
def show(context: Context, number: str) -> None:
    """One order with lines, parcels and history; checks its hash chain."""
    with reading(context.environment) as (_, uow):
        order = uow.orders.get(number)
        history = uow.orders.history(order.id)
        intact = uow.orders.verify_chain(order.id)
    if context.output.format == "json":
        rows = [asdict(row) for row in history]
        context.output.json({**asdict(order), "history": rows, "history_intact": intact})
        return
    context.output.record({**_row(order), "history_intact": intact})
    lines = [asdict(line) for line in order.lines]
    context.output.rows("Lines", lines, ["number", "sku", "name", "quantity", "unit", "unit_price", "amount"])
    parcels = [asdict(parcel) for parcel in order.parcels]
    context.output.rows("Parcels", parcels, ["carrier", "tracking_number", "address", "ship_date"])
    context.output.rows(
        "History", [asdict(row) for row in history], ["seq", "at", "event", "after", "actor", "channel"]
    )


def _row(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "customer": order.customer_name,
        "status": order.status,
        "payment": order.payment_status,
        "total": f"{order.total} {order.currency}",
        "lines": len(order.lines),
        "waits_because": order.stopped_reason,
        "source": order.source,
        "external_number": order.external_number,
        "updated": order.updated_at,
    }
