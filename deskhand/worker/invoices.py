"""Consumer `invoice`: counts one sending, writes the covering note, and asks for the mail. Makes no document itself.

Everything it does is one transaction: a sending is counted if and only if its mail is in the outbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from deskhand.orders.events import INVOICE, DomainEvent, EventName
from deskhand.orders.model import Customer, Order
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import Tenant
from deskhand.orders.work import about
from deskhand.store import Delivery, Desk, UnitOfWork
from deskhand.store.text_jobs import keep
from deskhand.worker.consumer import acting, once
from deskhand.writing import Facts, Text, Writer, order_facts

_BACKLOG = 40  # more invoices than this at once (an import) take the template: the model writes one in seconds
_NOT_SENT_IN = (
    OrderStatus.DRAFT,
    OrderStatus.PENDING_CONFIRMATION,
    OrderStatus.PENDING_APPROVAL,
    OrderStatus.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is known of the order when its covering note is written."""

    facts: Facts
    language: str
    backlog: int


class InvoiceConsumer:
    name = INVOICE

    def __init__(self, desk: Desk, writer: Writer, text_seconds: float) -> None:
        self._desk = desk
        self._writer = writer
        self._seconds = text_seconds

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        """An order that was undone or cancelled meanwhile gets no invoice."""
        task = await asyncio.to_thread(self._look, tenant, delivery)
        text = None if task is None else await self._write(task)
        await asyncio.to_thread(self._send, tenant, delivery, text)

    async def _write(self, task: _Task) -> Text:
        if task.backlog > _BACKLOG:
            return self._writer.from_template("invoice_cover", task.facts, task.language)
        return await self._writer.write("invoice_cover", task.facts, task.language, self._seconds)

    def _look(self, tenant: Tenant, delivery: Delivery) -> _Task | None:
        with self._desk.unit_of_work(tenant.id) as uow:
            order, customer = _order_of(uow, delivery)
            if order.status in _NOT_SENT_IN:
                return None
            invoice = uow.invoices.create_or_get(order.id)
            products = uow.products.many({line.sku for line in order.lines})
            backlog = uow.outbox.waiting(INVOICE)
            uow.commit()
        return _Task(order_facts(order, customer, products, tenant, invoice), customer.language, backlog)

    def _send(self, tenant: Tenant, delivery: Delivery, text: Text | None) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:
            once(uow, delivery, lambda: self._count(uow, tenant, delivery, text))

    def _count(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery, text: Text | None) -> Mapping[str, object]:
        order, customer = _order_of(uow, delivery)
        if text is None or order.status in _NOT_SENT_IN:
            return {"outcome": "withdrawn", "status": str(order.status)}
        sent = uow.invoices.mark_sent(uow.invoices.create_or_get(order.id).number)
        keep(uow, text, order.id)
        said = {
            **about(order, order),
            "invoice": sent.number,
            "sequence": sent.sent_count,
            "again": sent.sent_count > 1,
            "cover": text.text,
            "reachable": bool(customer.email),
        }
        uow.outbox.publish(DomainEvent(EventName.INVOICE_SENT, order.id, said), acting(tenant, delivery))
        return {"outcome": "sent", "invoice": sent.number, "sequence": sent.sent_count, "text": text.source}


def _order_of(uow: UnitOfWork, delivery: Delivery) -> tuple[Order, Customer]:
    order = uow.orders.by_id(str(delivery.event.order_id))
    return order, uow.customers.get(order.customer_id)
