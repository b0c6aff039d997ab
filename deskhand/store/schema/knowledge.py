"""The passages of knowledge/ that answer questions about policy: a copy of the files, made anew when they change."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String, column
from sqlalchemy import table as untracked
from sqlalchemy.dialects.postgresql import TSVECTOR

from deskhand.store.schema.base import table, text
from deskhand.store.types import Json

# `search` has every word once: text on SQLite, where KNOWLEDGE_SEARCH holds it too, a tsvector on PostgreSQL. There an
# index over it would not be used: below row-level security `@@` may only look at rows that the policy let through.
knowledge_passage = table(
    "knowledge_passage",
    Column("id", String, primary_key=True),  # place in its company's passages
    text("subject"),
    text("language"),
    text("heading"),
    text("body"),
    Column("title", Json, nullable=False),
    Column("asked", Json, nullable=False),
    Column("staff_only", Boolean, nullable=False),
    Column("search", String().with_variant(TSVECTOR(), "postgresql"), nullable=False),
)

# Which reading of the files a company's passages are.
knowledge_state = table("knowledge_state", Column("fingerprint", String(64), nullable=False))

# SQLite only: an FTS5 table, which is not among the tables that migrations are compared with.
knowledge_search = untracked("knowledge_search", column("tenant"), column("id"), column("search"))
