"""What the readers return: frozen records of what somebody wrote.

A reading says what was said, never what is allowed. Spans are positions in `normalise(text)`; those of numbers, money,
quantities and moments read on their own (deskhand.language.values) are positions in the text as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal

Span = tuple[int, int]
Whenever = date | time | datetime


@dataclass(frozen=True)
class CatalogueProduct:
    """A product as the tenant names it; `units` maps a unit name or alias to how many base units it holds."""

    sku: str
    names: tuple[str, ...]
    base_unit: str = ""
    units: Mapping[str, Decimal] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class CatalogueCustomer:
    """A customer with every name and alias it goes by."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class DraftLine:
    """A line of the draft that a correction speaks about."""

    sku: str
    name: str
    quantity: Decimal
    unit: str | None = None


@dataclass(frozen=True)
class Match:
    """A catalogue entry found in a text. Several matches over one span are alternatives."""

    item: CatalogueProduct | CatalogueCustomer
    said: str
    span: Span
    score: float


@dataclass(frozen=True)
class NumberReading:
    """A number; `high` is set when a range was said (三五个, 10 to 20)."""

    value: Decimal
    text: str
    span: Span
    high: Decimal | None = None


@dataclass(frozen=True)
class MoneyReading:
    """An amount with its ISO 4217 currency; `currency` is empty when only 块 or $-less words told it was money."""

    amount: Decimal
    currency: str
    text: str
    span: Span


@dataclass(frozen=True)
class QuantityReading:
    """A measured quantity: `unit` is its English name, `kind` what it measures (length, weight, count, time, ...)."""

    value: Decimal
    unit: str
    kind: str
    text: str
    span: Span
    high: Decimal | None = None


@dataclass(frozen=True)
class MomentReading:
    """A day, a time of day, or both; `part` is the part of the day when only that was said (明天上午)."""

    date: date | None
    time: time | None
    text: str
    span: Span
    part: str | None = None

    @property
    def value(self) -> Whenever | None:
        """The date, the time, or both as one moment of the local clock."""
        if self.date and self.time:
            return datetime.combine(self.date, self.time)
        return self.date or self.time


@dataclass(frozen=True)
class DateReading:
    """A date; `deadline` when it was said as a limit (周五前, by Friday)."""

    date: date
    text: str
    span: Span
    deadline: bool = False


@dataclass(frozen=True)
class LineReading:
    """One order line. `problem` is None only when product and quantity are both certain."""

    product: CatalogueProduct | None
    candidates: tuple[CatalogueProduct, ...]
    said: str
    quantity: Decimal | None
    unit: str | None
    span: Span
    problem: str | None = None
    quantity_range: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True)
class SomeReading:
    """Some goods of an order: which they may be (none: not said), and how many (None: all of them, or not said)."""

    skus: tuple[str, ...]
    quantity: Decimal | None
    unit: str | None


@dataclass(frozen=True)
class OrderReading:
    """Everything one message said about an order; what was not said is None or empty."""

    customer: CatalogueCustomer | None = None
    customer_candidates: tuple[CatalogueCustomer, ...] = ()
    customer_said: str | None = None
    lines: tuple[LineReading, ...] = ()
    address: str | None = None
    contact: str | None = None
    phone: str | None = None
    delivery_mode: str | None = None
    appointment: bool | None = None
    delivery_date: date | None = None
    delivery_date_problem: str | None = None
    delivery_date_choices: tuple[date, ...] = ()  # one of these: Wednesday or Thursday
    delivery_time: str | None = None  # 15:00, or the part of the day: morning, noon, afternoon, evening, ...
    payment_days: int | None = None
    payment_month_end: bool = False  # they count from the end of the month
    note: str | None = None
    note_replaces: bool = False  # it stands in place of what was noted before
    same_order: bool = False  # as the order before
    same_address: bool = False  # where the goods always go

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was read."""
        return self == OrderReading()

    def without_customer(self) -> OrderReading:
        """All of it but whose it is."""
        return replace(self, customer=None, customer_candidates=(), customer_said=None)


@dataclass(frozen=True)
class ChangeReading:
    """Corrections to a draft: `set_lines` are absolute, `add_lines` are increments (a new line if the SKU is new)."""

    set_lines: tuple[LineReading, ...] = ()
    add_lines: tuple[LineReading, ...] = ()
    remove_skus: tuple[str, ...] = ()
    fields: OrderReading = OrderReading()
    unknown: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerReading:
    """What a text is to the pending question: answer, correction, digression, leave, yes or no, and its values."""

    kind: str
    customer: CatalogueCustomer | None = None
    customer_candidates: tuple[CatalogueCustomer, ...] = ()
    lines: tuple[LineReading, ...] = ()
    quantity: Decimal | None = None
    unit: str | None = None
    text: str | None = None
    delivery_mode: str | None = None
    delivery_date: date | None = None
    order_numbers: tuple[str, ...] = ()
    carrier: str | None = None
    tracking_number: str | None = None
    choice: int | None = None
    fields: OrderReading = OrderReading()
    change: ChangeReading | None = None
    problem: str | None = None

    def chosen(self, options: Sequence[str]) -> str | None:
        """The option at the place that was said: 1 is the first, -1 the last."""
        place = self.choice
        if not place or not -len(options) <= place <= len(options):
            return None
        return options[place - 1 if place > 0 else place]


@dataclass(frozen=True)
class CarrierReading:
    """A carrier as said, with its code when it is one we know."""

    code: str | None
    said: str
    span: Span


@dataclass(frozen=True)
class ShipmentReading:
    """Shipment information: `carrier` is the known code, else the name as said."""

    order_number: str | None = None
    carrier: str | None = None
    carrier_said: str | None = None
    carrier_known: bool = False
    tracking_number: str | None = None
    address: str | None = None
    ship_date: date | None = None


@dataclass(frozen=True)
class RequestReading:
    """One of several requests of a message: its kind, the order's number as said (None: not said), its words."""

    kind: str
    number: str | None
    text: str
    reason: str | None = None
