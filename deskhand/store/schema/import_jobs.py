"""The table of imports that somebody asked for: looked at first, carried out after a yes, told of afterwards."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, UniqueConstraint

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

import_job = table(
    "import_job",
    key(),
    text("state"),
    Column("actor", Json, nullable=False),
    text("user_id"),
    text("language"),
    optional_text("conversation_id"),
    text("cause"),  # the message or request that it came from: the same one makes no second import
    Column("files", Json, nullable=False),  # what each is called, and where it is kept
    Column("wanted", Json, nullable=False),
    Column("preview", Json),
    Column("progress", Json),
    Column("report", Json),
    Column("problem", Json),
    optional_text("told"),  # the step that its conversation has heard of
    Column("attempts", Integer, nullable=False),
    Column("claimed_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    UniqueConstraint("tenant", "cause"),
    Index(None, "tenant", "state", "created_at"),
    Index(None, "tenant", "user_id", "created_at"),
    Index(None, "tenant", "expires_at"),
)
