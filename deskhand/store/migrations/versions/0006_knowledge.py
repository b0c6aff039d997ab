"""Passages of policy texts, with the database's own full text search"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("knowledge_passage", "knowledge_state")


def upgrade() -> None:
    op.create_table(
        "knowledge_passage",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("title", types.Json, nullable=False),
        sa.Column("asked", types.Json, nullable=False),
        sa.Column("staff_only", sa.Boolean(), nullable=False),
        sa.Column("search", sa.String().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_knowledge_passage")),
    )
    op.create_table(
        "knowledge_state",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_knowledge_state")),
    )
    protect(op.get_bind(), *TABLES)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE knowledge_search USING fts5(tenant UNINDEXED, id UNINDEXED, search)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE knowledge_search")
    unprotect(op.get_bind(), *TABLES)
    for table in TABLES:
        op.drop_table(table)
