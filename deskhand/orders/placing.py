"""A new order: everything that was said is checked, and priced from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from deskhand.orders.changes import FREE_TEXT
from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.duplicates import expect_new
from deskhand.orders.errors import (
    CurrencyDiffers,
    DateInPast,
    DuplicateOrder,
    InvalidQuantity,
    NothingOrdered,
    TermsOutOfRange,
    TotalDiffers,
    UnknownProduct,
    UnknownUnit,
    UnknownWarehouse,
)
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.history import Entry
from deskhand.orders.model import Customer, Order, OrderLine, Product
from deskhand.orders.money import round_amount
from deskhand.orders.scenario import Scenario, scenario_of
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.terms import MONTH_END, PAYMENT_DAYS
from deskhand.orders.work import Outcome, Work, about

MOST = Decimal(1_000_000)
MOST_MONEY = Decimal(1_000_000_000)
MOST_DAYS = 730  # to pay
TOLD = ("contact", "phone", "note", "delivery_time")  # texts said besides; they lie in an order's data


def place_order(work: Work, command: PlaceOrder) -> Outcome:
    """Checks, prices, numbers and stores the order, at the beginning of its process.

    Raises:
        OrderError: naming what is wrong; nothing is stored then.
    """
    customer = work.uow.customers.get(command.customer_id)
    _refuse_duplicate(work, command)
    process = work.process
    scenario = scenario_of(process.decide, work.actor.channel, command.delivery_mode, command.appointment)
    order = drawn_up(
        work, command, customer, scenario
    )  # takes the number: of two alike at once the second sees the first
    if command.unless_like:  # the number is taken by now: of two alike at once the second sees the first
        expect_new(work.uow, work.tenant, order)
    status = None if order.status is OrderStatus.PENDING_CONFIRMATION else str(order.status)
    begun = process.begin(order.id, work.now, status)
    runs = (process.table.process, process.version, [begun], work.actor.channel, scenario.automatic)
    work.uow.cases.begin(*runs)
    stored = work.uow.orders.add([_entry(order, scenario)], work.actor)[0]
    placed = DomainEvent(EventName.ORDER_PLACED, stored.id, {**about(stored), "lines": len(stored.lines)})
    work.uow.outbox.publish(placed, work.actor)
    return Outcome(stored, (placed,), (stored.number,))


def drawn_up(work: Work, command: PlaceOrder, customer: Customer, scenario: Scenario) -> Order:
    """The order as it would be stored; the number is taken here."""
    check_date(work, command.delivery_date)
    check_terms(command.payment_days)
    warehouse = command.warehouse or scenario.warehouse or work.tenant.default_warehouse
    if warehouse != work.tenant.default_warehouse and not work.uow.warehouses.has(warehouse):
        raise UnknownWarehouse(warehouse=warehouse)
    currency = command.currency or work.tenant.currency
    products = work.uow.products.many({line.sku for line in command.lines})
    own_prices = command.source is not None
    lines = priced(command.lines, products, currency, own_prices)
    return Order(
        id=work.uow.new_id(),
        tenant=work.tenant.id,
        number=work.uow.orders.numbers()[0],
        customer_id=customer.id,
        customer_name=customer.name,
        status=command.start_status,
        payment_status=PaymentStatus.UNPAID,
        currency=currency,
        total=total_of(lines, command.total, currency),
        lines=lines,
        row_version=0,
        created_at=command.created_at or work.now,
        updated_at=work.now,
        warehouse=warehouse,
        delivery_mode=command.delivery_mode,
        appointment=command.appointment,
        address=command.address or customer.address,
        delivery_date=command.delivery_date,
        source=command.source,
        external_number=command.external_number,
        header_only=not lines,
        created_by=work.actor.user_id,
        data={"channel": work.actor.channel, **_besides(command)},
    )


def _besides(command: PlaceOrder) -> dict[str, object]:
    """What was said besides; whether its terms may be granted is for the desk to say."""
    said: dict[str, object] = {name: getattr(command, name) or None for name in TOLD}
    said[PAYMENT_DAYS], said[MONTH_END] = command.payment_days, command.payment_month_end
    return {name: value for name, value in said.items() if value is not None}


def check_terms(days: int | None) -> None:
    """Raises TermsOutOfRange for days to pay that nobody means."""
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise TermsOutOfRange(days=days, most=MOST_DAYS)


def check_date(work: Work, wanted: date | None) -> None:
    """Raises DateInPast for a delivery date before the tenant's today."""
    if wanted is not None and wanted < work.tenant.today(work.now):
        raise DateInPast(date=wanted.isoformat())


def priced(
    lines: tuple[NewLine, ...], products: Mapping[str, Product], currency: str, own_prices: bool = False
) -> tuple[OrderLine, ...]:
    """Order lines at catalogue prices; the price of a line counts only with `own_prices` (imports, agreed prices).

    Raises:
        UnknownProduct, UnknownUnit, InvalidQuantity, CurrencyDiffers: naming the first line that is wrong.
    """
    return tuple(_priced(number, line, products, currency, own_prices) for number, line in enumerate(lines, start=1))


def _priced(number: int, line: NewLine, products: Mapping[str, Product], currency: str, own_prices: bool) -> OrderLine:
    product = products.get(line.sku)
    if product is None:
        raise UnknownProduct(product=line.sku)
    if not line.quantity.is_finite() or not 0 < line.quantity <= MOST or line.quantity != round(line.quantity, 4):
        raise InvalidQuantity(quantity=str(line.quantity), product=line.sku)
    unit = line.unit or product.base_unit
    size = product.units.get(unit)
    if size is None:
        raise UnknownUnit(product=line.sku, unit=unit, units=", ".join(product.units))
    given = line.unit_price if own_prices else None
    price = _catalogue_price(product, size, currency) if given is None else given
    return OrderLine(
        number=number,
        sku=product.sku,
        name=product.name_zh or product.name_en,
        quantity=line.quantity,
        unit=unit,
        base_quantity=line.quantity * size,
        unit_price=price,
        amount=round_amount(price * line.quantity, currency),
    )


def _catalogue_price(product: Product, size: Decimal, currency: str) -> Decimal:
    if product.price.currency != currency:
        raise CurrencyDiffers(product=product.sku, currency=product.price.currency, wanted=currency)
    return round_amount(product.price.amount * size, currency)


def total_of(lines: tuple[OrderLine, ...], said: Decimal | None, currency: str) -> Decimal:
    """What the lines add up to; without lines the total that was said.

    Raises:
        NothingOrdered, InvalidQuantity, TotalDiffers: there is neither; it is no sum of money; both, and they differ.
    """
    if not lines and said is None:
        raise NothingOrdered()
    total = sum((line.amount for line in lines), Decimal(0)) if lines else said or Decimal(0)
    if not total.is_finite() or not 0 <= total <= MOST_MONEY or (not lines and total == 0):
        raise InvalidQuantity(quantity=str(total))
    total = round_amount(total, currency)
    if lines and said is not None and round_amount(said, currency) != total:
        raise TotalDiffers(lines=str(total), total=str(said))
    return total


def _refuse_duplicate(work: Work, command: PlaceOrder) -> None:
    if command.source is None or command.external_number is None:
        return
    known = work.uow.orders.by_external(command.source, command.external_number)
    if known is not None:
        raise DuplicateOrder(source=command.source, external_number=command.external_number, number=known.number)


def _entry(order: Order, scenario: Scenario) -> Entry:
    detail: dict[str, object] = {
        "total": str(order.total),
        "currency": order.currency,
        "lines": [[line.sku, str(line.quantity), line.unit, str(line.amount)] for line in order.lines],
        "scenario": scenario.rule,
        "source": order.source,
        "external_number": order.external_number,
    }
    detail |= {name: order.data[name] for name in (PAYMENT_DAYS, MONTH_END) if name in order.data}
    personal = {name: value for name, value in order.data.items() if name in FREE_TEXT}
    whose = {"customer_name": order.customer_name, "address": order.address, **personal}
    return Entry(order, "place_order", None, detail, whose)
