"""Consumer `connector`: calls the system that a service task names, and the case goes on with what it answered.

Where the data are to blame or the system has changed, a person is asked at once; where it does not answer it is tried
again, and where the case waits and why can be asked meanwhile. Only this one step waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskhand.logs import masked
from deskhand.orders.events import CONNECTOR
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk
from deskhand.store.case_running import service_answered, service_failed, service_stopped
from deskhand.store.file_faults import FileInvalid
from deskhand.worker.backoff import Backoff
from deskhand.worker.connectors.errors import ConnectorUnknown, SystemNotReached
from deskhand.worker.connectors.file import Connectors
from deskhand.worker.connectors.http import Caller
from deskhand.worker.connectors.mapping import request_of, results_of
from deskhand.worker.consumer import once
from deskhand.worker.errors import EffectError


@dataclass(frozen=True, slots=True)
class Asked:
    """What the case asked for, as its event says."""

    case_id: str
    node: str
    connector: str
    operation: str
    params: Mapping[str, Any]

    @classmethod
    def of(cls, delivery: Delivery) -> Asked:
        said = delivery.event.payload
        params = said.get("params")
        return cls(
            delivery.event.order_id or "",
            str(said["node"]),
            str(said.get("connector") or ""),
            str(said.get("operation") or ""),
            params if isinstance(params, Mapping) else {},
        )


class ConnectorConsumer:
    name = CONNECTOR

    def __init__(self, desk: Desk, connectors: Connectors, backoff: Backoff | None = None) -> None:
        """`backoff`: the dispatcher's, which says when it is the last attempt."""
        self._desk = desk
        self._connectors = connectors
        self._backoff = backoff or Backoff()

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        asked = Asked.of(delivery)
        try:
            results = await self._called(tenant, asked, delivery.event_id)
        except EffectError as error:
            await asyncio.to_thread(self._give_up, tenant, delivery, asked, error)
        except SystemNotReached as error:
            await asyncio.to_thread(self._not_reached, tenant, delivery, asked, error)
        else:
            await asyncio.to_thread(self._answer, tenant, delivery, asked, results)

    async def _called(self, tenant: Tenant, asked: Asked, key: str) -> dict[str, Any]:
        try:
            connector = await asyncio.to_thread(self._connectors.read, asked.connector)
        except FileInvalid as error:
            raise ConnectorUnknown(f"{asked.connector}: {error}") from error
        operation = connector.operations.get(asked.operation)
        if operation is None:
            raise ConnectorUnknown(f"{asked.connector} has no operation {asked.operation!r}")
        request = request_of(connector, operation, asked.params)
        address = self._connectors.url(connector, tenant.connectors.get(connector.name))
        caller = Caller(address, self._connectors.secret(connector))
        return results_of(connector, operation, await caller.call(connector, operation, request, key))

    def _answer(self, tenant: Tenant, delivery: Delivery, asked: Asked, results: Mapping[str, Any]) -> None:
        with self._desk.unit_of_work(tenant.id) as uow:

            def go_on() -> Mapping[str, object]:
                moved = service_answered(self._desk, uow, asked.case_id, asked.node, results)
                return {"outcome": "answered" if moved else "nobody_waits"}

            once(uow, delivery, go_on)

    def _not_reached(self, tenant: Tenant, delivery: Delivery, asked: Asked, error: SystemNotReached) -> None:
        if self._backoff.exhausted(delivery.attempts):
            self._give_up(tenant, delivery, asked, error)
            return
        with self._desk.unit_of_work(tenant.id) as uow:
            service_stopped(uow, asked.case_id, asked.node, masked(str(error)))
            uow.commit()
        raise error

    def _give_up(self, tenant: Tenant, delivery: Delivery, asked: Asked, error: Exception) -> None:
        """By the way that the diagram has for this; without one the case stays, a person is told, and the delivery is
        kept for when it can be repeated.
        """
        with self._desk.unit_of_work(tenant.id) as uow:
            if service_failed(self._desk, uow, asked.case_id, asked.node, masked(str(error))):
                uow.outbox.done(delivery, {"outcome": "failed", "reason": masked(str(error))})
                uow.commit()
                return
            uow.commit()
        raise error
