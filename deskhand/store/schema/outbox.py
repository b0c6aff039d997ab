"""Tables between the services: events and their deliveries, repeated requests, the audit."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, UniqueConstraint

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

outbox_event = table(
    "outbox_event",
    key(),
    text("name"),
    optional_text("order_id"),
    Column("payload", Json, nullable=False),
    Column("actor", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index(None, "tenant", "order_id"),
)

delivery = table(
    "delivery",
    key(),
    text("event_id"),
    text("consumer"),
    optional_text("order_id"),
    text("state"),
    Column("due_at", UtcTime, nullable=False),
    Column("claimed_until", UtcTime),
    Column("attempts", Integer, nullable=False),
    optional_text("error"),
    Column("result", Json),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index(None, "tenant", "state", "consumer", "due_at", "id"),
    Index(None, "tenant", "event_id"),
    Index(None, "tenant", "order_id"),
)

inbox = table(
    "inbox",
    key("key"),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer),
    Column("body", Json),
    Column("created_at", UtcTime, nullable=False),
)

audit = table(
    "audit",
    key(),
    text("actor"),
    text("role"),
    text("channel"),
    text("cause"),
    text("action"),
    optional_text("target"),
    text("outcome"),
    Column("detail", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("seq", BigInteger, nullable=False),
    optional_text("on_behalf_of"),
    Column("before", Json),
    Column("after", Json),
    Column("personal", Json),
    Column("personal_target", Boolean, nullable=False),
    Column("salt", String(32), nullable=False),
    Column("personal_digest", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("tenant", "seq"),
    Index(None, "tenant", "at", "id"),
    Index(None, "tenant", "cause"),
    Index(None, "tenant", "target", "seq"),
    Index(None, "tenant", "actor", "seq"),
)

chain_head = table(
    "chain_head",
    key("name"),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
