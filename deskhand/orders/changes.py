"""Before and after: what one step changed of an order, as its history keeps it. Knows no storage.

Names, addresses and free text are personal: they lie beside the hashed row, so that they can be erased.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from deskhand.orders.model import Order, OrderLine, Shipment
from deskhand.orders.stock import StockMove

FREE_TEXT = frozenset({"reason", "reference", "address", "customer_name", "note", "comment"})
_HEAD = (
    *("status", "payment_status", "customer_id", "total", "warehouse", "delivery_mode", "appointment"),
    *("delivery_date", "paid_at", "shipped_at", "payment_due_on", "header_only"),
)
_PERSONAL = ("customer_name", "address", "hold_reason")
_LINE = ("sku", "quantity", "unit", "unit_price", "amount", "shipped", "cancelled")
_SHIPMENT = ("warehouse", "freight", "completed_at", "freight_settled_at")

Pair = list[object]


def changed(before: Order, after: Order) -> dict[str, object]:
    """Field -> [before, after]; lines and shipments by number and id. Nothing personal."""
    found: dict[str, object] = dict(_pairs(before, after, _HEAD))
    if _invoice(before) != _invoice(after):
        found["invoice"] = [_invoice(before), _invoice(after)]
    lines = _children({str(each.number): each for each in before.lines}, _lines_of(after), _LINE)
    shipments = _children({each.id: each for each in before.shipments}, _shipments_of(after), _SHIPMENT)
    return found | ({"lines": lines} if lines else {}) | ({"shipments": shipments} if shipments else {})


def changed_personal(before: Order, after: Order) -> dict[str, object]:
    """The same for what may be erased one day."""
    return dict(_pairs(before, after, _PERSONAL))


def stock_said(moves: Sequence[StockMove]) -> list[object]:
    """The ledger's lines: warehouse, goods, kind, change on hand, change reserved."""
    return [[move.warehouse, move.sku, move.kind, str(move.on_hand), str(move.reserved)] for move in moves]


def parted(detail: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """What is hashed for good, and the free text in it."""
    free = {key: value for key, value in detail.items() if key in FREE_TEXT and value is not None}
    return {key: value for key, value in detail.items() if key not in free}, free


def _pairs(before: object, after: object, names: Sequence[str]) -> Iterator[tuple[str, Pair]]:
    for name in names:
        old, new = getattr(before, name, None), getattr(after, name, None)
        if old != new:
            yield name, [_said(old), _said(new)]


def _children(
    before: Mapping[str, OrderLine | Shipment], after: Mapping[str, OrderLine | Shipment], names: Sequence[str]
) -> dict[str, object]:
    """Those that came, went or differ."""
    both = {key: dict(_pairs(before.get(key), after.get(key), names)) for key in [*before, *after]}
    return {key: pairs for key, pairs in both.items() if pairs}


def _lines_of(order: Order) -> dict[str, OrderLine | Shipment]:
    return {str(each.number): each for each in order.lines}


def _shipments_of(order: Order) -> dict[str, OrderLine | Shipment]:
    return {each.id: each for each in order.shipments}


def _invoice(order: Order) -> str | None:
    return order.invoice.number if order.invoice else None


def _said(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | StrEnum):
        return str(value)
    return value
