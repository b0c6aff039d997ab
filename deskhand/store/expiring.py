"""Reservations whose time is over: the timers of the diagram are fired, hundreds of orders at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskhand.engine import TIMER
from deskhand.orders.moving import moved
from deskhand.orders.status import OrderStatus
from deskhand.store.automatic import CHUNK, system_actor

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

_RESERVED_IN = frozenset({OrderStatus.CONFIRMED, OrderStatus.AWAITING_SHIPMENT})


def release_expired(desk: Desk, tenant: str) -> int:
    """Says how many orders' goods were given free. An order that somebody is just changing waits for the next round."""
    released = 0
    with desk.unit_of_work(tenant, read_only=True) as uow:
        ids = uow.orders.due_ids(uow.now, _RESERVED_IN)
    for start in range(0, len(ids), CHUNK):
        with desk.unit_of_work(tenant) as uow:
            uow.outbox.lock("reservations")
            orders = uow.orders.by_ids(ids[start : start + CHUNK])
            due = [order for order in orders if order.status in _RESERVED_IN and not order.reservation_lapsed]
            steps, _ = moved(desk.work(uow, system_actor(tenant)), due, TIMER)
            uow.commit()
        released += len(steps)
    return released
