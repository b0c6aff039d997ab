"""Consumer `freight`: makes sure that each completed shipment has the record that finance will close (R6, R8).

The freight itself is decided in the transaction that completes the shipment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from deskhand.orders.events import FREIGHT
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk, UnitOfWork
from deskhand.worker.consumer import once


class FreightConsumer:
    name = FREIGHT

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        await asyncio.to_thread(self._record, tenant, delivery)

    def _record(self, tenant: Tenant, delivery: Delivery) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:
            once(uow, delivery, lambda: _open(uow, str(delivery.event.order_id)))


def _open(uow: UnitOfWork, order_id: str) -> Mapping[str, object]:
    order = uow.orders.by_id(order_id)
    owed = [
        (shipment.id, order.id, shipment.freight, order.currency)
        for shipment in order.shipments
        if shipment.completed_at is not None and shipment.freight is not None
    ]
    uow.freight.open_many(owed)
    return {"outcome": "recorded", "freight": {shipment: str(amount) for shipment, _, amount, _ in owed}}
