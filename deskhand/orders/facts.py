"""What the guards and decisions of the process may ask about an order. Knows the process only by the names of facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.orders.credit import CONFIRMING, credit_facts
from deskhand.orders.model import Order, Product
from deskhand.orders.money import round_amount
from deskhand.orders.packing import in_base, leaving, open_shipment, rest_after
from deskhand.orders.ports import UnitOfWork
from deskhand.orders.scenario import Scenario
from deskhand.orders.status import Role
from deskhand.orders.tenant import Tenant
from deskhand.orders.terms import terms_of

Facts = dict[str, Any]
_FREIGHT_IS_DECIDED_BY = "complete_shipment"
_PERIOD_BEGINS_WITH = "start_account_period"
_RECEIVES, _PACKS = "receive_goods", "give_shipment_information"


def facts_of(
    uow: UnitOfWork,
    tenant: Tenant,
    orders: Sequence[Order],
    event: str,
    role: Role,
    scenarios: Mapping[str, Scenario],
) -> dict[str, Facts]:
    """By order id. What only one event needs is looked up for that event."""
    facts = {
        order.id: guards_of(order, tenant, scenarios[order.id]) | _reservation(order, tenant, event, uow.now)
        for order in orders
    }
    if event in CONFIRMING:
        for order_id, known in credit_facts(uow, tenant, orders, role).items():
            facts[order_id] |= known
    if event not in (_FREIGHT_IS_DECIDED_BY, _PERIOD_BEGINS_WITH):
        return facts
    customers = uow.customers.many({order.customer_id for order in orders})
    if event == _PERIOD_BEGINS_WITH:
        for order in orders:
            terms = terms_of(order.data, customers.get(order.customer_id))
            due_on = terms.due_on(tenant.today(order.shipped_at or uow.now))
            facts[order.id] |= {"payment_due_on": due_on, "payment_due_at": cut_off_of(due_on, tenant)}
    else:
        products = uow.products.many({line.sku for order in orders for line in order.lines})
        for order in orders:
            customer = customers.get(order.customer_id)
            facts[order.id] |= {
                "region": customer.region if customer else None,
                "weight_kg": weight_of(order, products, leaving(order)),
                "delivery_mode": str(order.delivery_mode) if order.delivery_mode else None,
                "value": _value(order, leaving(order)),
            }
    return facts


def guards_of(order: Order, tenant: Tenant, scenario: Scenario) -> Facts:
    """The facts that follow from the order and the way in which it is fulfilled."""
    shipment = open_shipment(order)
    packed = bool(shipment and shipment.parcels) or not scenario.needs_parcel
    gone = leaving(order)
    rest = rest_after(order, gone)
    return {
        "customer_known": bool(order.customer_id),
        "has_lines_or_total": bool(order.lines) or order.total > 0,
        "warehouse_known": bool(order.warehouse),
        "has_parcels": packed,
        "all_lines_covered": packed and not rest,
        "goods_ready": bool(gone) or not rest,
        "rest_to_ship": rest,
        "back_ordered": any(line.back_ordered for line in order.lines),
        "lines_not_packed": True,
        "no_parcels": not order.parcels,
        "not_shipped": not any(shipment.completed_at for shipment in order.shipments),
        "freight_known": all(each.freight is not None for each in order.shipments if each.parcels or each.completed_at),
        "due_or_forced": False,
        "payment_due_at": cut_off_of(order.payment_due_on, tenant),
    }


def _reservation(order: Order, tenant: Tenant, event: str, now: datetime) -> Facts:
    """When it is over; a parcel ends the waiting for good."""
    days = tenant.reservation_days
    never = order.reserved_until is None and not order.reservation_lapsed
    if (event in CONFIRMING and never) or (event == _RECEIVES and order.reservation_lapsed):
        return {"reservation_due_at": now + timedelta(days=days) if days else None}
    waits = not order.parcels and event != _PACKS and not order.reservation_lapsed
    return {"reservation_due_at": order.reserved_until if waits else None}


def cut_off_of(day: date | None, tenant: Tenant) -> datetime | None:
    """The moment at which the day's settlement is made."""
    return datetime.combine(day, tenant.settlement_cut_off, ZoneInfo(tenant.time_zone)) if day else None


def weight_of(order: Order, products: Mapping[str, Product], gone: Mapping[int, Decimal]) -> Decimal | None:
    """Kilograms of what leaves; None where nothing is known of any line's weight."""
    weights = [
        products[line.sku].weight_kg * in_base(line, gone[line.number])
        for line in order.lines
        if line.number in gone and line.sku in products
    ]
    return sum(weights, Decimal(0)) or None


def _value(order: Order, gone: Mapping[int, Decimal]) -> Decimal:
    """Of what leaves; of a header-only order the whole."""
    if not gone:
        return order.total
    values = [
        round_amount(line.unit_price * gone[line.number], order.currency) for line in order.lines if line.number in gone
    ]
    return sum(values, Decimal(0))
