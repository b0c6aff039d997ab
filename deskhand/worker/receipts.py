"""Consumer `receipt`: an imported order that is open gets its checked receipt text, once, kept with the order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from deskhand.language import detect_language
from deskhand.orders.events import RECEIPT
from deskhand.orders.model import Order
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk, UnitOfWork
from deskhand.store.text_jobs import keep
from deskhand.worker.consumer import once
from deskhand.writing import Text, Writer
from deskhand.writing.receipt_facts import receipt_facts

KIND = "receipt"
_BACKLOG = 40  # more at once (a large import) take the template: the model writes one in seconds


class ReceiptConsumer:
    name = RECEIPT

    def __init__(self, desk: Desk, writer: Writer, text_seconds: float) -> None:
        self._desk = desk
        self._writer = writer
        self._seconds = text_seconds

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        """An order that was cancelled meanwhile gets none, nor one that has its text."""
        order, backlog = await asyncio.to_thread(self._look, tenant, delivery)
        text = None if order is None else await self._write(order, backlog)
        await asyncio.to_thread(self._keep, tenant, delivery, text)

    async def _write(self, order: Order, backlog: int) -> Text:
        language, facts = detect_language(order.customer_name), receipt_facts(order)
        if backlog > _BACKLOG:
            return self._writer.from_template(KIND, facts, language)
        return await self._writer.write(KIND, facts, language, self._seconds)

    def _look(self, tenant: Tenant, delivery: Delivery) -> tuple[Order | None, int]:
        with self._desk.unit_of_work(tenant.id, read_only=True) as uow:
            order = uow.orders.by_id(str(delivery.event.order_id))
            wanted = order.status is not OrderStatus.CANCELLED and not _has_one(uow, order.id)
            return (order if wanted else None), uow.outbox.waiting(RECEIPT)

    def _keep(self, tenant: Tenant, delivery: Delivery, text: Text | None) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:
            once(uow, delivery, lambda: self._kept(uow, delivery, text))

    @staticmethod
    def _kept(uow: UnitOfWork, delivery: Delivery, text: Text | None) -> Mapping[str, object]:
        order_id = str(delivery.event.order_id)
        if text is None or _has_one(uow, order_id):
            return {"outcome": "not_wanted"}
        keep(uow, text, order_id)
        return {"outcome": "written", "text": text.source}


def _has_one(uow: UnitOfWork, order_id: str) -> bool:
    return any(text.kind == KIND for text in uow.texts.of_order(order_id))
