"""An order beside what an import says of it: the lines in one form, the order as it is wanted, the commands that would
bring it there. Pure; knows no storage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from deskhand.erp.kinds import Field
from deskhand.erp.statuses import is_cancelled, is_refunded
from deskhand.erp.wholes import Reversal
from deskhand.orders.commands import AmendOrder, CancelOrder, Command, NewLine, RecordPayment, ReturnGoods, SomeOf
from deskhand.orders.imports import ScaledLine
from deskhand.orders.model import Order, OrderLine
from deskhand.orders.money import round_amount
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store.loading import CHANNEL, PIECE
from deskhand.store.types import from_scaled, to_scaled

_SHIPPED = frozenset({OrderStatus.SHIPPED, OrderStatus.IN_ACCOUNT_PERIOD, OrderStatus.SETTLED})


def lines_here(order: Order) -> list[ScaledLine]:
    """The order's lines in the form of an import's: a cancelled one has been taken back whole."""
    found = []
    for line in order.lines:
        quantity = to_scaled(line.quantity)
        off = quantity if line.cancelled else 0
        found.append((line.sku, line.name, quantity, to_scaled(line.unit_price), to_scaled(line.amount), off))
    return found


def as_wanted(order: Order, head: Mapping[Field, Any]) -> Order:
    """Closed history with the values that its source has now."""
    paid = head.get(Field.PAID_AT) or order.paid_at
    status = OrderStatus.CANCELLED if is_cancelled(head) else order.status
    payment = PaymentStatus.PAID if paid and order.payment_status is PaymentStatus.UNPAID else order.payment_status
    return replace(
        order,
        address=head.get(Field.ADDRESS) or order.address,
        delivery_date=head.get(Field.REQUIRED_ON) or order.delivery_date,
        shipped_at=head.get(Field.SHIPPED_AT) or order.shipped_at,
        paid_at=paid,
        payment_status=PaymentStatus.REFUNDED if is_refunded(head) else payment,
        status=status,
        total=head.get(Field.TOTAL, order.total) if order.header_only else order.total,
    )


def with_lines(order: Order, lines: Sequence[ScaledLine]) -> Order:
    made = []
    for number, (sku, name, quantity, price, amount, off) in enumerate(lines, start=1):
        left = from_scaled(quantity if off >= quantity else quantity - off)
        shipped = left if order.status in _SHIPPED and off < quantity else Decimal(0)
        cost = from_scaled(price), from_scaled(amount)
        made.append(OrderLine(number, sku, name, left, PIECE, left, *cost, shipped=shipped, cancelled=off >= quantity))
    total = round_amount(sum((line.amount for line in made), Decimal(0)), order.currency)
    return replace(order, lines=tuple(made), total=total, header_only=False)


def said_of(order: Order, other: Order) -> dict[str, object]:
    """What the history says of one side of a correction; what is personal lies apart."""
    names = ("total", "status", "payment_status", "delivery_date", "paid_at", "shipped_at", "header_only")
    said: dict[str, object] = {
        name: str(getattr(order, name)) for name in names if getattr(order, name) != getattr(other, name)
    }
    if order.lines != other.lines:
        said["lines"] = [[line.sku, str(line.quantity), str(line.amount), line.cancelled] for line in order.lines]
    return said


def commands_for(
    order: Order, head: Mapping[Field, Any], lines: Sequence[ScaledLine] | None
) -> list[tuple[str, Command, str]]:
    """What would bring the order to what its source says: field, command, the value as a person reads it."""
    found: list[tuple[str, Command, str]] = []
    number = order.number
    if is_cancelled(head):
        reason = str(head.get(Field.STATUS) or head.get(Field.PAYMENT_STATUS))
        return [("status", CancelOrder(number, reason), reason)]
    if lines is not None:
        wanted = tuple(
            NewLine(line[0], from_scaled(line[2] - line[5]), PIECE, from_scaled(line[3]))
            for line in lines
            if line[2] > line[5]
        )
        total = str(from_scaled(sum(line[4] for line in lines)))
        found.append(("lines", AmendOrder(number, lines=wanted), total))
    address, day, paid = head.get(Field.ADDRESS), head.get(Field.REQUIRED_ON), head.get(Field.PAID_AT)
    if address and address != order.address:
        found.append(("address", AmendOrder(number, address=address), address))
    if day and day != order.delivery_date:
        found.append(("required_on", AmendOrder(number, delivery_date=day), day.isoformat()))
    if paid and order.paid_at is None:
        found.append(("paid_at", RecordPayment(number, order.total, CHANNEL, paid), paid.isoformat()))
    return found


def line_for(order: Order, one: Reversal) -> OrderLine | None:
    quantity = from_scaled(one.quantity)
    return next(
        (line for line in order.lines
         if line.sku == one.sku and not line.cancelled and line.quantity - line.returned >= quantity), None,
    )  # fmt: skip


def reduced(line: OrderLine, quantity: Decimal, currency: str) -> OrderLine:
    if not quantity:
        return line
    left = line.quantity - quantity
    amount = round_amount(line.amount * left / line.quantity, currency)
    if not left:
        return replace(line, amount=amount, shipped=Decimal(0), cancelled=True)
    return replace(line, quantity=left, base_quantity=left, amount=amount, shipped=min(line.shipped, left))


def taking_back(order: Order, line: OrderLine, quantity: Decimal, one: Reversal) -> Command:
    """Shipped goods come back; others are not sent, and an order of which nothing is left is cancelled."""
    if line.shipped >= quantity:
        return ReturnGoods(order.number, (SomeOf(quantity, line=line.number),), one.number)
    others = [each for each in order.lines if each is not line and not each.cancelled]
    if not others and line.quantity == quantity:
        return CancelOrder(order.number, one.number)
    kept = [NewLine(each.sku, each.quantity, each.unit, each.unit_price) for each in others]
    if line.quantity > quantity:
        kept.append(NewLine(line.sku, line.quantity - quantity, line.unit, line.unit_price))
    return AmendOrder(order.number, lines=tuple(kept))
