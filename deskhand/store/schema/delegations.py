"""The table of who acts for whom while they are away."""

from __future__ import annotations

from sqlalchemy import Column, Index

from deskhand.store.schema.base import key, table, text
from deskhand.store.types import UtcTime

delegation = table(
    "delegation",
    key(),
    text("from_user"),
    text("to_user"),
    Column("from_at", UtcTime, nullable=False),
    Column("until_at", UtcTime, nullable=False),
    text("reason"),
    text("created_by"),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index(None, "tenant", "to_user", "until_at"),
    Index(None, "tenant", "from_user"),
)
