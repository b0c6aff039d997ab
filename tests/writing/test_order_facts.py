"""What the texts about an order may say of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskhand.orders.status import DeliveryMode
from deskhand.store import Desk
from deskhand.store.demo import CUSTOMERS
from deskhand.writing import order_facts
from tests.support.desks import TENANT, clock, database_url, desk, placed, postgres_template

__all__ = ["clock", "database_url", "desk", "postgres_template"]


@pytest.mark.parametrize(("mode", "named"), [(DeliveryMode.COURIER, True), (DeliveryMode.PICKUP, False)])
def test_no_delivery_address_is_promised_for_what_is_collected(desk: Desk, mode: DeliveryMode, named: bool) -> None:
    order = replace(placed(desk), address="1 Main Street", delivery_mode=mode)

    told = order_facts(order, CUSTOMERS[0], {}, desk.tenants[TENANT])

    assert ("address" in told) is named
