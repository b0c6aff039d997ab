"""A person's inbox: what came after a cursor, what is unread, acknowledging. Blocking calls; run them in a thread."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from deskhand.notifications.audience import Listener
from deskhand.notifications.preferences import Hearing, Mode
from deskhand.notifications.settings import channels_of, of_row, silent_kinds
from deskhand.store import Desk, Notification, StandIn, UnitOfWork
from deskhand.store.repositories.notice_settings import KeptPreference

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
    """As `present`, for all who are connected: a few questions for each tenant."""
    found = {}
    for tenant in {listener.tenant for listener in listeners} & desk.tenants.keys():
        here = [listener for listener in listeners if listener.tenant == tenant]
        with desk.unit_of_work(tenant, read_only=True) as uow:
            lent = uow.delegations.lent_to_all(uow.now)
            apart = _apart_of(uow, {listener.user_id for listener in here})
        for listener in here:
            now = _with(listener, lent.get(listener.user_id, ()))
            found[listener] = replace(now, apart=apart.get(listener.user_id, ""))
    return found


def with_lent(uow: UnitOfWork, listener: Listener) -> Listener:
    """As `present`, inside the caller's transaction."""
    now = _with(listener, uow.delegations.lent_to(listener.user_id, uow.now))
    kept = uow.notice_settings.get(listener.user_id)
    apart = _apart_of(uow, {listener.user_id}, [kept]) if kept is not None else {}
    return replace(now, apart=apart.get(listener.user_id, ""))


def _apart_of(
    uow: UnitOfWork, people: Collection[str], kept: Sequence[KeptPreference] | None = None
) -> Mapping[str, str]:
    """What those of them have chosen who have chosen anything, with their channels."""
    chosen = [each for each in (uow.notice_settings.all() if kept is None else kept) if each.user_id in people]
    users = {user.id: user for user in uow.users.many({each.user_id for each in chosen})}
    return {
        each.user_id: json.dumps(
            {
                "settings": each.settings,
                "channels": channels_of(uow.tenant, users[each.user_id], uow.messengers.of_user(each.user_id)),
            },
            sort_keys=True,
        )
        for each in chosen
        if each.user_id in users
    }


def hearing_of(desk: Desk, listener: Listener) -> Hearing:
    """How somebody who has chosen is told; reads nothing."""
    said, process = json.loads(listener.apart), desk.versions.active(listener.tenant).process
    return Hearing(
        of_row(said["settings"], desk.tenant(listener.tenant)),
        {channel: Mode(mode) for channel, mode in said["channels"].items()},
        process.urgent,
        process.must_be_heard.get(listener.role, frozenset()),
    )


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
        unread = _unread(desk, uow, now)
    silent = _silent(desk, now)
    items = tuple(notification_json(item, item.kind in silent) for item in found[:limit])
    return Inbox(items, unread, len(found) > limit)


def acknowledge(desk: Desk, listener: Listener, seq: int) -> int:
    """Cumulative: everything up to `seq` counts as read. Returns what is still unread."""
    with desk.unit_of_work(listener.tenant) as uow:
        uow.notifications.ack(listener.user_id, min(seq, uow.notifications.latest_seq()))
        unread = _unread(desk, uow, with_lent(uow, listener))
        uow.commit()
    return unread


def unread_counts(desk: Desk, listeners: Sequence[Listener]) -> Mapping[Listener, int]:
    """The unread counts of people of one tenant, in one transaction."""
    if not listeners:
        return {}
    with desk.unit_of_work(listeners[0].tenant, read_only=True) as uow:
        return {person: _unread(desk, uow, person) for person in listeners}


def _unread(desk: Desk, uow: UnitOfWork, now: Listener) -> int:
    """Without what the person doesn't want to be told at once: a digest of it counts."""
    return uow.notifications.unread(now.user_id, now.audiences, dict(now.lent), _silent(desk, now))


def _silent(desk: Desk, now: Listener) -> list[str]:
    return silent_kinds(hearing_of(desk, now)) if now.apart else []


def notification_json(item: Notification, silent: bool = False) -> dict[str, Any]:
    """What the client is given; `content` is the text in both languages, `silent`: it makes no sound and no number."""
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
        "silent": silent,
        **({"digest": item.payload["digest"]} if "digest" in item.payload else {}),
    }
