"""Tables of who may come in: sessions, API keys, identities at a provider."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, UniqueConstraint

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

session = table(
    "session",
    key(),
    text("user_id"),
    text("role"),
    optional_text("customer_id"),
    text("how"),
    optional_text("address"),
    optional_text("link"),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    optional_text("end_reason"),
    UniqueConstraint("tenant", "link"),  # a link signs in once
    Index(None, "tenant", "user_id"),
)

api_key = table(
    "api_key",
    key(),
    text("name"),
    text("digest"),
    text("role"),
    optional_text("customer_id"),
    Column("scopes", Json, nullable=False),
    text("created_by"),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("revoked_at", UtcTime),
)

external_identity = table(
    "external_identity",
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    text("user_id"),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "tenant", "user_id"),
)
