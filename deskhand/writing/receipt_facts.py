"""What a receipt says of an order that came from another system. Knows no storage."""

from __future__ import annotations

from deskhand.orders.model import Order
from deskhand.writing.facts import Fact, identifier, money, name


def receipt_facts(order: Order) -> dict[str, Fact | str]:
    """Customer, our number, the total, and the number that the other system gave it."""
    facts: dict[str, Fact | str] = {
        "customer": name(order.customer_name),
        "order": identifier(order.number),
        "total": money(order.total, order.currency),
    }
    if order.external_number:
        facts["external"] = identifier(order.external_number)
    return facts
