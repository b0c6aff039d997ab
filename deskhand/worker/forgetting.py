"""Consumer `forget`: a conversation that was deleted here goes from Rasa's own record as well.

Twice: at once, and again when a turn that was under way then must have come to its end, because Rasa writes down what
was said at the end of a turn.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from deskhand.orders.events import FORGET
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk
from deskhand.store.privacy import RasaConversations

LONGEST_TURN = timedelta(minutes=2)


class ForgetConsumer:
    name = FORGET

    def __init__(self, desk: Desk, rasa: RasaConversations | None) -> None:
        self._desk = desk
        self._rasa = rasa

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        await asyncio.to_thread(self._forget, tenant, delivery)

    def _forget(self, tenant: Tenant, delivery: Delivery) -> None:
        """Doing it twice does no harm, so there is nothing to remember but that it is done."""
        if self._rasa is not None:
            self._rasa.forget([str(delivery.event.payload["conversation"])])
        again = delivery.at + LONGEST_TURN
        with self._desk.unit_of_work(tenant.id) as uow:
            if uow.now < again and self._rasa is not None:
                uow.outbox.postpone(delivery, again)
            else:
                uow.outbox.done(delivery, {"outcome": "forgotten" if self._rasa is not None else "no_record"})
            uow.commit()
