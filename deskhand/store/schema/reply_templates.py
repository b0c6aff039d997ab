"""The table of replies that were made ahead of time: versions, each drafted, then approved by a person."""

from __future__ import annotations

from sqlalchemy import Column, Integer, UniqueConstraint

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

# `text` has placeholders and no fact of anybody; the newest approved version is the one that is used.
reply_template = table(
    "reply_template",
    key(),
    text("inquiry"),
    text("language"),
    Column("version", Integer, nullable=False),
    text("text"),
    text("source"),
    Column("verdict", Json),
    text("drafted_by"),
    Column("drafted_at", UtcTime, nullable=False),
    optional_text("approved_by"),
    Column("approved_at", UtcTime),
    UniqueConstraint("tenant", "inquiry", "language", "version"),
)
