"""What a consumer of the outbox is, and what it works with. Knows nothing of claiming or retrying."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Protocol

from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk, UnitOfWork

CHANNEL = "worker"
DONE_ALREADY: Mapping[str, object] = {"outcome": "done_already"}


class Consumer(Protocol):
    """Carries out one delivery and marks it done, in one transaction where the effect is in the database.

    Raises DeskhandError or EffectError for what a person must look at; anything else is tried again.
    """

    name: str

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None: ...


def acting(tenant: Tenant, delivery: Delivery) -> Actor:
    """The worker on behalf of an event."""
    return Actor("system", Role.SYSTEM, tenant.id, CHANNEL, delivery.event_id)


def once(uow: UnitOfWork, delivery: Delivery, effect: Callable[[], Mapping[str, object]]) -> None:
    """Runs `effect` unless this event had it already, marks the delivery done, and commits both together.

    The inbox row is the guard: two workers that hold the same delivery (a lease ran out) can't both pass.
    """
    key = f"{delivery.consumer}:{delivery.event_id}"
    first = uow.inbox.begin(key, delivery.consumer) is None
    result = effect() if first else DONE_ALREADY
    if first:
        uow.inbox.finish(key, 200, dict(result))
    uow.outbox.done(delivery, result)
    uow.commit()


class StoredEffect(ABC):
    """A consumer whose whole effect is in the database: it happens once, with the mark that it is done."""

    name: str

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        await asyncio.to_thread(self._store, tenant, delivery)

    def _store(self, tenant: Tenant, delivery: Delivery) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:
            once(uow, delivery, lambda: self.effect(uow, tenant, delivery))

    @abstractmethod
    def effect(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery) -> Mapping[str, object]:
        """Does it in the transaction; what became of it is kept with the delivery."""
