"""Consumer `text`: the model's words for a text that somebody asked for in chat; they are told when it is there.

What the chat has said already is the template's text, so a text that would be the template's again is told to nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from deskhand.orders.errors import DeskhandError
from deskhand.orders.events import POSTED_TO, TEXT, DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import LANGUAGES, Tenant
from deskhand.store import Delivery, Desk, UnitOfWork
from deskhand.store.text_jobs import facts_of, facts_of_order, keep
from deskhand.worker.consumer import acting, once
from deskhand.writing import Facts, Text, Writer
from deskhand.writing.jobs import OF_ORDERS, TextJob

_FROM_MODEL = "llm"


class TextConsumer:
    name = TEXT

    def __init__(self, desk: Desk, writer: Writer, text_seconds: float) -> None:
        self._desk = desk
        self._writer = writer
        self._seconds = text_seconds

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        """With the facts as they are now; what has become untrue meanwhile is not written."""
        job = TextJob.from_json(delivery.event.payload)
        facts = await asyncio.to_thread(self._facts, tenant, delivery, job)
        text = None
        if facts is not None:
            text = await self._writer.write(job.kind, facts, job.language, self._seconds, job.asked)
        await asyncio.to_thread(self._keep, tenant, delivery, job, text)

    def _facts(self, tenant: Tenant, delivery: Delivery, job: TextJob) -> Facts | None:
        with self._desk.unit_of_work(tenant.id, read_only=True) as uow:
            try:
                if job.kind in OF_ORDERS:
                    return facts_of_order(self._desk, uow, uow.orders.get(job.about), job.kind)
                return facts_of(self._desk, uow, job, _asker(delivery, tenant))
            except DeskhandError:
                return None

    def _keep(self, tenant: Tenant, delivery: Delivery, job: TextJob, text: Text | None) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:
            once(uow, delivery, lambda: self._told(uow, tenant, delivery, job, text))

    @staticmethod
    def _told(
        uow: UnitOfWork, tenant: Tenant, delivery: Delivery, job: TextJob, text: Text | None
    ) -> Mapping[str, object]:
        if text is None:
            return {"outcome": "not_wanted"}
        keep(uow, text, delivery.event.order_id)
        if text.source == _FROM_MODEL and job.for_user:
            said: dict[str, object] = {POSTED_TO: f"user:{job.for_user}", "text": dict.fromkeys(LANGUAGES, text.text)}
            said |= {"number": job.about} if job.kind in OF_ORDERS else {}
            uow.outbox.publish(
                DomainEvent(EventName.TEXT_WRITTEN, delivery.event.order_id, said), acting(tenant, delivery)
            )
        return {"outcome": "written", "text": text.source}


def _asker(delivery: Delivery, tenant: Tenant) -> Actor:
    """Who asked for it: what they may not see stands in no text of theirs."""
    actor = delivery.actor
    return Actor(str(actor["user_id"]), Role(str(actor["role"])), tenant.id, str(actor["channel"]), delivery.event_id)
