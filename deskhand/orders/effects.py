"""What an order does itself when something happens to it (reactions), and what the diagram says follows (effects).

Both work on many orders at once, inside the transaction. What leaves the house is only asked for here, by events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from deskhand.orders.credit import APPROVAL, CREDIT, reason_of
from deskhand.orders.crediting import credit, owed
from deskhand.orders.errors import NotCovered
from deskhand.orders.events import EventName
from deskhand.orders.goods import goods_said
from deskhand.orders.model import Order, Packed, SettlementLine, Shipment
from deskhand.orders.money import round_amount
from deskhand.orders.packing import contents_of, in_base, leaving, rest_after, shipped
from deskhand.orders.receiving import receive
from deskhand.orders.reserving import (
    adjust_reservation,
    release_reservation,
    release_stock,
    reserve_anew,
    reserve_stock,
    reserved,
)
from deskhand.orders.returning import restock_goods
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.stock import SHIP, StockMove
from deskhand.orders.work import Reaction, Step, Work, decided_in


def receive_goods(work: Work, steps: Sequence[Step]) -> None:
    """What was promised but is not on hand has come in: all of it, or what was said; the rest is on back-order."""
    reserve_anew(work, steps)
    receive(work, steps)


def complete_shipment(work: Work, steps: Sequence[Step]) -> None:
    """What is in the parcels leaves the house, and stock with it.

    Raises:
        NotCovered: a diagram that knows no part of an order would call it shipped.
        InsufficientStock: goods that were given free are promised to others by now.
    """
    reserve_anew(work, steps, on_hand=True)
    held = reserved(work, steps)
    moves = []
    for step in steps:
        for sku, quantity in _leaving_by_sku(step.order).items():
            place = step.order.warehouse
            promised = min(held.get((step.order.id, place, sku), Decimal(0)), quantity)
            moves.append(StockMove(place, sku, SHIP, step.order.id, on_hand=-quantity, reserved=-promised))
    work.uow.stock.move(moves)
    whole = [step for step in steps if not rest_after(step.order, leaving(step.order))]
    work.uow.orders.ship_lines([step.order.id for step in whole])
    for step in steps:
        step.alter(lines=shipped(step.order, leaving(step.order)))
        if step in whole:
            step.alter(shipped_at=work.now, reserved_until=None)
        elif step.order.status is OrderStatus.SHIPPED:
            raise NotCovered(number=step.order.number, status=str(step.before.status), next="receive_goods")
        else:
            step.detail["goods"] = goods_said(work, step.before, leaving(step.before))
            work.uow.orders.replace_lines(step.order)


def _leaving_by_sku(order: Order) -> dict[str, Decimal]:
    gone = leaving(order)
    sums: dict[str, Decimal] = {}
    for line in order.lines:
        if line.number in gone:
            sums[line.sku] = sums.get(line.sku, Decimal(0)) + in_base(line, gone[line.number])
    return sums


def start_account_period(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.alter(payment_due_on=step.facts["payment_due_on"])
        step.detail |= {"due_on": step.facts["payment_due_on"].isoformat(), "owed": str(owed(step.order))}


def confirm_order(work: Work, steps: Sequence[Step]) -> None:
    """Held for credit, or waiting for somebody's approval: the rule that led there is the reason."""
    for step in steps:
        if step.order.status is OrderStatus.ON_HOLD:
            step.detail["reason"] = reason_of(decided_in(step), CREDIT)
            step.alter(hold_reason=step.detail["reason"])
        elif step.order.status is OrderStatus.PENDING_APPROVAL:
            step.detail["reason"] = reason_of(decided_in(step), APPROVAL)


def reject_order(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.detail["reason"] = _reason(step)


def hold_order(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.alter(hold_reason=_reason(step))
        step.detail["reason"] = step.order.hold_reason


def release_order(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.detail["reason"] = step.order.hold_reason
        step.alter(hold_reason=None)
        if step.order.status is OrderStatus.PENDING_APPROVAL:
            step.detail["reason"] = reason_of(decided_in(step), APPROVAL)


def cancel_order(work: Work, steps: Sequence[Step]) -> None:
    for step in steps:
        step.detail["reason"] = _reason(step)
        step.alter(hold_reason=None)


REACTIONS: Mapping[str, Reaction] = {
    "confirm_order": confirm_order,
    "reject_order": reject_order,
    "receive_goods": receive_goods,
    "complete_shipment": complete_shipment,
    "start_account_period": start_account_period,
    "hold_order": hold_order,
    "release_order": release_order,
    "cancel_order": cancel_order,
}


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


def update_freight(work: Work, steps: Sequence[Step]) -> None:
    """R6: the decided freight on the shipment, and R8: the record that finance will close."""
    done, owing, parts = [], [], []
    for step, shipment_id in zip(steps, _open_shipments(work, steps), strict=True):
        amount = round_amount(Decimal(str(step.change.data["freight"] if step.change else 0)), step.order.currency)
        done.append((shipment_id, amount))
        owing.append((shipment_id, step.order.id, amount, step.order.currency))
        contents = _carried(step)
        if contents:
            parts.append((shipment_id, contents))
        left: dict[str, Any] = {"freight": amount, "completed_at": work.now, "contents": contents}
        known = step.order.shipments or (Shipment(shipment_id, step.order.warehouse),)
        step.alter(shipments=tuple(replace(each, **left) if each.id == shipment_id else each for each in known))
        step.detail |= {"freight": str(amount), "shipment": shipment_id}
        step.tell(EventName.FREIGHT_COMPUTED, freight=str(amount), shipment=shipment_id)
    work.uow.shipments.complete(done, work.now)
    work.uow.shipments.note_contents(parts)
    work.uow.freight.open_many(owing)


def _carried(step: Step) -> tuple[Packed, ...]:
    """What left now; nothing to note where it was the whole order."""
    before = {line.number: line.shipped for line in step.before.lines}
    gone = {line.number: line.shipped - before[line.number] for line in step.order.lines}
    if not any(before.values()) and step.order.status is OrderStatus.SHIPPED:
        return ()
    return contents_of({number: quantity for number, quantity in gone.items() if quantity})


def send_delivery_notes(work: Work, steps: Sequence[Step]) -> None:
    """R6: the consumer of `ShipmentCompleted` makes one for each parcel; nothing more to ask for."""


def post_payment(work: Work, steps: Sequence[Step]) -> None:
    """R7: paid with a recorded payment of the whole sum, else posted to the account and overdue."""
    day = work.tenant.today(work.now)
    paid = work.uow.payments.paid([step.order.id for step in steps])
    work.uow.settlements.open(day, work.actor.user_id)
    lines = []
    for step in steps:
        owes = owed(step.order)
        left = max(owes - paid.get(step.order.id, Decimal(0)), Decimal(0))
        outcome = PaymentStatus.OVERDUE if left else PaymentStatus.PAID
        step.alter(payment_status=outcome)
        step.detail |= {"outcome": str(outcome), "day": day.isoformat(), "owed": str(owes), "open": str(left)}
        lines.append(SettlementLine(step.order.id, day, owes, step.order.currency, outcome))
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
    "issue_credit_note": credit,
    "release_reservation": release_reservation,
    "restock_goods": restock_goods,
    "update_freight": update_freight,
    "send_delivery_notes": send_delivery_notes,
    "post_payment": post_payment,
    "close_freight": close_freight,
}


def settlement_summary(day: date, steps: Sequence[Step]) -> dict[str, object]:
    """What finance is told of a settlement as a whole."""
    totals: dict[str, Decimal] = {}
    for step in steps:
        totals[step.order.currency] = totals.get(step.order.currency, Decimal(0)) + owed(step.order)
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


def _open_shipments(work: Work, steps: Sequence[Step]) -> list[str]:
    """The shipment of each order that has not left; one without parcels (collected) is made now."""
    without = [step.order for step in steps if not any(each.completed_at is None for each in step.order.shipments)]
    made = dict(zip([order.id for order in without], work.uow.shipments.open_many(without), strict=True))
    return [made.get(step.order.id) or work.uow.shipments.open_of(step.order) for step in steps]
