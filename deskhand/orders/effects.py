"""What an order does itself when something happens to it (reactions), and what the diagram says follows (effects).

Both work on many orders at once, inside the transaction. What leaves the house is only asked for here, by events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from deskhand.orders.errors import InsufficientStock
from deskhand.orders.events import EventName
from deskhand.orders.model import Order, SettlementLine
from deskhand.orders.money import round_amount
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.stock import RECEIVE, RELEASE, RESERVE, SHIP, StockLevel, StockMove
from deskhand.orders.work import Reaction, Step, Work

Needed = dict[tuple[str | None, str, str], Decimal]  # by order, warehouse and sku, in base units


def receive_goods(work: Work, steps: Sequence[Step]) -> None:
    """What was promised but is not on hand has come in."""
    needs = list(_needs(steps))
    levels = work.uow.stock.levels({(place, sku) for _, place, sku, _ in needs})
    moves = []
    for order, place, sku, quantity in needs:
        level = levels.get((place, sku), StockLevel())
        missing = level.missing_for(quantity)
        if missing:
            levels[place, sku] = replace(level, on_hand=level.on_hand + missing)
            moves.append(StockMove(place, sku, RECEIVE, order.id, on_hand=missing))
    work.uow.stock.move(moves)


def complete_shipment(work: Work, steps: Sequence[Step]) -> None:
    """Every line that is not cancelled leaves the house, and stock with it."""
    reserved = _reserved(work, steps)
    moves = []
    for order, place, sku, quantity in _needs(steps):
        promised = min(reserved.get((order.id, place, sku), Decimal(0)), quantity)
        moves.append(StockMove(place, sku, SHIP, order.id, on_hand=-quantity, reserved=-promised))
    work.uow.stock.move(moves)
    work.uow.orders.ship_lines([step.order.id for step in steps])
    for step in steps:
        lines = tuple(line if line.cancelled else replace(line, shipped=line.quantity) for line in step.order.lines)
        step.alter(shipped_at=work.now, lines=lines)


def start_account_period(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.alter(payment_due_on=step.facts["payment_due_on"])
        step.detail["due_on"] = step.facts["payment_due_on"].isoformat()


def hold_order(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.alter(hold_reason=_reason(step))
        step.detail["reason"] = step.order.hold_reason


def release_order(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.detail["reason"] = step.order.hold_reason
        step.alter(hold_reason=None)


def cancel_order(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.detail["reason"] = _reason(step)
        step.alter(hold_reason=None)


REACTIONS: Mapping[str, Reaction] = {
    "receive_goods": receive_goods,
    "complete_shipment": complete_shipment,
    "start_account_period": start_account_period,
    "hold_order": hold_order,
    "release_order": release_order,
    "cancel_order": cancel_order,
}


def reserve_stock(work: Work, steps: Sequence[Step]) -> None:
    until = work.now + timedelta(days=work.tenant.reservation_days)
    work.uow.stock.move(
        [
            StockMove(place, sku, RESERVE, order.id, reserved=quantity, expires_at=until)
            for order, place, sku, quantity in _needs(steps)
        ]
    )


def release_stock(work: Work, steps: Sequence[Step]) -> None:
    """Gives back whatever the ledger says is still reserved."""
    moves = [
        StockMove(place, sku, RELEASE, order_id, reserved=-quantity)
        for (order_id, place, sku), quantity in _reserved(work, steps).items()
        if quantity
    ]
    work.uow.stock.move(moves)
    released = {move.order_id for move in moves}
    for step in steps:
        step.detail["released"] = step.order.id in released


def adjust_reservation(work: Work, steps: Sequence[Step]) -> None:
    """What the ledger holds for each order becomes what its lines need, where they have changed.

    Raises:
        InsufficientStock: if an order whose goods are in stock would need more than nobody else was promised.
    """
    steps = [step for step in steps if step.order.lines != step.before.lines]
    held = _reserved(work, steps)
    needs: Needed = {(order.id, place, sku): quantity for order, place, sku, quantity in _needs(steps)}
    until = work.now + timedelta(days=work.tenant.reservation_days)
    moves = []
    for key in sorted({*held, *needs}, key=str):
        more = needs.get(key, Decimal(0)) - held.get(key, Decimal(0))
        if more:
            kind, expires = (RESERVE, until) if more > 0 else (RELEASE, None)
            moves.append(StockMove(key[1], key[2], kind, key[0], reserved=more, expires_at=expires))
    work.uow.stock.move(moves)
    received = {step.order.id for step in steps if step.order.status is OrderStatus.AWAITING_SHIPMENT}
    _expect_on_hand(work, [move for move in moves if move.order_id in received and move.reserved > 0], needs)


def _expect_on_hand(work: Work, more: Sequence[StockMove], needs: Needed) -> None:
    """Looked at after the move, which has locked the sums: two who want the last goods can't both get them."""
    levels = work.uow.stock.levels({(move.warehouse, move.sku) for move in more})
    for move in more:
        short = levels[move.warehouse, move.sku].reserved - levels[move.warehouse, move.sku].on_hand
        if short > 0:
            wanted = needs[move.order_id, move.warehouse, move.sku]
            left = wanted - min(short, move.reserved)
            raise InsufficientStock(product=move.sku, warehouse=move.warehouse, available=str(left), wanted=str(wanted))


def send_invoice(work: Work, steps: Sequence[Step]) -> None:
    """R5. The number is given here, so that every sending has the same."""
    invoices = work.uow.invoices.create_many([step.order for step in steps])
    for step in steps:
        step.alter(invoice=invoices[step.order.id])
        step.detail["invoice"] = invoices[step.order.id].number
        ask_for_invoice(step, again=False)


def ask_for_invoice(step: Step, again: bool) -> None:
    """The worker makes and sends it."""
    if step.order.invoice is not None:
        step.tell(EventName.INVOICE_REQUESTED, invoice=step.order.invoice.number, again=again)


def send_invoice_again(work: Work, steps: Sequence[Step]) -> None:
    """The invoice that exists goes out again, under its number."""
    for step in steps:
        ask_for_invoice(step, again=True)


def notify_shipment_information(work: Work, steps: Sequence[Step]) -> None:
    """R4: the invoice that exists goes out again; old and new values are in the step's own event."""
    for step in steps:
        ask_for_invoice(step, again=True)


def issue_credit_note(work: Work, steps: Sequence[Step]) -> None:
    """An invoice that has not left yet never will; one that has is reversed."""
    work.uow.outbox.withdraw_of([step.order.id for step in steps])
    for step in steps:
        if step.order.invoice is not None and step.order.invoice.sent_count:
            step.detail["credit_note_for"] = step.order.invoice.number
        if step.order.payment_status is PaymentStatus.PAID:
            step.alter(payment_status=PaymentStatus.REFUNDED)


def update_freight(work: Work, steps: Sequence[Step]) -> None:
    """R6: the decided freight on the shipment, and R8: the record that finance will close."""
    done, owed = [], []
    for step, shipment_id in zip(steps, _open_shipments(work, steps), strict=True):
        amount = round_amount(Decimal(str(step.change.data["freight"] if step.change else 0)), step.order.currency)
        done.append((shipment_id, amount))
        owed.append((shipment_id, step.order.id, amount, step.order.currency))
        shipments = tuple(
            replace(each, freight=amount, completed_at=work.now) if each.id == shipment_id else each
            for each in step.order.shipments
        )
        step.alter(shipments=shipments)
        step.detail["freight"] = str(amount)
        step.tell(EventName.FREIGHT_COMPUTED, freight=str(amount), shipment=shipment_id)
    work.uow.shipments.complete(done, work.now)
    work.uow.freight.open_many(owed)


def send_delivery_notes(work: Work, steps: Sequence[Step]) -> None:
    """R6: the consumer of `ShipmentCompleted` makes one for each parcel; nothing more to ask for."""


def post_payment(work: Work, steps: Sequence[Step]) -> None:
    """R7: paid with a recorded payment of the whole sum, else posted to the account and overdue."""
    day = work.tenant.today(work.now)
    paid = work.uow.payments.paid([step.order.id for step in steps])
    work.uow.settlements.open(day, work.actor.user_id)
    lines = []
    for step in steps:
        settled = paid.get(step.order.id, Decimal(0)) >= step.order.total
        outcome = PaymentStatus.PAID if settled else PaymentStatus.OVERDUE
        step.alter(payment_status=outcome)
        step.detail |= {"outcome": str(outcome), "day": day.isoformat()}
        lines.append(SettlementLine(step.order.id, day, step.order.total, step.order.currency, outcome))
    work.uow.settlements.post(day, lines)


def close_freight(work: Work, steps: Sequence[Step]) -> None:
    """R8."""
    work.uow.freight.close_many([step.order.id for step in steps], work.actor.user_id)
    for step in steps:
        shipments = tuple(replace(each, freight_settled_at=work.now) for each in step.order.shipments)
        step.alter(shipments=shipments)


EFFECTS: Mapping[str, Reaction] = {
    "reserve_stock": reserve_stock,
    "release_stock": release_stock,
    "adjust_reservation": adjust_reservation,
    "send_invoice": send_invoice,
    "send_invoice_again": send_invoice_again,
    "notify_shipment_information": notify_shipment_information,
    "issue_credit_note": issue_credit_note,
    "update_freight": update_freight,
    "send_delivery_notes": send_delivery_notes,
    "post_payment": post_payment,
    "close_freight": close_freight,
}


def settlement_summary(day: date, steps: Sequence[Step]) -> dict[str, object]:
    """What finance is told of a settlement as a whole."""
    totals: dict[str, Decimal] = {}
    for step in steps:
        totals[step.order.currency] = totals.get(step.order.currency, Decimal(0)) + step.order.total
    late = [step for step in steps if step.order.payment_status is PaymentStatus.OVERDUE]
    return {
        "day": day.isoformat(),
        "orders": len(steps),
        "paid": len(steps) - len(late),
        "overdue": len(late),
        "totals": {currency: str(amount) for currency, amount in totals.items()},
        "numbers": [step.order.number for step in steps][:50],
    }


def _reason(step: Step) -> str:
    return str(step.change.data.get("reason", "")) if step.change else ""


def _needs(steps: Sequence[Step]) -> Iterator[tuple[Order, str, str, Decimal]]:
    """(order, warehouse, sku, base quantity) of all live lines; the same goods on two lines are one need."""
    for step in steps:
        sums: dict[str, Decimal] = {}
        for line in step.order.lines:
            if not line.cancelled:
                sums[line.sku] = sums.get(line.sku, Decimal(0)) + line.base_quantity
        for sku, quantity in sums.items():
            yield step.order, step.order.warehouse, sku, quantity


def _reserved(work: Work, steps: Sequence[Step]) -> Needed:
    """What the ledger says each order still holds, by order, warehouse and sku."""
    held: Needed = {}
    for move in work.uow.stock.of_orders([step.order.id for step in steps]):
        place = (move.order_id, move.warehouse, move.sku)
        held[place] = held.get(place, Decimal(0)) + move.reserved
    return held


def _open_shipments(work: Work, steps: Sequence[Step]) -> list[str]:
    """The shipment of each order that has not left; one without parcels (collected) is made now."""
    without = [step.order for step in steps if not any(each.completed_at is None for each in step.order.shipments)]
    made = dict(zip([order.id for order in without], work.uow.shipments.open_many(without), strict=True))
    return [made.get(step.order.id) or work.uow.shipments.open_of(step.order) for step in steps]
