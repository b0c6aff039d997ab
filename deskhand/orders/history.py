"""The hash chain of an order's history. Personal data is hashed as a salted digest only, so that it can be erased."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deskhand.orders.model import Actor, Order

GENESIS = "0" * 64
SALT_BYTES = 16
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of an order, to be stored: the order as it will be, and what the history says of it.

    `detail` is hashed and stays for good; `personal` (names, addresses) is kept beside it and may be erased.
    """

    order: Order
    event: str
    before: str | None
    detail: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, object] | None = None


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces: the same bytes on every machine."""
    return _CANONICAL.encode(value).encode()


def salts(count: int) -> list[str]:
    """One for each row, from one draw: thousands of them are one call of the system."""
    drawn = secrets.token_hex(SALT_BYTES * count)
    return [drawn[start : start + 2 * SALT_BYTES] for start in range(0, len(drawn), 2 * SALT_BYTES)]


def personal_digest(salt: str, personal: Mapping[str, object] | None) -> str:
    """What the chain knows of personal data; without the salt it can't be guessed."""
    said = canonical(dict(personal)) if personal else b"{}"
    return hashlib.sha256(salt.encode() + b"\0" + said).hexdigest()


def row_hash(
    order_id: str,
    seq: int,
    event: str,
    before: str | None,
    after: str | None,
    actor: Actor,
    at: datetime,
    detail: Mapping[str, object],
    digest: str,
    previous_hash: str,
) -> str:
    """SHA-256 over everything that the row says, and the hash of the row before it."""
    said = [
        *(order_id, seq, event, before, after, actor.user_id, str(actor.role), actor.channel, actor.cause),
        *(at.astimezone(UTC).isoformat(), dict(detail), digest, previous_hash),
        *(() if actor.on_behalf_of is None else (actor.on_behalf_of,)),
    ]
    return hashlib.sha256(canonical(said)).hexdigest()
