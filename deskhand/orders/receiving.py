"""Goods that come in for orders: everything that is missing, or a part, and what is on back-order then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from deskhand.orders.commands import ReceiveGoods
from deskhand.orders.errors import NotPossibleNow
from deskhand.orders.events import EventName
from deskhand.orders.goods import goods_said
from deskhand.orders.model import Order, OrderLine
from deskhand.orders.packing import Quantities, in_base, open_of, taken
from deskhand.orders.status import OrderStatus
from deskhand.orders.stock import RECEIVE, StockLevel, StockMove
from deskhand.orders.work import Step, Work

CAME_IN = "came_in"  # the fact that says what did; without it, everything
_FINEST = Decimal("0.0001")


def said_to_come_in(work: Work, command: ReceiveGoods, order: Order) -> Quantities | None:
    """By line, of what the order waits for; None: everything.

    Raises:
        OrderError: naming what is wrong.
    """
    if not command.lines:
        return None
    products = work.uow.products.many({line.sku for line in order.lines})
    return taken(order, command.lines, _waited_for(order), products)


def receive(work: Work, steps: Sequence[Step]) -> None:
    """Each order's goods, one order after another: what one has brought is not missing for the next.

    Raises:
        NotPossibleNow: everything is here already.
    """
    places = {(step.order.warehouse, line.sku) for step in steps for line in step.order.lines}
    levels = work.uow.stock.levels(places)
    moves: list[StockMove] = []
    for step in steps:
        arrived, lines = _received(step, levels)
        moves += arrived
        if lines != step.order.lines:
            step.alter(lines=lines)
            work.uow.orders.replace_lines(step.order)
        _tell_back_order(work, step)
    work.uow.stock.move(moves)


def _received(step: Step, levels: dict[tuple[str, str], StockLevel]) -> tuple[list[StockMove], tuple[OrderLine, ...]]:
    order, came = step.order, step.facts.get(CAME_IN)
    waited, moves, short = _waited_for(step.before), [], Quantities()
    for sku in dict.fromkeys(line.sku for line in order.lines if waited.get(line.number)):
        lines = [line for line in order.lines if line.sku == sku and waited.get(line.number)]
        level = levels.get((order.warehouse, sku), StockLevel())
        missing = level.missing_for(sum((in_base(line, waited[line.number]) for line in lines), Decimal(0)))
        arrived = (
            missing
            if came is None
            else sum((in_base(line, came.get(line.number, Decimal(0))) for line in lines), Decimal(0))
        )
        if arrived:
            levels[order.warehouse, sku] = replace(level, on_hand=level.on_hand + arrived)
            moves.append(StockMove(order.warehouse, sku, RECEIVE, order.id, on_hand=arrived))
        short |= _spread(lines, waited, max(missing - arrived, Decimal(0)))
    return moves, tuple(
        replace(line, back_ordered=short.get(line.number, Decimal(0))) if line.number in waited else line
        for line in order.lines
    )


def _waited_for(order: Order) -> Quantities:
    """Before the first receipt all that is open; afterwards what is on back-order."""
    first = order.status is not OrderStatus.AWAITING_SHIPMENT
    waited = {line.number: open_of(line) if first else line.back_ordered for line in order.lines}
    return {number: quantity for number, quantity in waited.items() if quantity}


def _spread(lines: Sequence[OrderLine], waited: Quantities, short: Decimal) -> Quantities:
    """The last line goes short first. Of what is counted in whole boxes a whole box is short."""
    found = Quantities()
    for line in reversed(lines):
        part = min(short, in_base(line, waited[line.number]))
        if part:
            finest = Decimal(1) if line.quantity == line.quantity.to_integral_value() else _FINEST
            units = (part * line.quantity / line.base_quantity).quantize(finest, ROUND_CEILING)
            found[line.number] = min(units, waited[line.number])
            short -= part
    return found


def _tell_back_order(work: Work, step: Step) -> None:
    back = {line.number: line.back_ordered for line in step.order.lines if line.back_ordered}
    if back:
        step.detail["back_ordered"] = {str(number): str(quantity) for number, quantity in back.items()}
        step.tell(EventName.GOODS_BACK_ORDERED, goods=goods_said(work, step.order, back))


def expect_back_order(order: Order) -> None:
    """Raises NotPossibleNow if an order that awaits shipment waits for no goods."""
    if order.status is OrderStatus.AWAITING_SHIPMENT and not any(line.back_ordered for line in order.lines):
        raise NotPossibleNow(
            number=order.number, status=str(order.status), event="receive_goods", next="complete_shipment"
        )
