"""Customers and products that go with what somebody begins to type. Reads only; knows nothing of Slack."""

from __future__ import annotations

from deskhand.gateway.messengers.people import Person
from deskhand.orders.actions import QUERY_ORDERS
from deskhand.orders.errors import RoleNotAllowed
from deskhand.store import Desk

MOST = 20
CUSTOMER, PRODUCT = "customer", "product"

Choice = tuple[str, str]  # what is shown, and what is said for it


def choices(desk: Desk, person: Person, about: str, part: str) -> list[Choice]:
    """None for whoever may not see them: a customer's account knows of no other customer."""
    with desk.unit_of_work(person.tenant.id, read_only=True) as uow:
        if about == PRODUCT:
            chinese = person.language == "zh"
            found = uow.products.like(part, MOST)
            return [(f"{each.name_zh if chinese else each.name_en} ({each.sku})", each.sku) for each in found]
        try:
            if about != CUSTOMER or desk.only_customer(uow, QUERY_ORDERS, person.actor("choices")) is not None:
                return []
        except RoleNotAllowed:
            return []
        return [(each.name, each.name) for each in uow.customers.like(part, MOST)]
