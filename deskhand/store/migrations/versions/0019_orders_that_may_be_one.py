"""Orders of two systems that may be one, and what people decided of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_candidate",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("like_source", sa.String(), nullable=False),
        sa.Column("like_key", sa.String(), nullable=False),
        sa.Column("difference", types.ExactDecimal, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("found_at", types.UtcTime(), nullable=False),
        sa.Column("decided_at", types.UtcTime(), nullable=True),
        sa.Column("undo", types.Json, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_order_candidate")),
    )
    op.create_index(op.f("ix_order_candidate_tenant_state"), "order_candidate", ["tenant", "state"])
    protect(op.get_bind(), "order_candidate")


def downgrade() -> None:
    unprotect(op.get_bind(), "order_candidate")
    op.drop_table("order_candidate")
