"""Conversations that people take over from the bot"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", types.UtcTime(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("taken_at", types.UtcTime(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", types.UtcTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_tenant_state_asked_at"), "handover", ["tenant", "state", "asked_at"])
    still_open = sa.text("state <> 'closed'")
    op.create_index(
        "uq_handover_open",
        "handover",
        ["tenant", "conversation_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    protect(op.get_bind(), "handover")
    op.add_column("message", sa.Column("written_by", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "written_by")
    unprotect(op.get_bind(), "handover")
    op.drop_table("handover")
