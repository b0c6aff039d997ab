"""Before and after: what one step changed of an order, as its history keeps it. Knows no storage.

Names, addresses and free text are personal: they lie beside the hashed row, so that they can be erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

from deskhand.orders.model import Order, OrderLine, Shipment
from deskhand.orders.stock import StockMove

FREE_TEXT = frozenset({"reason", "reference", "address", "customer_name", "note", "comment", "contact", "phone"})

Child = OrderLine | Shipment
Pair = list[object]


class _Fields:
    """Some attributes, read at once: of ten thousand orders most change in one or two."""

    def __init__(self, *names: str) -> None:
        self._names, self._read = names, attrgetter(*names)
        self._nothing = (None,) * len(names)

    def pairs(self, before: object | None, after: object | None) -> dict[str, Pair]:
        """Field -> [before, after] of those that differ; what is not there has None in each."""
        old = self._nothing if before is None else self._read(before)
        new = self._nothing if after is None else self._read(after)
        if old == new:
            return {}
        both = zip(self._names, old, new, strict=True)
        return {name: [_said(was), _said(now)] for name, was, now in both if was != now}


_HEAD = _Fields(
    *("status", "payment_status", "customer_id", "total", "warehouse", "delivery_mode", "appointment"),
    *("delivery_date", "paid_at", "shipped_at", "payment_due_on", "header_only", "reservation_lapsed"),
)
_PERSONAL = _Fields("customer_name", "address", "hold_reason")
_LINE = _Fields(
    *("sku", "quantity", "unit", "base_quantity", "unit_price", "amount", "shipped", "cancelled", "returned"),
    "back_ordered",
)
_SHIPMENT = _Fields("warehouse", "freight", "completed_at", "freight_settled_at")


def changed(before: Order, after: Order) -> dict[str, object]:
    """Field -> [before, after]; lines and shipments by number and id. Nothing personal."""
    found: dict[str, object] = {**_HEAD.pairs(before, after)}
    if _invoice(before) != _invoice(after):
        found["invoice"] = [_invoice(before), _invoice(after)]
    if lines := _children(before.lines, after.lines, "number", _LINE):
        found["lines"] = lines
    if shipments := _children(before.shipments, after.shipments, "id", _SHIPMENT):
        found["shipments"] = shipments
    return found


def changed_personal(before: Order, after: Order) -> dict[str, object]:
    """The same for what may be erased one day."""
    return {**_PERSONAL.pairs(before, after)}


def stock_said(moves: Sequence[StockMove]) -> list[object]:
    """The ledger's lines: warehouse, goods, kind, change on hand, change reserved."""
    return [[move.warehouse, move.sku, move.kind, str(move.on_hand), str(move.reserved)] for move in moves]


def parted(detail: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """What is hashed for good, and the free text in it."""
    if FREE_TEXT.isdisjoint(detail):
        return dict(detail), {}
    free = {key: value for key, value in detail.items() if key in FREE_TEXT and value is not None}
    return {key: value for key, value in detail.items() if key not in free}, free


def _children(before: Sequence[Child], after: Sequence[Child], key: str, fields: _Fields) -> dict[str, object]:
    """Those that came, went or differ, by their key."""
    if before == after:
        return {}
    old, new = ({str(getattr(each, key)): each for each in some} for some in (before, after))
    both = {name: fields.pairs(old.get(name), new.get(name)) for name in [*old, *new]}
    return {name: pairs for name, pairs in both.items() if pairs}


def _invoice(order: Order) -> str | None:
    return order.invoice.number if order.invoice else None


def _said(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | StrEnum):
        return str(value)
    return value
