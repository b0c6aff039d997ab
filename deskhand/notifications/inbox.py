"""A person's inbox: what came after a cursor, what is unread, acknowledging. Blocking calls; run them in a thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from deskhand.notifications.audience import Listener
from deskhand.store import Desk, Notification, StandIn, UnitOfWork

PAGE = 100


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of a replay."""

    items: tuple[Mapping[str, Any], ...]
    unread: int
    more: bool


def present(desk: Desk, listener: Listener) -> Listener:
    """With what they hear now for colleagues who are away."""
    with desk.unit_of_work(listener.tenant, read_only=True) as uow:
        return with_lent(uow, listener)


def present_all(desk: Desk, listeners: Collection[Listener]) -> Mapping[Listener, Listener]:
    """As `present`, for all who are connected: one question for each tenant."""
    found = {}
    for tenant in {listener.tenant for listener in listeners} & desk.tenants.keys():
        with desk.unit_of_work(tenant, read_only=True) as uow:
            lent = uow.delegations.lent_to_all(uow.now)
        for listener in listeners:
            if listener.tenant == tenant:
                found[listener] = _with(listener, lent.get(listener.user_id, ()))
    return found


def with_lent(uow: UnitOfWork, listener: Listener) -> Listener:
    """As `present`, inside the caller's transaction."""
    return _with(listener, uow.delegations.lent_to(listener.user_id, uow.now))


def _with(listener: Listener, lent_by: Sequence[StandIn]) -> Listener:
    lent: dict[str, datetime] = {}
    for away in lent_by:
        for audience in Listener(listener.tenant, away.user_id, away.role).audiences:
            lent.setdefault(audience, away.since)
    return replace(listener, lent=tuple(each for each in lent.items() if each[0] not in listener.audiences))


def replay(desk: Desk, listener: Listener, after: int, limit: int = PAGE) -> Inbox:
    """Everything for this person after the cursor, oldest first, a page at a time."""
    limit = max(1, min(limit, PAGE))
    with desk.unit_of_work(listener.tenant, read_only=True) as uow:
        now = with_lent(uow, listener)
        found = uow.notifications.after(now.audiences, after, limit + 1, dict(now.lent))
        unread = uow.notifications.unread(now.user_id, now.audiences, dict(now.lent))
    return Inbox(tuple(notification_json(item) for item in found[:limit]), unread, len(found) > limit)


def acknowledge(desk: Desk, listener: Listener, seq: int) -> int:
    """Cumulative: everything up to `seq` counts as read. Returns what is still unread."""
    with desk.unit_of_work(listener.tenant) as uow:
        uow.notifications.ack(listener.user_id, min(seq, uow.notifications.latest_seq()))
        now = with_lent(uow, listener)
        unread = uow.notifications.unread(now.user_id, now.audiences, dict(now.lent))
        uow.commit()
    return unread


def unread_counts(desk: Desk, listeners: Sequence[Listener]) -> Mapping[Listener, int]:
    """The unread counts of people of one tenant, in one transaction."""
    if not listeners:
        return {}
    with desk.unit_of_work(listeners[0].tenant, read_only=True) as uow:
        unread = uow.notifications.unread
        return {person: unread(person.user_id, person.audiences, dict(person.lent)) for person in listeners}


def notification_json(item: Notification) -> dict[str, Any]:
    """What the client is given; `content` is the text in both languages."""
    return {
        "id": item.id,
        "seq": item.seq,
        "kind": item.kind,
        "sender": item.sender,
        "receiver": item.receiver,
        "content": item.payload.get("text"),
        "order": item.order_number,
        "at": item.created_at.isoformat(),
        "dedupe_key": item.dedupe_key,
    }
