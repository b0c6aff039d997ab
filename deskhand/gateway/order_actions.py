"""What can be done to an order over HTTP: the name in the path, the fields of the body, the command that they make.

Knows nothing of requests; the table at the foot is what routes and OpenAPI are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import Fields
from deskhand.orders.commands import (
    AmendOrder,
    ApproveOrder,
    CancelLine,
    CancelOrder,
    ChangeShipmentInformation,
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    HoldOrder,
    NewLine,
    PlaceOrder,
    ReceiveGoods,
    RecordPayment,
    RejectOrder,
    ReleaseOrder,
    ReturnGoods,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    SomeOf,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.placing import MOST_DAYS
from deskhand.orders.status import DeliveryMode, OrderStatus

Read = Callable[[str, Fields, date], Command]  # number, body, the tenant's today
Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d{1,14}(\.\d{1,4})?$", "examples": ["12.50"]}
DAY: Schema = {"type": "string", "format": "date"}
TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^(dawn|morning|noon|afternoon|evening|night)$"
LINE: Schema = {"type": "integer", "minimum": 1, "description": "The number of a line"}
VERSION: Schema = {"type": "integer", "description": "Refuse with 409 when the order has another version by now"}


class Settled(StrEnum):
    """What a settlement closes."""

    PAYMENT = "payment"  # the order enters today's settlement, due or not
    FREIGHT = "freight"  # ends the process


@dataclass(frozen=True, slots=True)
class OrderAction:
    """One thing to do to one order."""

    summary: str
    read: Read
    properties: Mapping[str, Schema] = field(default_factory=dict)
    required: tuple[str, ...] = ()


def place_order(fields: Fields) -> PlaceOrder:
    """A whole new order: lines, or a total alone."""
    lines = tuple(_line(line) for line in fields.objects("lines"))
    command = PlaceOrder(
        customer_id=fields.text("customer"),
        lines=lines,
        total=fields.decimal("total"),
        currency=fields.optional_text("currency"),
        address=fields.optional_text("address"),
        delivery_date=fields.day("delivery_date"),
        delivery_mode=fields.one_of("delivery_mode", DeliveryMode),
        appointment=fields.flag("appointment"),
        delivery_time=fields.optional_text("delivery_time", TIME),
        contact=fields.optional_text("contact"),
        phone=fields.optional_text("phone"),
        note=fields.optional_text("note"),
        payment_days=fields.integer("payment_days"),
        payment_month_end=fields.optional_flag("payment_month_end"),
        warehouse=fields.optional_text("warehouse"),
        unless_like=not fields.flag("allow_duplicate"),
    )
    fields.done()
    return command


def _line(fields: Fields) -> NewLine:
    line = NewLine(fields.text("sku"), _quantity(fields), fields.optional_text("unit"), fields.decimal("unit_price"))
    fields.done()
    return line


def _quantity(fields: Fields) -> Decimal:
    quantity = fields.decimal("quantity")
    if quantity is None:
        raise InvalidRequest(field="lines.quantity", problem="is missing")
    return quantity


def _confirm(number: str, fields: Fields, today: date) -> Command:
    return ConfirmOrder(number, fields.integer("version"))


def _approve(number: str, fields: Fields, today: date) -> Command:
    return ApproveOrder(number, fields.integer("version"))


def _reject(number: str, fields: Fields, today: date) -> Command:
    return RejectOrder(number, fields.text("reason"), fields.integer("version"))


def _receive(number: str, fields: Fields, today: date) -> Command:
    return ReceiveGoods(number, fields.integer("version"), _some_of(fields))


def _complete(number: str, fields: Fields, today: date) -> Command:
    return CompleteShipment(number, fields.integer("version"))


def _give_shipment(number: str, fields: Fields, today: date) -> Command:
    return GiveShipmentInformation(
        number,
        carrier=fields.optional_text("carrier") or "",
        tracking_number=fields.optional_text("tracking_number") or "",
        address=fields.optional_text("address"),
        ship_date=fields.day("ship_date"),
        expected_version=fields.integer("version"),
        lines=_some_of(fields),
    )


def _change_shipment(number: str, fields: Fields, today: date) -> Command:
    return ChangeShipmentInformation(
        number,
        parcel_id=fields.optional_text("parcel"),
        carrier=fields.optional_text("carrier"),
        tracking_number=fields.optional_text("tracking_number"),
        address=fields.optional_text("address"),
        ship_date=fields.day("ship_date"),
        expected_version=fields.integer("version"),
    )


def _settle(number: str, fields: Fields, today: date) -> Command:
    if fields.one_of("what", Settled) is Settled.FREIGHT:
        return SettleFreight(number)
    return SettlePayments(today, (number,))


def _pay(number: str, fields: Fields, today: date) -> Command:
    amount = fields.decimal("amount")
    if amount is None or amount <= 0:
        raise InvalidRequest(field="amount", problem="must be more than nothing")
    return RecordPayment(number, amount, fields.text("reference"))


def _cancel(number: str, fields: Fields, today: date) -> Command:
    """A line or the goods of one sku; without either the whole order."""
    line, sku = fields.integer("line"), fields.optional_text("sku")
    reason, version = fields.text("reason"), fields.integer("version")
    if line is None and sku is None:
        return CancelOrder(number, reason, version)
    return CancelLine(number, reason, () if line is None else (line,), sku, version)


def _return(number: str, fields: Fields, today: date) -> Command:
    restock = fields.optional_flag("restock")
    return ReturnGoods(number, _some_of(fields), fields.text("reason"), restock is not False, fields.integer("version"))


def _some_of(fields: Fields) -> tuple[SomeOf, ...]:
    return tuple(_some(each) for each in fields.optional_objects("lines") or ())


def _some(fields: Fields) -> SomeOf:
    """So much of a line, or of goods by their sku."""
    some = SomeOf(_quantity(fields), fields.integer("line"), fields.optional_text("sku"), fields.optional_text("unit"))
    fields.done()
    if some.line is None and some.sku is None:
        raise InvalidRequest(field="lines", problem="need a line or a sku each")
    return some


def _amend(number: str, fields: Fields, today: date) -> Command:
    lines = fields.optional_objects("lines")
    return AmendOrder(
        number,
        lines=None if lines is None else tuple(_agreed_line(line) for line in lines),
        address=fields.optional_text("address"),
        delivery_date=fields.day("delivery_date"),
        delivery_mode=fields.one_of("delivery_mode", DeliveryMode),
        appointment=fields.optional_flag("appointment"),
        delivery_time=fields.changed_text("delivery_time", TIME),
        contact=fields.changed_text("contact"),
        phone=fields.changed_text("phone"),
        note=fields.changed_text("note"),
        payment_days=fields.integer("payment_days"),
        payment_month_end=fields.optional_flag("payment_month_end"),
        expected_version=fields.integer("version"),
    )


def _agreed_line(fields: Fields) -> NewLine:
    """A line without a price: what was agreed or what the catalogue says holds."""
    line = NewLine(fields.text("sku"), _quantity(fields), fields.optional_text("unit"))
    fields.done()
    return line


def _hold(number: str, fields: Fields, today: date) -> Command:
    return HoldOrder(number, fields.text("reason"))


def _release(number: str, fields: Fields, today: date) -> Command:
    return ReleaseOrder(number)


def _undo(number: str, fields: Fields, today: date) -> Command:
    return UndoLastChange(number)


def _invoice(number: str, fields: Fields, today: date) -> Command:
    return SendInvoiceAgain(number)


def _account_period(number: str, fields: Fields, today: date) -> Command:
    return StartAccountPeriod(number)


_TO_STATUS: Mapping[OrderStatus, Read] = {
    OrderStatus.CONFIRMED: _confirm,
    OrderStatus.AWAITING_SHIPMENT: _receive,
    OrderStatus.SHIPPED: _complete,
    OrderStatus.IN_ACCOUNT_PERIOD: _account_period,
    OrderStatus.SETTLED: lambda number, fields, today: SettlePayments(today, (number,)),
    OrderStatus.CANCELLED: _cancel,
    OrderStatus.ON_HOLD: _hold,
}


def _status(number: str, fields: Fields, today: date) -> Command:
    """The one command that leads to a status; where none does, it can't be set."""
    wanted = fields.one_of("status", OrderStatus)
    if wanted is None or wanted not in _TO_STATUS:
        raise InvalidRequest(field="status", problem=f"must be one of {', '.join(_TO_STATUS)}")
    return _TO_STATUS[wanted](number, fields, today)


_VERSIONED = {"version": VERSION}
_REASON = {"reason": TEXT}
_SOLD = {"sku": TEXT, "quantity": AMOUNT, "unit": TEXT}
_LINE = {"type": "object", "additionalProperties": False, "required": ["sku", "quantity"], "properties": _SOLD}
_DELIVERY = {
    "address": TEXT,
    "delivery_date": DAY,
    "delivery_mode": {"type": "string", "enum": [str(mode) for mode in DeliveryMode]},
    "appointment": {"type": "boolean"},
    "payment_days": {
        "type": "integer",
        "minimum": 0,
        "maximum": MOST_DAYS,
        "description": "Terms of this order alone; more days than the customer always has need the right grant_terms",
    },
    "payment_month_end": {"type": "boolean", "description": "They count from the end of the month of shipping"},
}
_CLOCK: Schema = {"type": "string", "pattern": TIME, "description": "Of the delivery date: 15:00, or a part of the day"}
_TOLD = {"contact": TEXT, "phone": TEXT, "note": TEXT, "delivery_time": _CLOCK}
_CHANGED = {
    name: {"type": "string", "maxLength": 2000, "description": "An empty text takes away what there was"}
    for name in ("contact", "phone", "note")
} | {"delivery_time": {**_CLOCK, "pattern": f"{TIME}|^$"}}
_AMENDED = (
    _DELIVERY
    | _CHANGED
    | _VERSIONED
    | {
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "items": _LINE,
            "description": "All lines that the order shall have; without it they stay",
        }
    }
)
_SOME: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["quantity"],
    "anyOf": [{"required": ["line"]}, {"required": ["sku"]}],
    "properties": {"line": LINE, "sku": TEXT, "quantity": AMOUNT, "unit": TEXT},
}
_PARCEL = {"carrier": TEXT, "tracking_number": TEXT, "address": TEXT, "ship_date": DAY, "version": VERSION}


def _of_lines(said: str) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": 1000, "items": _SOME, "description": said}


ACTIONS: Mapping[str, OrderAction] = {
    "confirm": OrderAction("Confirm; sends the invoice", _confirm, _VERSIONED),
    "approve": OrderAction("Approve an order that was confirmed above a limit", _approve, _VERSIONED),
    "reject": OrderAction("Reject it; it is to be confirmed anew", _reject, _REASON | _VERSIONED, ("reason",)),
    "receive": OrderAction(
        "The goods are in stock: all, or those named; the rest is on back-order", _receive,
        _VERSIONED | {"lines": _of_lines("What has come in; without it everything that is missing")},
    ),
    "shipment": OrderAction(
        "Give shipment information, while the order awaits shipment", _give_shipment,
        _PARCEL | {"lines": _of_lines("What is in the parcel; without it all that can leave")},
    ),
    "complete": OrderAction("Complete the shipment: what is in the parcels leaves", _complete, _VERSIONED),
    "account-period": OrderAction("Start the account period", _account_period),
    "payment": OrderAction(
        "Record a payment", _pay, {"amount": AMOUNT, "reference": TEXT}, ("amount", "reference")
    ),
    "settlement": OrderAction(
        "Settle at once: the payment (default) or the freight", _settle,
        {"what": {"type": "string", "enum": [str(each) for each in Settled]}},
    ),
    "amend": OrderAction("Amend before shipment; what is left out stays as it is", _amend, _AMENDED),
    "cancel": OrderAction(
        "Cancel the order, or what is left of a line of it", _cancel,
        _REASON | _VERSIONED | {"line": LINE, "sku": TEXT}, ("reason",),
    ),
    "return": OrderAction(
        "Goods have come back: into stock unless told otherwise, and credited", _return,
        _REASON | _VERSIONED | {"lines": _of_lines("What came back"), "restock": {"type": "boolean", "default": True}},
        ("lines", "reason"),
    ),
    "hold": OrderAction("Hold", _hold, _REASON, ("reason",)),
    "release": OrderAction("Release from hold", _release),
    "undo": OrderAction("Undo one's own last change within the grace window", _undo),
    "invoice": OrderAction("Send the invoice again, with the same number", _invoice),
    "status": OrderAction(
        "Bring to a status by the command that leads there", _status,
        {"status": {"type": "string", "enum": [str(each) for each in _TO_STATUS]}} | _REASON | _VERSIONED, ("status",),
    ),
}  # fmt: skip

CHANGE_SHIPMENT = OrderAction("Correct a parcel", _change_shipment, _PARCEL | {"parcel": TEXT})

PLACE_ORDER_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["customer"],
    "properties": {
        "customer": {**TEXT, "description": "The customer's id"},
        "lines": {"type": "array", "maxItems": 1000, "items": _LINE | {"properties": _SOLD | {"unit_price": AMOUNT}}},
        "total": {**AMOUNT, "description": "For an order without lines"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        **_DELIVERY,
        **_TOLD,
        "warehouse": TEXT,
        "allow_duplicate": {
            "type": "boolean",
            "description": "Place it although the same was ordered a short time ago (otherwise 409 possible_duplicate)",
        },
    },
}
