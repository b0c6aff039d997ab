"""The hash chain of an order's history. Personal data is hashed as a salted digest only, so that it can be erased."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deskhand.orders.flat_json import flat_items, flat_json
from deskhand.orders.model import Actor, Order

GENESIS = "0" * 64
SALT_BYTES = 16
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


Step = tuple[str, int, str, str | None, str | None]
"""Order, number of the row, event, status before and after."""


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
    return (flat_json(value, ordered=True) or _CANONICAL.encode(value)).encode()


def salts(count: int) -> list[str]:
    """One for each row, from one draw: thousands of them are one call of the system."""
    drawn = secrets.token_hex(SALT_BYTES * count)
    return [drawn[start : start + 2 * SALT_BYTES] for start in range(0, len(drawn), 2 * SALT_BYTES)]


def personal_digest(salt: str, personal: Mapping[str, object] | None) -> str:
    """What the chain knows of personal data; without the salt it can't be guessed."""
    return written_digest(salt, canonical(dict(personal)) if personal else b"{}")


def written_digest(salt: str, personal: bytes) -> str:
    """The same of what `canonical` has written: of one customer's orders it is the same each time."""
    return hashlib.sha256(salt.encode() + b"\0" + personal).hexdigest()


class RowHashes:
    """The hashes of rows that one actor writes at one time: what these have in common is put into words once.

    Each is the SHA-256 over a list: the step, who took it and when, what it did, and the hash of the row before it.
    """

    def __init__(self, actor: Actor, at: datetime) -> None:
        who = (actor.user_id, str(actor.role), actor.channel, actor.cause, at.astimezone(UTC).isoformat())
        self._who = _items(*who)
        self._behalf = b"" if actor.on_behalf_of is None else b"," + canonical(actor.on_behalf_of)

    def of(self, step: Step, detail: bytes, digest: str, previous_hash: str) -> str:
        """`detail` as `canonical` says it."""
        said = (_items(*step), self._who, detail, _items(digest, previous_hash))
        return hashlib.sha256(b"[" + b",".join(said) + self._behalf + b"]").hexdigest()


def row_hash(
    step: Step, actor: Actor, at: datetime, detail: Mapping[str, object], digest: str, previous_hash: str
) -> str:
    """The hash of one row."""
    return RowHashes(actor, at).of(step, canonical(dict(detail)), digest, previous_hash)


def _items(*values: str | int | None) -> bytes:
    return flat_items(values).encode()
