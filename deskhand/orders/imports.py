"""Orders as they come from other systems: cleaned and grouped, not yet ours. Plain data; knows no files and no SQL.

Nobody changes what was made, but orders are not frozen: tens of thousands are made at once, and a frozen one of as many
fields takes eight times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from deskhand.orders.status import OrderStatus


@dataclass(frozen=True, slots=True)
class ImportedCustomer:
    external_id: str
    name: str
    region: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedProduct:
    """`price` is the latest that was seen, in the import's currency, of one piece."""

    sku: str
    name: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """`quantity` as ordered; `cancelled_quantity` of it was taken back by cancellations. `amount` is what remains."""

    sku: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    cancelled_quantity: Decimal = Decimal(0)


@dataclass(slots=True)
class ImportedOrder:
    """One order of a source. Without lines it is header-only: `total` is all that is known."""

    external_number: str
    customer_external_id: str
    created_at: datetime
    lines: tuple[ImportedLine, ...]
    total: Decimal
    updated_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivery_date: date | None = None
    address: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    freight: Decimal | None = None
    cancelled: bool = False  # every line was taken back
    refunded: bool = False
    currency: str | None = None  # None: the batch's


# sku, name, quantity, unit price, amount and cancelled quantity: numbers in ten-thousandths, as the database has them.
ScaledLine = tuple[str, str, int, int, int, int]


@dataclass(slots=True)
class LoadedOrder:
    """An order on its way into the tables: hundreds of thousands of lines are tuples of what the driver takes."""

    head: ImportedOrder
    lines: Sequence[ScaledLine]
    customer_id: str
    customer_name: str
    customer_address: str | None = None
    region: str | None = None
    source: str | None = None  # None: the batch's


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """What one import brings, in the order in which the orders are to be numbered.

    `start_status` None means closed history: settled (cancelled where cancelled), without any effect.
    `automatic` lets the worker carry the orders on without a person.
    """

    source: str
    currency: str
    customers: tuple[ImportedCustomer, ...]
    products: tuple[ImportedProduct, ...]
    orders: tuple[ImportedOrder, ...]
    start_status: OrderStatus | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What was written; `numbers` maps external to our numbers for the orders that are new.

    `like`: of these, the ones that hold the same as an order placed shortly before, with that one's number.
    """

    inserted: int
    already_known: int
    customers: int
    products: int
    numbers: Mapping[str, str] = field(default_factory=dict)
    like: Mapping[str, str] = field(default_factory=dict)
