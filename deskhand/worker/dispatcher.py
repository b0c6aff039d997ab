"""Takes deliveries from the outbox and hands them to their consumer: lease, retry, dead letter.

Business errors go to a person at once; system errors are tried again with back-off, then given up.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from deskhand.logs import masked
from deskhand.orders.errors import DeskhandError, VersionConflict
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk
from deskhand.worker.backoff import Backoff
from deskhand.worker.consumer import Consumer, acting
from deskhand.worker.errors import EffectError, NotYet
from deskhand.worker.metrics import Metrics
from deskhand.worker.rounds import Rounds

BATCH = 8

_log = logging.getLogger(__name__)


class Dispatcher:
    """One for each consumer. Deliveries of one order go one after another, different orders side by side."""

    def __init__(
        self, desk: Desk, consumer: Consumer, metrics: Metrics, lease_seconds: int, backoff: Backoff | None = None
    ) -> None:
        self.name = consumer.name
        self._desk = desk
        self._consumer = consumer
        self._metrics = metrics
        self._lease = lease_seconds
        self._backoff = backoff or Backoff()
        self._rounds = Rounds(self.name)

    async def run_once(self) -> int:
        """Carries what is due for every tenant; says how many deliveries were taken."""
        return await self._rounds.run(self._desk.tenants.values(), self._carry_due)

    async def _carry_due(self, tenant: Tenant) -> int:
        deliveries = await asyncio.to_thread(self._claim, tenant)
        queues: dict[str | None, list[Delivery]] = {}
        for delivery in deliveries:
            queues.setdefault(delivery.event.order_id, []).append(delivery)
        deadline = time.monotonic() + self._lease * 0.9
        await asyncio.gather(*(self._carry_all(tenant, queue, deadline) for queue in queues.values()))
        return len(deliveries)

    async def _carry_all(self, tenant: Tenant, queue: Sequence[Delivery], deadline: float) -> None:
        for delivery in queue:
            if time.monotonic() < deadline:
                await self._carry(tenant, delivery, deadline)
            else:
                await asyncio.to_thread(self._put_back, tenant, delivery)

    async def _carry(self, tenant: Tenant, delivery: Delivery, deadline: float) -> None:
        """Past the deadline the lease is as good as lost: whoever claims it next begins anew."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(deadline - started):
                await self._consumer.consume(tenant, delivery)
            outcome = "done"
        except NotYet as later:
            await asyncio.to_thread(self._put_back, tenant, delivery, later.seconds)
            outcome = "later"
        except VersionConflict as error:
            outcome = await self._fail(tenant, delivery, error)
        except (DeskhandError, EffectError) as error:
            outcome = await self._give_up(tenant, delivery, error.code, str(error))
        except Exception as error:  # the system's fault, not the order's: tried again
            outcome = await self._fail(tenant, delivery, error)
        self._metrics.delivered(self.name, outcome, time.monotonic() - started)

    async def _fail(self, tenant: Tenant, delivery: Delivery, error: Exception) -> str:
        reason = f"{type(error).__name__}: {error}"
        _log.warning("%s: attempt %d at %s failed", self.name, delivery.attempts, delivery.id, exc_info=error)
        if self._backoff.exhausted(delivery.attempts):
            return await self._give_up(tenant, delivery, "retries_exhausted", reason)
        due = self._desk.clock() + self._backoff.delay(delivery.attempts)
        await asyncio.to_thread(self._retry, tenant, delivery, reason, due)
        return "retried"

    async def _give_up(self, tenant: Tenant, delivery: Delivery, code: str, reason: str) -> str:
        _log.error("%s: %s given up, %s: %s", self.name, delivery.id, code, reason)
        await asyncio.to_thread(self._bury, tenant, delivery, code, reason)
        return "dead"

    def _claim(self, tenant: Tenant) -> list[Delivery]:
        """Looks first: a transaction that writes would make others wait on SQLite."""
        with self._desk.unit_of_work(tenant.id, read_only=True) as uow:
            if not uow.outbox.is_due(self.name):
                return []
        with self._desk.unit_of_work(tenant.id) as uow:
            claimed = uow.outbox.claim(self.name, BATCH, self._lease, self._desk.clock())
            uow.commit()
        return claimed

    def _put_back(self, tenant: Tenant, delivery: Delivery, seconds: float = 0.0) -> None:
        """Its turn did not come while the lease lasted, or comes in so many seconds."""
        with self._desk.unit_of_work(tenant.id) as uow:
            uow.outbox.postpone(delivery, self._desk.clock() + timedelta(seconds=seconds))
            uow.commit()

    def _retry(self, tenant: Tenant, delivery: Delivery, reason: str, due: datetime) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:
            uow.outbox.retry(delivery, masked(reason), due)
            uow.commit()

    def _bury(self, tenant: Tenant, delivery: Delivery, code: str, reason: str) -> None:
        """The dead letter and the alert that somebody must look at it; both are kept, and shown to operators."""
        reason = masked(reason)
        said = {
            "number": delivery.event.payload.get("number"),
            "consumer": self.name,
            "code": code,
            "reason": reason[:500],
            "delivery": delivery.id,
        }
        with self._desk.unit_of_work(tenant.id) as uow:
            uow.outbox.dead(delivery, f"{code}: {reason}")
            event = DomainEvent(EventName.DELIVERY_FAILED, delivery.event.order_id, said)
            uow.outbox.publish(event, acting(tenant, delivery))
            uow.commit()
