"""API keys of other systems: digests and what each may do. Never sees a secret."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select

from deskhand.orders.status import Role
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import api_key

ACTOR = "api_key:"  # what a key's id begins with wherever a user's could stand: history, audit, inboxes


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A system that calls the API. `digest` is SHA-256 in hex of the whole key; `scopes` are those of the gateway."""

    id: str
    name: str
    digest: str
    role: Role
    customer_id: str | None
    scopes: frozenset[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def actor_id(self) -> str:
        return f"{ACTOR}{self.id}"

    def works(self, now: datetime) -> bool:
        """Neither revoked nor past its time."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class ApiKeys(Repository):
    """Keys are never deleted: what one did stays explained."""

    def get(self, key_id: str) -> ApiKey | None:
        row = self.row(select(api_key).where(self.own(api_key), api_key.c.id == key_id))
        return None if row is None else _key(row)

    def all(self) -> list[ApiKey]:
        """Newest first."""
        query = select(api_key).where(self.own(api_key)).order_by(api_key.c.created_at.desc(), api_key.c.id)
        return [_key(row) for row in self.rows(query)]

    def names(self, actor_ids: Collection[str]) -> dict[str, str]:
        """Names by actor id, of those that are keys."""
        ids = sorted(one.removeprefix(ACTOR) for one in actor_ids if one.startswith(ACTOR))
        if not ids:
            return {}
        query = select(api_key.c.id, api_key.c.name).where(self.own(api_key), api_key.c.id.in_(ids))
        return {f"{ACTOR}{row['id']}": row["name"] for row in self.rows(query)}

    def add(self, key: ApiKey) -> None:
        self.add_row(
            api_key,
            id=key.id,
            name=key.name,
            digest=key.digest,
            role=str(key.role),
            customer_id=key.customer_id,
            scopes=sorted(key.scopes),
            created_by=key.created_by,
            created_at=key.created_at,
            expires_at=key.expires_at,
        )

    def revoke(self, key_id: str, now: datetime) -> bool:
        """Says whether it was still in force."""
        return bool(self.change(api_key, api_key.c.id == key_id, api_key.c.revoked_at.is_(None), revoked_at=now))

    def expire(self, key_id: str, at: datetime) -> None:
        """It works until then; never longer than it would have."""
        later = api_key.c.expires_at.is_(None) | (api_key.c.expires_at > at)
        self.change(api_key, api_key.c.id == key_id, later, expires_at=at)

    def used(self, key_id: str, now: datetime) -> None:
        self.change(api_key, api_key.c.id == key_id, last_used_at=now)


def _key(row: RowMapping) -> ApiKey:
    values = {name: value for name, value in row.items() if name not in {"tenant", "role", "scopes"}}
    return ApiKey(role=Role(row["role"]), scopes=frozenset(row["scopes"]), **values)
