"""What an order desk is made of. Plain frozen data; knows nothing of storage, HTTP or language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from deskhand.orders.money import Money
from deskhand.orders.status import DeliveryMode, OrderStatus, PaymentStatus, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, through which door, and because of what (`cause`: the message or request id).

    `role` is the one that counts: of a colleague who is away where the own one does not allow what is asked for.
    """

    user_id: str
    role: Role
    tenant: str
    channel: str
    cause: str
    customer_id: str | None = None  # set for role customer: the only orders it may see
    on_behalf_of: str | None = None  # the user whose role is lent; only the desk sets it, never a token


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    aliases: tuple[str, ...] = ()
    email: str | None = None
    address: str | None = None
    region: str | None = None
    account_days: int = 0  # days to pay after shipping; 0: due at once
    language: str = "en"
    external_id: str | None = None
    source: str | None = None
    credit_limit: Decimal | None = None  # in the company's currency; None: no limit
    customer_class: str | None = None  # as the company sorts its customers: A, B, C; the decision tables read it
    month_end: bool = False  # the days to pay count from the end of the month of shipping


@dataclass(frozen=True, slots=True)
class Owed:
    """What a customer owes in one currency for what was confirmed, besides the orders that are asked about."""

    amount: Decimal = Decimal(0)
    overdue: Decimal = Decimal(0)
    oldest_due_on: date | None = None  # of what is overdue
    confirmed: int = 0  # how many of its orders ever were


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    name_zh: str
    name_en: str
    base_unit: str  # canonical unit code, e.g. "pack"
    units: Mapping[str, Decimal]  # unit code -> how many base units it holds
    price: Money  # of one base unit
    aliases: tuple[str, ...] = ()
    weight_kg: Decimal = Decimal(0)  # of one base unit


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`unit_price` and `amount` are for `unit`, not for the base unit."""

    number: int  # 1, 2, 3 ... within the order
    sku: str
    name: str
    quantity: Decimal
    unit: str
    base_quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    shipped: Decimal = Decimal(0)  # in `unit`, as the two below
    cancelled: bool = False
    returned: Decimal = Decimal(0)  # of what was shipped
    back_ordered: Decimal = Decimal(0)  # had not come in when the rest was received


@dataclass(frozen=True, slots=True)
class Packed:
    """So much of one line, in the line's unit."""

    line: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of a shipment; R1 and R4 speak of the first four. Without `contents`: all that can leave."""

    id: str
    carrier: str
    tracking_number: str
    address: str
    ship_date: date
    contents: tuple[Packed, ...] = ()


@dataclass(frozen=True, slots=True)
class Shipment:
    """`contents`: what left with it; empty where that was the whole order."""

    id: str
    warehouse: str
    parcels: tuple[Parcel, ...] = ()
    freight: Decimal | None = None
    completed_at: datetime | None = None
    freight_settled_at: datetime | None = None
    contents: tuple[Packed, ...] = ()


@dataclass(frozen=True, slots=True)
class Invoice:
    number: str
    issued_at: datetime
    total: Decimal
    currency: str
    sent_count: int = 0


class CreditKind(StrEnum):
    """What a credit note gives back for."""

    ORDER_CANCELLED = "order_cancelled"
    LINES_CANCELLED = "lines_cancelled"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """Goods on a credit note, as the order had them."""

    number: int
    sku: str
    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CreditNote:
    """Takes a part of an invoice back. One that was withdrawn in the undo window counts for nothing."""

    number: str
    order_id: str
    invoice: str
    kind: CreditKind
    amount: Decimal
    currency: str
    reason: str
    issued_at: datetime
    lines: tuple[CreditedLine, ...] = ()
    sent_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """How one order left the day's settlement: `paid`, or `overdue` and posted to the account."""

    order_id: str
    day: date
    amount: Decimal
    currency: str
    outcome: PaymentStatus


@dataclass(frozen=True, slots=True)
class Order:
    id: str  # opaque; people use `number`
    tenant: str
    number: str  # SO-1001
    customer_id: str
    customer_name: str
    status: OrderStatus
    payment_status: PaymentStatus
    currency: str
    total: Decimal
    lines: tuple[OrderLine, ...]
    row_version: int
    created_at: datetime
    updated_at: datetime
    warehouse: str
    delivery_mode: DeliveryMode | None = None
    appointment: bool = False
    address: str | None = None
    delivery_date: date | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    payment_due_on: date | None = None
    source: str | None = None  # which system it came from; None: entered here
    external_number: str | None = None
    header_only: bool = False  # a total without lines
    created_by: str | None = None
    shipments: tuple[Shipment, ...] = ()
    invoice: Invoice | None = None
    hold_reason: str | None = None
    reserved_until: datetime | None = None  # when the goods are given free; None: they are not, or not reserved
    reservation_lapsed: bool = False  # they were given free: to be reserved anew
    stopped_node: str | None = None  # where automatic processing stopped, and why
    stopped_reason: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        return tuple(parcel for shipment in self.shipments for parcel in shipment.parcels)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One link of an order's chain: `hash` covers the row and `previous_hash`."""

    seq: int
    event: str
    before: str | None
    after: str | None
    actor: str
    role: str
    channel: str
    cause: str
    at: datetime
    detail: Mapping[str, object]
    previous_hash: str
    hash: str
    on_behalf_of: str | None = None
