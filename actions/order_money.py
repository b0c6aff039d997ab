"""How much of an order is paid and open, and what of its lines left and came back, in words. Knows nothing of cards."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from actions.turn import Turn
from deskhand.orders.crediting import owed
from deskhand.orders.model import Order, OrderLine
from deskhand.orders.money import in_places
from deskhand.orders.packing import open_of, returned_value
from deskhand.orders.status import OrderStatus

Fact = tuple[str, str]  # key of a label, value in words
_NOTHING = Decimal(0)


def paid_of(turn: Turn, order: Order) -> Decimal:
    """What has come in. Of an order that was never changed nothing can have."""
    if order.row_version <= 1:
        return _NOTHING
    return turn.uow.payments.paid([order.id]).get(order.id, _NOTHING)


def open_amount(turn: Turn, order: Order) -> Decimal:
    """What is still to be paid."""
    return max(owed(order) - paid_of(turn, order), _NOTHING)


def money(turn: Turn, order: Order, amount: Decimal) -> str:
    return turn.wording.money(in_places(amount, order.currency), order.currency, turn.language)


def money_facts(turn: Turn, order: Order) -> list[Fact]:
    """The payment, with what is open where it is a part; the day to pay by; what returns have taken off."""
    back = _NOTHING if order.status is OrderStatus.CANCELLED else returned_value(order)
    paid = paid_of(turn, order)
    due = order.payment_due_on if owed(order) > paid else None
    return [
        ("credited", money(turn, order, back) if back else ""),
        ("payable", money(turn, order, owed(order)) if back else ""),
        ("payment", _payment(turn, order, paid)),
        ("due_on", turn.wording.day(due, turn.language) if due else ""),
    ]


def open_notes(turn: Turn, orders: Sequence[Order]) -> dict[str, str]:
    """还差 5,897.00 元 of each that a part was paid of, by number."""
    paid = turn.uow.payments.paid([order.id for order in orders])
    left = {order.number: owed(order) - paid[order.id] for order in orders if order.id in paid}
    label = turn.wording.say("labels", "still_open", turn.language)
    return {
        order.number: f"{label} {money(turn, order, left[order.number])}" for order in orders if left.get(order.number)
    }


def say_payment(turn: Turn, order: Order) -> None:
    """What the order comes to, what is paid of it and what is open."""
    paid = paid_of(turn, order)
    amounts = {"owed": owed(order), "paid": paid, "open": max(owed(order) - paid, _NOTHING)}
    said = {name: money(turn, order, amount) for name, amount in amounts.items()}
    turn.say("utter_order_payment", number=order.number, **said)


def went(turn: Turn, line: OrderLine) -> str:
    """已发 12箱，待发 8箱; nothing where all of it or none has left."""
    say, language = turn.wording.say, turn.language

    def amount(quantity: Decimal) -> str:
        return turn.wording.quantity(quantity, line.unit, language)

    parts = []
    if line.shipped and open_of(line):
        parts.append(say("went", "shipped", language, shipped=amount(line.shipped), open=amount(open_of(line))))
    if line.returned:
        parts.append(say("went", "returned", language, returned=amount(line.returned)))
    return " · ".join(parts)


def _payment(turn: Turn, order: Order, paid: Decimal) -> str:
    """待支付; 待支付：已付 3,000.00 元，还差 5,897.00 元. Of what is cancelled nothing is to be paid."""
    owes = owed(order)
    if order.status is OrderStatus.CANCELLED and not paid:
        return ""
    status = turn.wording.say("statuses", str(order.payment_status), turn.language)
    if 0 < paid < owes:
        said = {"paid": money(turn, order, paid), "open": money(turn, order, owes - paid)}
        return turn.wording.say("payments", "part", turn.language, status=status, **said)
    if paid > owes:
        above = money(turn, order, paid - owes)
        return turn.wording.say("payments", "above", turn.language, status=status, above=above)
    return status
