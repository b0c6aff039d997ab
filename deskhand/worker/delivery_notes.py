"""Consumer `delivery_note`: asks for the mail with one note for each parcel, once a shipment is complete (R6)."""

from __future__ import annotations

from collections.abc import Mapping

from deskhand.documents import delivery_note_numbers
from deskhand.orders.events import DELIVERY_NOTE, DomainEvent, EventName
from deskhand.orders.tenant import Tenant
from deskhand.orders.work import about
from deskhand.store import Delivery, UnitOfWork
from deskhand.worker.consumer import StoredEffect, acting


class DeliveryNoteConsumer(StoredEffect):
    name = DELIVERY_NOTE

    def effect(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery) -> Mapping[str, object]:
        order = uow.orders.by_id(str(delivery.event.order_id))
        customer = uow.customers.get(order.customer_id)
        shipment = delivery.event.payload.get("shipment")
        left = [each.id for each in order.shipments if each.completed_at is not None and shipment in (None, each.id)]
        if not left:
            return {"outcome": "withdrawn", "status": str(order.status)}
        notes = delivery_note_numbers(order, None if shipment is None else str(shipment))
        said = {**about(order, order), "notes": notes, "parcels": len(notes), "shipment": shipment}
        said["reachable"] = bool(customer.email)
        uow.outbox.publish(DomainEvent(EventName.DELIVERY_NOTE_SENT, order.id, said), acting(tenant, delivery))
        return {"outcome": "sent", "notes": notes}
