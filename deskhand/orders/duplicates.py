"""Whether an order was placed already: the same customer, goods, quantities and total, within the company's window.

Two orders that are alike may both be meant, so it is asked about; only the same number of the same source is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from deskhand.orders.errors import PossibleDuplicate
from deskhand.orders.history import canonical
from deskhand.orders.model import Order
from deskhand.orders.ports import UnitOfWork
from deskhand.orders.tenant import Tenant


def content_hash(customer_id: str, currency: str, total: Decimal, lines: Iterable[tuple[str, Decimal]]) -> str:
    """The same for orders that ask for the same, in whatever order and unit their lines stand."""
    sums: dict[str, Decimal] = {}
    for sku, quantity in lines:
        sums[sku] = sums.get(sku, Decimal(0)) + quantity
    goods = [[sku, _said(quantity)] for sku, quantity in sorted(sums.items())]
    return hashlib.sha256(canonical([customer_id, currency, _said(total), goods])).hexdigest()


def content_of(order: Order) -> str:
    """The hash of an order as it is."""
    goods = ((line.sku, line.base_quantity) for line in order.lines if not line.cancelled)
    return content_hash(order.customer_id, order.currency, order.total, goods)


def like(uow: UnitOfWork, tenant: Tenant, order: Order) -> Order | None:
    """The newest order that was placed with the same content within the window and is not cancelled."""
    since = window(tenant, order.created_at)
    return uow.orders.placed_like(content_of(order), since, order.id) if since else None


def window(tenant: Tenant, at: datetime) -> datetime | None:
    """From when on orders are compared; None: the company does not want it."""
    return at - timedelta(hours=tenant.duplicate_hours) if tenant.duplicate_hours else None


def expect_new(uow: UnitOfWork, tenant: Tenant, order: Order) -> None:
    """Raises PossibleDuplicate, with the number and time of the order that is like this one."""
    found = like(uow, tenant, order)
    if found is not None:
        raise PossibleDuplicate(number=found.number, when=found.created_at.isoformat(timespec="minutes"))


def _said(value: Decimal) -> str:
    """5, whether it was written 5.00 or 5."""
    return f"{value.normalize():f}"
