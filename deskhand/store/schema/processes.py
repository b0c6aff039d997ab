"""The table of the versions of processes: what was proposed, who agreed, and from when it runs."""

from __future__ import annotations

from sqlalchemy import Column, Integer

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

process_version = table(
    "process_version",
    key("process"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("files", Json, nullable=False),
    text("digest"),
    text("state"),
    text("proposed_by"),
    Column("proposed_at", UtcTime, nullable=False),
    optional_text("approved_by"),
    Column("approved_at", UtcTime),
    Column("active_from", UtcTime, nullable=False),
    text("notes"),
)
