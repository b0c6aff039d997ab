"""Work that is carried out once for each `Idempotency-Key`, in one commit with the memory of it. Knows no command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deskhand.gateway.door import Door
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.store import UnitOfWork

Answer = tuple[int, dict[str, Any]]


def repeated(at: Door, who: Actor, key: tuple[str, str] | None) -> Answer | None:
    """What a repeat is answered before long work is begun; None: it is none, or its first is still at work.

    Raises:
        RequestRepeated: the key was used with another request.
    """
    if key is None:
        return None
    with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
        stored = uow.inbox.known(*key)
    if stored is None or stored.status is None or not isinstance(stored.body, dict):
        return None
    return stored.status, stored.body


def once(
    at: Door,
    who: Actor,
    done: Callable[[UnitOfWork, Actor], dict[str, Any]],
    key: tuple[str, str] | None,
    status: int,
) -> Answer:
    """Status and body; a repeat is answered, never carried out.

    A refusal is committed with its row in the audit, and its key may be used again.
    """
    with at.desk.unit_of_work(who.tenant) as uow:
        stored = uow.inbox.begin(*key) if key is not None else None
        if stored is not None and isinstance(stored.body, dict):
            return stored.status or status, stored.body
        try:
            body = done(uow, who)
        except DeskhandError:
            if key is not None:
                uow.inbox.forget(key[0])
            uow.commit()
            raise
        if key is not None:
            uow.inbox.finish(key[0], status, body)
        uow.commit()
    return status, body
