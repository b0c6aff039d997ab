"""What credit.dmn and approval.dmn may ask when an order is confirmed: what the customer owes, and who confirms.

Knows no limits: what follows from these facts stands in the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from deskhand.orders.model import Customer, Order, Owed
from deskhand.orders.ports import UnitOfWork
from deskhand.orders.status import Role
from deskhand.orders.tenant import Tenant

# After each of these a confirmation may take effect.
CONFIRMING = frozenset({"confirm_order", "release_order", "approve_order"})
CREDIT_GATEWAY = "credit_decided"
CREDIT, APPROVAL = "credit", "approval"

Facts = dict[str, Any]


def credit_facts(uow: UnitOfWork, tenant: Tenant, orders: Sequence[Order], role: Role) -> dict[str, Facts]:
    """As `standing_of`. Who has a limit is decided one at a time, so that two orders at once can't both be the last
    within it.
    """
    customers = uow.customers.many({order.customer_id for order in orders})
    uow.customers.lock_credit(sorted(one.id for one in customers.values() if one.credit_limit is not None))
    return standing_of(uow, tenant, orders, role, customers)


def standing_of(
    uow: UnitOfWork, tenant: Tenant, orders: Sequence[Order], role: Role, customers: Mapping[str, Customer]
) -> dict[str, Facts]:
    """By order id. Orders that are confirmed together count for one another, in their order."""
    today = tenant.today(uow.now)
    owed = uow.customers.owed(customers, tenant.currency, today, besides=[order.id for order in orders])
    running: dict[str, Decimal] = {}
    facts = {}
    for order in orders:
        customer, known = customers.get(order.customer_id), owed.get(order.customer_id, Owed())
        if order.currency == tenant.currency:
            running[order.customer_id] = running.get(order.customer_id, known.amount) + order.total
        facts[order.id] = _of_customer(customer, known, running.get(order.customer_id), today) | {
            "total": order.total,
            "currency": order.currency,
            "acting_role": str(role),
        }
    return facts


def _of_customer(customer: Customer | None, owed: Owed, together: Decimal | None, today: date) -> Facts:
    limit = customer.credit_limit if customer else None
    over = None if limit is None or together is None else together - limit
    return {
        "customer_class": customer.customer_class if customer else None,
        "new_customer": owed.confirmed == 0,
        "open_amount": owed.amount,
        "overdue_amount": owed.overdue,
        "overdue_days": (today - owed.oldest_due_on).days if owed.oldest_due_on else 0,
        "credit_limit": limit,
        "over_limit": over,
    }


def reason_of(decided: Collection[Mapping[str, Any]], decision: str) -> str | None:
    """What the table says of the rule that applied, in the words of those who wrote it."""
    return next((str(each["annotation"]) for each in decided if each["decision"] == decision), None)


def in_language(reason: str, language: str) -> str:
    """Annotations say both: 超过信用额度 / Above the credit limit."""
    both = reason.split(" / ")
    return reason if len(both) != 2 else both[0 if language == "zh" else 1]
