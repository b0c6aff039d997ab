"""Who a provider's people are here: by issuer and subject, never by an address."""

from __future__ import annotations

from sqlalchemy import select

from deskhand.store.repositories.base import Repository
from deskhand.store.schema import external_identity


class Identities(Repository):
    """One row for each person of each provider."""

    def user_id(self, issuer: str, subject: str) -> str | None:
        found: str | None = self.value(
            select(external_identity.c.user_id).where(
                self.own(external_identity),
                external_identity.c.issuer == issuer,
                external_identity.c.subject == subject,
            )
        )
        return found

    def is_linked(self, user_id: str) -> bool:
        """Whether this user is somebody's at any provider."""
        return self.is_there(external_identity, external_identity.c.user_id == user_id)

    def add(self, issuer: str, subject: str, user_id: str) -> bool:
        """False if this person was added meanwhile."""
        row = {"issuer": issuer, "subject": subject, "user_id": user_id, "created_at": self.clock()}
        return bool(self.add_missing(external_identity, [row]))
