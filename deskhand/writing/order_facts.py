"""An order as facts: what the texts about it may say. Knows nothing of where orders are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deskhand.orders.model import Customer, Invoice, Order, OrderLine, Product
from deskhand.orders.status import DeliveryMode
from deskhand.orders.tenant import Tenant
from deskhand.orders.units import UNIT_NAMES, UnitName
from deskhand.writing import facts
from deskhand.writing.facts import Fact, Facts

_MODES = {
    "direct": ("仓库直发", "direct from our warehouse"),
    "courier": ("快递", "by courier"),
    "own": ("自送", "by our own van"),
    "pickup": ("自提", "to be collected"),
}
_MOST_LINES = 6  # a longer order is described by its total


def order_facts(
    order: Order,
    customer: Customer,
    products: Mapping[str, Product],
    tenant: Tenant,
    invoice: Invoice | None = None,
) -> Facts:
    """Keys as the files of `writing` name them; what the order lacks is left out."""
    return {key: fact for key, fact in _all(order, customer, products, tenant, invoice) if fact is not None}


def _all(
    order: Order, customer: Customer, products: Mapping[str, Product], tenant: Tenant, invoice: Invoice | None
) -> Iterator[tuple[str, Fact | None]]:
    live = [line for line in order.lines if not line.cancelled]
    yield "customer", facts.name(customer.name, None, *customer.aliases)
    yield "order", facts.identifier(order.number)
    yield "external", facts.identifier(order.external_number) if order.external_number else None
    yield "lines", facts.listing(_line(each, products) for each in live) if 0 < len(live) <= _MOST_LINES else None
    yield "total", facts.money(order.total, order.currency)
    collected = order.delivery_mode is DeliveryMode.PICKUP  # nothing goes to the address, whatever the order holds
    yield "address", facts.name(order.address) if order.address and not collected else None
    yield "delivery_date", facts.day(order.delivery_date) if order.delivery_date else None
    yield "delivery_mode", facts.name(*_MODES[order.delivery_mode]) if order.delivery_mode else None
    if invoice is not None:
        yield "invoice", facts.identifier(invoice.number)
        yield "invoice_date", facts.day(tenant.today(invoice.issued_at))
        yield "total", facts.money(invoice.total, invoice.currency)
        yield "due_date", facts.day(order.payment_due_on) if order.payment_due_on else None


def _line(line: OrderLine, products: Mapping[str, Product]) -> Fact:
    product = products.get(line.sku)
    names = (product.name_zh, product.name_en, *product.aliases, line.name) if product else (line.name,)
    what = facts.name(names[0], *names[1:2], *names[2:])
    unit = UNIT_NAMES.get(line.unit, UnitName(line.unit, line.unit, line.unit))
    return facts.line(what, facts.quantity(line.quantity, unit, of=what.spellings))
