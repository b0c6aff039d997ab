"""Tables of conversations, handovers, drafts, cards, notifications and texts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, UniqueConstraint
from sqlalchemy import text as sql

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

conversation = table(
    "conversation",
    key(),
    text("user_id"),
    text("channel"),
    text("language"),
    text("state"),
    optional_text("person_id"),
    Column("last_seq", BigInteger, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index(None, "tenant", "user_id", "channel"),
)

_MISUNDERSTOOD = sql("misunderstood IS NOT NULL")

message = table(
    "message",
    key(),
    text("conversation_id"),
    Column("seq", BigInteger, nullable=False),
    text("direction"),
    optional_text("text"),
    Column("card", Json),
    Column("card_action", Json),
    Column("extra", Json),
    optional_text("client_id"),
    optional_text("turn"),
    Column("created_at", UtcTime, nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("result", Json),
    optional_text("written_by"),
    optional_text("misunderstood"),  # in what way, when it was
    Column("understood", Json),  # then: what it was taken for, how surely, and what else it could have been
    optional_text("label"),  # what it means, as somebody said who read it later
    UniqueConstraint("tenant", "conversation_id", "seq"),
    UniqueConstraint("tenant", "conversation_id", "client_id"),
    Index(None, "tenant", "answered", "created_at"),
    Index(None, "tenant", "misunderstood", "created_at", sqlite_where=_MISUNDERSTOOD, postgresql_where=_MISUNDERSTOOD),
)

# Who asked for a person, when and why; who took the conversation, and how it went back to the bot. No text of anybody.
handover = table(
    "handover",
    key(),
    text("conversation_id"),
    text("user_id"),
    text("reason"),
    text("language"),
    text("state"),
    Column("asked_at", UtcTime, nullable=False),
    optional_text("taken_by"),
    Column("taken_at", UtcTime),
    optional_text("closed_by"),
    Column("closed_at", UtcTime),
    optional_text("outcome"),
    Index(None, "tenant", "state", "asked_at"),
    Index(
        "uq_handover_open",
        "tenant",
        "conversation_id",
        unique=True,
        sqlite_where=sql("state <> 'closed'"),
        postgresql_where=sql("state <> 'closed'"),
    ),
)

draft = table(
    "draft",
    key(),
    text("user_id"),
    text("kind"),
    Column("state", Json, nullable=False),
    optional_text("asked"),
    text("status"),
    Column("row_version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index(None, "tenant", "user_id", "status"),
)

card = table(
    "card",
    key(),
    text("kind"),
    text("user_id"),
    text("conversation_id"),
    Column("payload", Json, nullable=False),
    Column("actions", Json, nullable=False),
    text("state"),
    Column("expires_at", UtcTime, nullable=False),
    optional_text("used_by"),
    Column("used_at", UtcTime),
    optional_text("action"),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "tenant", "user_id", "state"),
)

notification = table(
    "notification",
    key(),
    Column("seq", BigInteger, nullable=False),
    text("audience"),
    text("kind"),
    optional_text("order_number"),
    Column("payload", Json, nullable=False),
    text("sender"),
    text("receiver"),
    text("dedupe_key"),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("tenant", "seq"),
    UniqueConstraint("tenant", "dedupe_key"),
    Index(None, "tenant", "audience", "seq"),
)

notification_cursor = table(
    "notification_cursor",
    key("user_id"),
    Column("seq", BigInteger, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

text_record = table(
    "text_record",
    key(),
    text("kind"),
    optional_text("order_id"),
    text("language"),
    text("text"),
    text("source"),
    optional_text("reason"),
    Column("verdict", Json),
    optional_text("model"),
    Column("seconds", Float),
    Column("at", UtcTime, nullable=False),
    Column("written_from", Json),
    Index(None, "tenant", "order_id"),
)
