"""Consumer `credit_note`: asks for the mail with a credit note, once; one that was taken back in time never leaves."""

from __future__ import annotations

from collections.abc import Mapping

from deskhand.orders.events import CREDIT_NOTE, DomainEvent, EventName
from deskhand.orders.tenant import Tenant
from deskhand.orders.work import about
from deskhand.store import Delivery, UnitOfWork
from deskhand.worker.consumer import StoredEffect, acting


class CreditNoteConsumer(StoredEffect):
    name = CREDIT_NOTE

    def effect(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery) -> Mapping[str, object]:
        note = uow.credit_notes.get(str(delivery.event.payload["credit_note"]))
        if note.withdrawn_at is not None or not uow.credit_notes.mark_sent(note.number):
            return {"outcome": "withdrawn" if note.withdrawn_at else "sent_before", "credit_note": note.number}
        order = uow.orders.by_id(note.order_id)
        customer = uow.customers.get(order.customer_id)
        said = {
            **about(order, order),
            "credit_note": note.number,
            "invoice": note.invoice,
            "amount": str(note.amount),
            "reachable": bool(customer.email),
        }
        uow.outbox.publish(DomainEvent(EventName.CREDIT_NOTE_SENT, order.id, said), acting(tenant, delivery))
        return {"outcome": "sent", "credit_note": note.number}
