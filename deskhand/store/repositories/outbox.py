"""The outbox: events written with the change, and one delivery row for each consumer.

At least once: a consumer that dies keeps its lease until it runs out, then somebody else gets the delivery again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select

from deskhand.orders.events import CONSUMERS, LEAVES_THE_HOUSE, DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.store.database import Encoded, to_json
from deskhand.store.ids import new_ids
from deskhand.store.records import Delivery, StoredEvent
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import delivery, outbox_event

DUE = "due"
CLAIMED = "claimed"
DONE = "done"
DEAD = "dead"
WITHDRAWN = "withdrawn"
_EVENT = ("id", "name", "order_id", "payload", "actor", "at")
_DELIVERY = ("id", "event_id", "consumer", "order_id", "state", "due_at", "attempts", "created_at")


class Outbox(Repository):
    """What has happened and who still has to hear of it."""

    undo_window = timedelta(0)

    def publish(self, events: DomainEvent | Sequence[DomainEvent], actor: Actor) -> list[str]:
        """Writes events and deliveries in the caller's transaction; returns the event ids."""
        events = [events] if isinstance(events, DomainEvent) else events
        now = self.clock()
        who = Encoded(to_json({**asdict(actor), "role": str(actor.role)}))  # the same for all of them
        ids = new_ids(len(events))
        told = [
            (made, str(event.name), event.order_id, dict(event.payload), who, now)
            for made, event in zip(ids, events, strict=True)
        ]
        self.add_many(outbox_event, _EVENT, told)
        self.add_many(delivery, _DELIVERY, self._due(ids, events, now))
        return ids

    def claim(
        self, consumer: str, limit: int = 50, lease_seconds: int = 60, now: datetime | None = None
    ) -> list[Delivery]:
        """Takes what is due, or was left by a consumer that died; nobody else gets it until the lease is over."""
        now = now or self.clock()
        free = or_(
            delivery.c.state == DUE,
            and_(delivery.c.state == CLAIMED, delivery.c.claimed_until <= now),
        )
        query = (
            select(delivery.c.id)
            .where(self.own(delivery), delivery.c.consumer == consumer, free, delivery.c.due_at <= now)
            .order_by(delivery.c.due_at, delivery.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = [row["id"] for row in self.rows(query)]
        if not ids:
            return []
        until = now + timedelta(seconds=lease_seconds)
        attempts = delivery.c.attempts + 1
        self.change(delivery, delivery.c.id.in_(ids), state=CLAIMED, claimed_until=until, attempts=attempts)
        return self._deliveries(delivery.c.id.in_(ids))

    def done(self, one: Delivery | Sequence[Delivery], result: Mapping[str, object] | None = None) -> None:
        ids = [one.id] if isinstance(one, Delivery) else [each.id for each in one]
        for part in chunks(ids):
            outcome = {"state": DONE, "result": result, "finished_at": self.clock(), "error": None}
            self.change(delivery, delivery.c.id.in_(part), **outcome)

    def retry(self, one: Delivery, error: str, due_at: datetime) -> None:
        """A system error: try again at `due_at`."""
        self.change(delivery, delivery.c.id == one.id, state=DUE, error=error[:2000], due_at=due_at)

    def postpone(self, one: Delivery, due_at: datetime) -> None:
        """Not yet; doesn't count as an attempt."""
        back = {"state": DUE, "due_at": due_at, "attempts": delivery.c.attempts - 1}
        self.change(delivery, delivery.c.id == one.id, **back)

    def dead(self, one: Delivery, error: str) -> None:
        """Given up: it waits for an operator."""
        self.change(delivery, delivery.c.id == one.id, state=DEAD, error=error[:2000], finished_at=self.clock())

    def dead_letters(self, limit: int = 100) -> list[Delivery]:
        return self._deliveries(delivery.c.state == DEAD, limit)

    def replay(self, delivery_id: str) -> bool:
        """An operator sends a dead letter again; says whether it was one."""
        mine = (delivery.c.id == delivery_id, delivery.c.state == DEAD)
        return self.change(delivery, *mine, state=DUE, attempts=0, due_at=self.clock(), finished_at=None) > 0

    def withdraw_of(
        self,
        order_ids: Sequence[str],
        since: datetime | None = None,
        consumers: Collection[str] = LEAVES_THE_HOUSE,
    ) -> int:
        """What would leave the house for these orders, and is not claimed yet, never will. Says how many."""
        stopped = 0
        for part in chunks(order_ids):
            waiting = [*self._leaving(delivery.c.order_id.in_(part), since, consumers), delivery.c.state == DUE]
            stopped += self.change(delivery, *waiting, state=WITHDRAWN, finished_at=self.clock())
        return stopped

    def left_since(self, order_id: str, since: datetime) -> bool:
        """Whether something written since then has left the house, or is just being sent."""
        gone = delivery.c.state.in_((CLAIMED, DONE))
        return self.is_there(delivery, *self._leaving(delivery.c.order_id == order_id, since), gone)

    def events_of(self, order_id: str) -> list[StoredEvent]:
        """Oldest first."""
        query = select(outbox_event).where(self.own(outbox_event), outbox_event.c.order_id == order_id)
        return [_stored(row) for row in self.rows(query.order_by(outbox_event.c.id))]

    def waiting(self, consumer: str | None = None) -> int:
        """How many deliveries are not finished."""
        query = (
            select(func.count()).select_from(delivery).where(self.own(delivery), delivery.c.state.in_((DUE, CLAIMED)))
        )
        return int(self.value(query if consumer is None else query.where(delivery.c.consumer == consumer)) or 0)

    def is_due(self, consumer: str) -> bool:
        """Whether there is anything to claim now, without taking a lock."""
        now = self.clock()
        late = and_(delivery.c.state == CLAIMED, delivery.c.claimed_until <= now)
        free = or_(delivery.c.state == DUE, late)
        query = select(delivery.c.id).where(self.own(delivery), delivery.c.consumer == consumer, free)
        return self.value(query.where(delivery.c.due_at <= now).limit(1)) is not None

    def states_of(self, event_ids: Sequence[str]) -> dict[tuple[str, str], str]:
        """State by event and consumer."""
        columns = (delivery.c.event_id, delivery.c.consumer, delivery.c.state)
        query = select(*columns).where(self.own(delivery), delivery.c.event_id.in_(event_ids))
        return {(row["event_id"], row["consumer"]): row["state"] for row in self.rows(query)}

    def lock(self, name: str) -> None:
        """Only one transaction of the tenant at a time goes past this."""
        self.next_numbers(f"lock:{name}", 0)

    def _leaving(
        self, of: ColumnElement[bool], since: datetime | None, consumers: Collection[str] = LEAVES_THE_HOUSE
    ) -> list[ColumnElement[bool]]:
        conditions = [of, delivery.c.consumer.in_(sorted(consumers))]
        return conditions if since is None else [*conditions, delivery.c.created_at >= since]

    def _due(self, ids: Sequence[str], events: Sequence[DomainEvent], now: datetime) -> list[tuple[Any, ...]]:
        """One for each event and consumer of it."""
        later = now + self.undo_window
        hearing = [
            (event_id, consumer, event.order_id, DUE, later if consumer in LEAVES_THE_HOUSE else now, 0, now)
            for event_id, event in zip(ids, events, strict=True)
            for consumer in CONSUMERS.get(event.name, ())
        ]
        return [(made, *row) for made, row in zip(new_ids(len(hearing)), hearing, strict=True)]

    def _deliveries(self, condition: Any, limit: int | None = None) -> list[Delivery]:
        query = (
            select(
                delivery.c.id.label("delivery_id"),
                delivery.c.consumer,
                delivery.c.attempts,
                delivery.c.state,
                delivery.c.error,
                delivery.c.due_at,
                outbox_event,
            )
            .join(
                outbox_event,
                and_(outbox_event.c.tenant == delivery.c.tenant, outbox_event.c.id == delivery.c.event_id),
            )
            .where(self.own(delivery), condition)
            .order_by(delivery.c.due_at, delivery.c.id)
            .limit(limit)
        )
        return [_delivery(row) for row in self.rows(query)]


def _event(row: RowMapping) -> DomainEvent:
    return DomainEvent(EventName(row["name"]), row["order_id"], row["payload"])


def _stored(row: RowMapping) -> StoredEvent:
    return StoredEvent(row["id"], _event(row), row["actor"], row["at"])


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        id=row["delivery_id"],
        event_id=row["id"],
        consumer=row["consumer"],
        event=_event(row),
        actor=row["actor"],
        at=row["at"],
        attempts=row["attempts"],
        state=row["state"],
        error=row["error"],
        due_at=row["due_at"],
    )
