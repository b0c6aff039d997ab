"""Consumer `freight`: makes sure that each completed shipment has the record that finance will close (R6, R8).

The freight itself is decided in the transaction that completes the shipment.
"""

from __future__ import annotations

from collections.abc import Mapping

from deskhand.orders.events import FREIGHT
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, UnitOfWork
from deskhand.worker.consumer import StoredEffect


class FreightConsumer(StoredEffect):
    name = FREIGHT

    def effect(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery) -> Mapping[str, object]:
        return _open(uow, str(delivery.event.order_id))


def _open(uow: UnitOfWork, order_id: str) -> Mapping[str, object]:
    order = uow.orders.by_id(order_id)
    owed = [
        (shipment.id, order.id, shipment.freight, order.currency)
        for shipment in order.shipments
        if shipment.completed_at is not None and shipment.freight is not None
    ]
    uow.freight.open_many(owed)
    return {"outcome": "recorded", "freight": {shipment: str(amount) for shipment, _, amount, _ in owed}}
