"""What can be asked of the order desk: imperative, immutable, complete. Knows nothing of how it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from deskhand.orders.status import DeliveryMode, OrderStatus


@dataclass(frozen=True, slots=True)
class NewLine:
    sku: str
    quantity: Decimal
    unit: str | None = None  # None: the product's base unit
    unit_price: Decimal | None = None  # None: the catalogue's price


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Given by chat, HTTP or import. Without lines a total is needed (header-only).

    `payment_days` are terms agreed for this order alone, in place of the customer's; with `payment_month_end` they
    count from the end of the month of shipping.
    """

    customer_id: str
    lines: tuple[NewLine, ...] = ()
    total: Decimal | None = None
    currency: str | None = None
    address: str | None = None
    delivery_date: date | None = None
    delivery_mode: DeliveryMode | None = None
    appointment: bool = False
    delivery_time: str | None = None  # of the delivery date: 15:00, or the part of the day
    contact: str | None = None
    phone: str | None = None
    note: str | None = None
    payment_days: int | None = None
    payment_month_end: bool | None = None
    warehouse: str | None = None
    source: str | None = None
    external_number: str | None = None
    created_at: datetime | None = None
    start_status: OrderStatus = OrderStatus.PENDING_CONFIRMATION
    unless_like: bool = False  # refused where the same was placed a short time ago: who gives it has not seen that one


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    number: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class SomeOf:
    """So much of an order's goods, by the number of the line or by sku (with several such lines: the first first)."""

    quantity: Decimal
    line: int | None = None
    sku: str | None = None
    unit: str | None = None  # None: the line's own


@dataclass(frozen=True, slots=True)
class ApproveOrder:
    """Above the limit of whoever confirmed it: the confirmation takes effect."""

    number: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class RejectOrder:
    """Not like this: the order is to be confirmed anew, amended or cancelled."""

    number: str
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiveGoods:
    """Everything that is missing has come in; with `lines` only these, and the rest is on back-order.

    What is on back-order comes in by the same command, while the order awaits shipment.
    """

    number: str
    expected_version: int | None = None
    lines: tuple[SomeOf, ...] = ()


@dataclass(frozen=True, slots=True)
class GiveShipmentInformation:
    """R1: only while awaiting shipment. Address and date default to the order's and today; what is empty of carrier and
    tracking number must be known by the scenario.

    `lines` is what is in the parcel; without it, all that can leave.
    """

    number: str
    carrier: str
    tracking_number: str
    address: str | None = None
    ship_date: date | None = None
    expected_version: int | None = None
    lines: tuple[SomeOf, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeShipmentInformation:
    """R4: corrects one parcel (the only one if `parcel_id` is None); None leaves a field as it is."""

    number: str
    parcel_id: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    address: str | None = None
    ship_date: date | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class CompleteShipment:
    """R1 and R6: what the parcels hold leaves; the order is shipped when nothing is left of it.

    An event apart from giving the information.
    """

    number: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class StartAccountPeriod:
    number: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class RecordPayment:
    number: str
    amount: Decimal
    reference: str
    paid_at: datetime | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class SettlePayments:
    """R7: the day's settlement; `numbers` when finance asks at once, else every order due on `day`."""

    day: date
    numbers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SettleFreight:
    number: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    number: str
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class CancelLine:
    """What has not been shipped of these lines, by number or by sku; not of all lines: that is `CancelOrder`."""

    number: str
    reason: str
    lines: tuple[int, ...] = ()
    sku: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnGoods:
    """Goods that were shipped have come back. `restock`: they can be sold again."""

    number: str
    lines: tuple[SomeOf, ...]
    reason: str
    restock: bool = True
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """Before the first parcel is given. None leaves a field as it is; `lines` is the whole new set of them.

    Of what was said besides (contact, phone, note, time of delivery) an empty text takes away what there was.
    """

    number: str
    lines: tuple[NewLine, ...] | None = None
    address: str | None = None
    delivery_date: date | None = None
    delivery_mode: DeliveryMode | None = None
    appointment: bool | None = None
    delivery_time: str | None = None
    contact: str | None = None
    phone: str | None = None
    note: str | None = None
    payment_days: int | None = None
    payment_month_end: bool | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class HoldOrder:
    number: str
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    number: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class SendInvoiceAgain:
    """R5: the same number, sent once more."""

    number: str


@dataclass(frozen=True, slots=True)
class UndoLastChange:
    """Compensates the actor's own last change of the order inside the grace window."""

    number: str | None = None  # None: the last order that the actor changed
    expected_version: int | None = None


Command = (
    PlaceOrder
    | ConfirmOrder
    | ApproveOrder
    | RejectOrder
    | ReceiveGoods
    | GiveShipmentInformation
    | ChangeShipmentInformation
    | CompleteShipment
    | StartAccountPeriod
    | RecordPayment
    | SettlePayments
    | SettleFreight
    | CancelOrder
    | CancelLine
    | ReturnGoods
    | AmendOrder
    | HoldOrder
    | ReleaseOrder
    | SendInvoiceAgain
    | UndoLastChange
)
