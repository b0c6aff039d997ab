"""The draft of an order as a conversation fills it: plain data, and what is asked next.

Knows nothing of Rasa, the store or of how a text is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.status import DeliveryMode

PLACE_FORM = "place_order_form"
CUSTOMER, PRODUCT, QUANTITY, LINES = "customer", "product", "quantity", "lines"
DELIVERY_MODE, ADDRESS, DELIVERY_DATE, CONFIRM = "delivery_mode", "address", "delivery_date", "order_confirmation"
SLOTS = (CUSTOMER, PRODUCT, QUANTITY, LINES, DELIVERY_MODE, ADDRESS, DELIVERY_DATE, CONFIRM)


@dataclass
class Line:
    """A certain line; `quantity` is a decimal's text, `unit` a code."""

    sku: str
    quantity: str
    unit: str


@dataclass
class OpenLine:
    """A line with something to ask: which product (`candidates`), or how much."""

    said: str
    candidates: list[str] = field(default_factory=list)
    sku: str | None = None
    quantity: str | None = None
    unit: str | None = None


@dataclass
class OrderDraft:
    """JSON in the store, this in the code. `card` is the read-back that waits for an answer."""

    customer: str | None = None
    customer_said: str | None = None
    customer_choices: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    open_lines: list[OpenLine] = field(default_factory=list)
    address: str | None = None
    delivery_mode: str | None = None
    appointment: bool = False
    delivery_date: str | None = None
    delivery_time: str | None = None
    note: str | None = None
    contact: str | None = None
    phone: str | None = None
    payment_days: int | None = None
    payment_month_end: bool = False
    as_before: bool = False  # the order before is to be repeated once it is known whose
    card: str | None = None
    like: str | None = None  # the order with the same content that the card has spoken of

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> OrderDraft:
        draft = cls(**{key: value for key, value in state.items() if key not in {"lines", "open_lines"}})
        draft.lines = [Line(**line) for line in state.get("lines", ())]
        draft.open_lines = [OpenLine(**line) for line in state.get("open_lines", ())]
        return draft

    def to_state(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def question(self) -> str:
        """What is asked next; CONFIRM when nothing is missing."""
        wanted = (
            (CUSTOMER, self.customer is None),
            (PRODUCT, any(line.candidates for line in self.open_lines[:1])),
            (QUANTITY, bool(self.open_lines)),
            (LINES, not self.lines),
            (DELIVERY_MODE, self.delivery_mode is None),
            (ADDRESS, self.address is None and self.delivery_mode != DeliveryMode.PICKUP),
            (DELIVERY_DATE, self.delivery_date is None),
        )
        return next((question for question, missing in wanted if missing), CONFIRM)

    def command(self) -> PlaceOrder:
        """The draft as the command that places it."""
        assert self.customer is not None
        return PlaceOrder(
            customer_id=self.customer,
            lines=tuple(NewLine(line.sku, Decimal(line.quantity), line.unit) for line in self.lines),
            address=None if self.delivery_mode == DeliveryMode.PICKUP else self.address,
            delivery_date=date.fromisoformat(self.delivery_date) if self.delivery_date else None,
            delivery_mode=DeliveryMode(self.delivery_mode) if self.delivery_mode else None,
            appointment=self.appointment,
            delivery_time=self.delivery_time,
            contact=self.contact,
            phone=self.phone,
            note=self.note,
            payment_days=self.payment_days,
            payment_month_end=self.payment_month_end or None,
        )

    def slots(self) -> dict[str, Any]:
        """What Rasa is shown; it decides nothing by these."""
        lines = [asdict(line) for line in self.lines] or None
        return dict.fromkeys(SLOTS) | {
            CUSTOMER: self.customer,
            LINES: lines,
            ADDRESS: self.address,
            DELIVERY_MODE: self.delivery_mode,
            DELIVERY_DATE: self.delivery_date,
        }
