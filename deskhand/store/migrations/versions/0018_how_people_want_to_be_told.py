"""How people want to be told, and what waits for its hour"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("notice_preference", "notice_waiting")


def upgrade() -> None:
    op.create_table(
        "notice_preference",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("settings", types.Json, nullable=False),
        sa.Column("previous", types.Json, nullable=True),
        sa.Column("desk_seq", sa.BigInteger(), nullable=False),
        sa.Column("mail_seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "user_id", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "notice_waiting",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "user_id", "channel", "seq", name=op.f("pk_notice_waiting")),
    )
    protect(op.get_bind(), *TABLES)


def downgrade() -> None:
    unprotect(op.get_bind(), *TABLES)
    for table in reversed(TABLES):
        op.drop_table(table)
