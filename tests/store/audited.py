"""A desk with an audit worth looking at, and whether its chains hold."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.orders.commands import (
    CompleteShipment,
    HoldOrder,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.store import Desk
from deskhand.store.database import Database
from deskhand.store.verifying import Verification, verify
from tests.support.desks import ADMIN, CLERK, TENANT, done, order_in


def verified(database: Database, **more: Any) -> Verification:
    with database.transaction(True, TENANT) as connection:
        return verify(connection, TENANT, **more)


def refused(desk: Desk, number: str, actor: Actor = CLERK) -> None:
    with pytest.raises(DeskhandError):
        desk.handle(CompleteShipment(number), actor)


def lived_in(desk: Desk) -> None:
    """Orders in several states, refusals, administrative rows."""
    orders = [order_in(desk, where) for where in ("pending_confirmation", "awaiting_shipment", "in_account_period")]
    done(desk, HoldOrder(orders[0].number, "a reason"), CLERK)
    for order in orders:
        refused(desk, order.number)
    with desk.unit_of_work(TENANT) as uow:
        before, after = ({"role": role, "name": "Li Na"} for role in ("sales", "manager"))
        uow.audit.add(ADMIN, "manage_users", "li.na@example.com", "done", before=before, after=after)
        uow.audit.add_unknown("http", "request-9", "sign_in", "someone", "refused", {"code": "sign_in_refused"})
        uow.commit()
