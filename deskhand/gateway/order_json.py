"""Orders as JSON: money and quantities as text, times in ISO 8601. Knows nothing of requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from deskhand.orders.crediting import owed
from deskhand.orders.model import CreditNote, HistoryRow, Invoice, Order, OrderLine, Packed, Parcel, Shipment
from deskhand.orders.money import in_places
from deskhand.orders.packing import in_base, open_of
from deskhand.orders.status import Role
from deskhand.orders.terms import MONTH_END, PAYMENT_DAYS

STAFF = "staff"  # in place of whoever it was
# What was said of the order beside the goods.
_BESIDES = ("delivery_time", "contact", "phone", "note", PAYMENT_DAYS, MONTH_END)


def order_summary(order: Order) -> dict[str, Any]:
    """One row of a list."""
    return {
        "number": order.number,
        "customer_id": order.customer_id,
        "customer_name": order.customer_name,
        "status": order.status,
        "payment_status": order.payment_status,
        "total": plain(order.total),
        "currency": order.currency,
        "delivery_date": _iso(order.delivery_date),
        "source": order.source,
        "external_number": order.external_number,
        "created_at": _iso(order.created_at),
        "updated_at": _iso(order.updated_at),
        "row_version": order.row_version,
    }


def order_json(order: Order) -> dict[str, Any]:
    """Everything about one order."""
    return order_summary(order) | {
        "lines": [_line(line) for line in order.lines],
        "shipments": [_shipment(shipment) for shipment in order.shipments],
        "invoice": _invoice(order.invoice) if order.invoice else None,
        "address": order.address,
        "warehouse": order.warehouse,
        "delivery_mode": order.delivery_mode,
        "appointment": order.appointment,
        **{name: order.data.get(name) for name in _BESIDES},
        "header_only": order.header_only,
        "hold_reason": order.hold_reason,
        "reserved_until": _iso(order.reserved_until),
        "reservation_lapsed": order.reservation_lapsed,
        "payment_due_on": _iso(order.payment_due_on),
        "paid_at": _iso(order.paid_at),
        "shipped_at": _iso(order.shipped_at),
    }


def reserved_json(order: Order, held: Mapping[str, Decimal]) -> list[str]:
    """How much of each line is reserved, in its unit; what is held of goods goes to their first line first."""
    left, said = dict(held), []
    for line in order.lines:
        part = min(left.get(line.sku, Decimal(0)), in_base(line, open_of(line)))
        left[line.sku] = left.get(line.sku, Decimal(0)) - part
        said.append(plain((part * line.quantity / line.base_quantity).normalize()))
    return said


def paid_json(order: Order, paid: Decimal) -> dict[str, str]:
    """What the customer has to pay for it in all, what came in of it, and what is open; all three as text."""
    owes = owed(order)
    amounts = {"owed": owes, "paid": paid, "open": max(owes - paid, Decimal(0))}
    return {name: plain(in_places(amount, order.currency)) for name, amount in amounts.items()}


def credit_note_json(note: CreditNote) -> dict[str, Any]:
    return {
        "number": note.number,
        "invoice": note.invoice,
        "kind": note.kind,
        "amount": plain(note.amount),
        "currency": note.currency,
        "reason": note.reason,
        "issued_at": _iso(note.issued_at),
        "sent_at": _iso(note.sent_at),
        "lines": [
            {"line": line.number, "sku": line.sku, "quantity": plain(line.quantity), "unit": line.unit}
            | {"amount": plain(line.amount)}
            for line in note.lines
        ],
    }


def history_json(row: HistoryRow, names: Mapping[str, str]) -> dict[str, Any]:
    """One link of the chain, with its hashes, so that a reader can check them. `names` of users and keys by id."""
    return {
        "seq": row.seq,
        "event": row.event,
        "before": row.before,
        "after": row.after,
        "actor": row.actor,
        "name": names.get(row.actor),
        "role": row.role,
        "on_behalf_of": row.on_behalf_of,
        "on_behalf_of_name": names.get(row.on_behalf_of or ""),
        "channel": row.channel,
        "cause": row.cause,
        "at": _iso(row.at),
        "detail": dict(row.detail),
        "previous_hash": row.previous_hash,
        "hash": row.hash,
    }


def for_customer(row: dict[str, Any], company: str) -> dict[str, Any]:
    """The same for the order's customer: who did it in the company, and for whom, is the company's own business."""
    if row["role"] == Role.CUSTOMER:
        return row
    return {**row, "actor": STAFF, "name": company, "on_behalf_of": None, "on_behalf_of_name": None}


def plain(number: Decimal) -> str:
    """Never in exponent form."""
    return f"{number:f}"


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "sku": line.sku,
        "name": line.name,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "unit_price": plain(line.unit_price),
        "amount": plain(line.amount),
        "shipped": plain(line.shipped),
        "cancelled": line.cancelled,
        "returned": plain(line.returned),
        "back_ordered": plain(line.back_ordered),
        "open": plain(open_of(line)),
    }


def _shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": shipment.id,
        "warehouse": shipment.warehouse,
        "parcels": [_parcel(parcel) for parcel in shipment.parcels],
        "freight": None if shipment.freight is None else plain(shipment.freight),
        "completed_at": _iso(shipment.completed_at),
        "freight_settled_at": _iso(shipment.freight_settled_at),
        "contents": _contents(shipment.contents),
    }


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "id": parcel.id,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "address": parcel.address,
        "ship_date": _iso(parcel.ship_date),
        "contents": _contents(parcel.contents),
    }


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "issued_at": _iso(invoice.issued_at),
        "total": plain(invoice.total),
        "currency": invoice.currency,
        "sent_count": invoice.sent_count,
    }


def _contents(contents: Sequence[Packed]) -> list[dict[str, Any]]:
    return [{"line": each.line, "quantity": plain(each.quantity)} for each in contents]


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
