"""One row of a history as it is stored: linked to the row before it by its hash. For orders and cases alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deskhand.orders.history import GENESIS, RowHashes, canonical, personal_digest
from deskhand.orders.model import Actor
from deskhand.store.database import Encoded

Head = tuple[int, str]  # number and hash of the newest row
FIRST: Head = (0, GENESIS)


def link(
    of: str,
    event: str,
    statuses: tuple[str | None, str],
    said: tuple[Mapping[str, object], Mapping[str, object] | None],
    head: Head,
    actor: Actor,
    now: datetime,
    salt: str,
    hashes: RowHashes,
) -> dict[str, Any]:
    """The next row of the chain of an order or a case.

    Args:
        statuses: before and after.
        said: what is hashed for good, and what is personal.
    """
    seq, previous = head
    before, after = statuses
    detail, personal = said
    digest, written = personal_digest(salt, personal), canonical(dict(detail))
    return {
        "order_id": of,
        "seq": seq + 1,
        "event": event,
        "before": before,
        "after": after,
        "actor": actor.user_id,
        "role": str(actor.role),
        "channel": actor.channel,
        "cause": actor.cause,
        "at": now,
        "detail": Encoded(written.decode()),
        "personal": None if personal is None else dict(personal),
        "salt": salt,
        "personal_digest": digest,
        "previous_hash": previous,
        "hash": hashes.of((of, seq + 1, event, before, after), written, digest, previous),
        "on_behalf_of": actor.on_behalf_of,
    }
