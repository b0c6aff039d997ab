"""Goods that come back after they were shipped: into stock again or not, and credited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from deskhand.orders.commands import ReturnGoods
from deskhand.orders.errors import DataMissing, NothingShipped
from deskhand.orders.model import Order
from deskhand.orders.packing import Quantities, in_base, taken, with_customer
from deskhand.orders.refusals import next_event
from deskhand.orders.stock import RESTOCK, StockMove
from deskhand.orders.work import Step, Work

RETURN = "return_goods"
CAME_BACK = "came_back"  # the fact that says what did, by line
TO_STOCK = "to_stock"  # and whether it can be sold again


def said_to_come_back(work: Work, command: ReturnGoods, order: Order) -> Quantities:
    """By line; never more than was shipped and did not come back before.

    Raises:
        DataMissing: no goods or no reason are said.
        NothingShipped: nothing of the order is with the customer.
        OrderError: naming what is wrong.
    """
    there = with_customer(order)
    if not there:
        raise NothingShipped(number=order.number, status=str(order.status), event=RETURN, next=next_event(work, order))
    if not command.lines or not command.reason.strip():
        missing = "lines" if not command.lines else "reason"
        raise DataMissing(number=order.number, missing=missing, status=str(order.status), next=RETURN)
    products = work.uow.products.many({line.sku for line in order.lines})
    return taken(order, command.lines, there, products)


def note_returned(work: Work, steps: Sequence[Step]) -> None:
    """The lines say how much of them came back."""
    for step in steps:
        back: Any = step.facts[CAME_BACK]
        lines = tuple(replace(line, returned=line.returned + back.get(line.number, 0)) for line in step.order.lines)
        step.alter(lines=lines)
        work.uow.orders.replace_lines(step.order)
        step.detail["returned"] = {str(number): str(quantity) for number, quantity in back.items()}
        step.detail["restocked"] = bool(step.facts[TO_STOCK])


def restock_goods(work: Work, steps: Sequence[Step]) -> None:
    """What can be sold again is on hand again, where it was shipped from."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for step in steps:
        back: Any = step.facts[CAME_BACK] if step.facts[TO_STOCK] else {}
        for line in step.order.lines:
            if back.get(line.number):
                place = (step.order.id, step.order.warehouse, line.sku)
                sums[place] = sums.get(place, Decimal(0)) + in_base(line, back[line.number])
    moves = [StockMove(place, sku, RESTOCK, order_id, on_hand=q) for (order_id, place, sku), q in sums.items()]
    work.uow.stock.move(moves)
