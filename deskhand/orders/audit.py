"""What the audit's chain says of one row: which parts are hashed as they are, and which as a salted digest only.

Whatever a person may have written (a name, an address, a login) counts as personal unless it is known to be harmless:
so it can be erased later and the chain still holds. Knows nothing of storage.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from deskhand.orders.history import canonical

NOBODY = "nobody"  # the role of whom nobody knows: a sign-in that failed
LONGEST = 2000  # characters of one value
_OPAQUE = re.compile(r"[A-Z]{1,4}-\d{1,12}(-\d{1,6})?|[0-9a-f]{24,64}")  # a number of ours, or an id
_CODE = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
_HARMLESS = frozenset(
    {
        *("action", "active", "channel", "code", "currency", "day", "door", "event", "format", "from", "how", "kind"),
        *("language", "next", "outcome", "permission", "process", "reach", "role", "scope", "scopes", "status"),
        *("tenant", "until", "at", "expires_at", "document", "invoice", "sku", "unit", "warehouse", "consumer"),
        "secrets",
    }
)

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Said:
    """`personal` holds what may be erased: parts of detail, before and after, and the target if it is not an id."""

    target: str | None
    detail: Json
    before: Json | None
    after: Json | None
    personal: Json | None


def said_of(target: str | None, detail: Json | None, before: Json | None, after: Json | None) -> Said:
    """Takes apart what is hashed for good and what may be erased."""
    personal: dict[str, object] = {}
    kept: dict[str, Json | None] = {}
    for part, values in (("detail", detail or {}), ("before", before), ("after", after)):
        plain = None if values is None else {str(key): _plain(value) for key, value in values.items()}
        hidden = {key: value for key, value in (plain or {}).items() if not _harmless(key, value)}
        kept[part] = None if plain is None else {key: value for key, value in plain.items() if key not in hidden}
        if hidden:
            personal[part] = hidden
    target = None if target is None else _text(target)
    if target is not None and not _OPAQUE.fullmatch(target):
        personal["target"] = target
    return Said(target, kept["detail"] or {}, kept["before"], kept["after"], personal or None)


def whole(part: str, kept: Json | None, personal: Json | None) -> dict[str, Any] | None:
    """`detail`, `before` or `after` as it was given, while nothing of it is erased."""
    hidden: Any = (personal or {}).get(part)
    return None if kept is None else {**kept, **(hidden or {})}


def audit_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over everything that the row says, and the hash of the row before it; `row` is as it is stored."""
    target = None if row["personal_target"] else row["target"]
    said = [
        *(row["tenant"], row["seq"], row["id"], row["actor"], row["on_behalf_of"], row["role"], row["channel"]),
        *(row["cause"], row["action"], row["personal_target"], target, row["outcome"]),
        *(row["detail"], row["before"], row["after"]),
        *(row["at"].astimezone(UTC).isoformat(), row["personal_digest"], row["previous_hash"]),
    ]
    return hashlib.sha256(canonical(said)).hexdigest()


def _harmless(key: str, value: object) -> bool:
    if value is None or isinstance(value, bool | int):
        return True
    if isinstance(value, list):
        return all(_harmless(key, each) for each in value)
    if not isinstance(value, str):
        return False
    return bool(_OPAQUE.fullmatch(value)) or (key in _HARMLESS and bool(_CODE.fullmatch(value)))


def _plain(value: object) -> object:
    """JSON that every database gives back as it was given."""
    if isinstance(value, Mapping):
        return {_text(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and not isinstance(value, Enum):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return _text(value)


def _text(value: object) -> str:
    """Without what no database takes: NUL and halves of characters."""
    text = str(value).replace("\0", "").encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
