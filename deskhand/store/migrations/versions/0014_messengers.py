"""Accounts in Slack and Teams, and what was posted to them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("messenger_link", "messenger_post")


def upgrade() -> None:
    op.create_table(
        "messenger_link",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", types.Json, nullable=False),
        sa.Column("notices", sa.String(), nullable=False),
        sa.Column("notified_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "channel", "team", "person", name=op.f("pk_messenger_link")),
        sa.UniqueConstraint("tenant", "user_id", "channel", name=op.f("uq_messenger_link_tenant_user_id_channel")),
    )
    op.create_table(
        "messenger_post",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("shown", types.Json, nullable=True),
        sa.Column("posted", types.Json, nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_messenger_post")),
    )
    for column in ("subject", "user_id", "created_at"):
        op.create_index(op.f(f"ix_messenger_post_tenant_{column}"), "messenger_post", ["tenant", column])
    protect(op.get_bind(), *TABLES)


def downgrade() -> None:
    unprotect(op.get_bind(), *TABLES)
    for table in reversed(TABLES):
        op.drop_table(table)
