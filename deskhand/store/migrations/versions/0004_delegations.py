"""Who acts for whom while they are away"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store.types import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table and the indexes by which it is asked: who stands in for whom, who is stood in for."""
    op.create_table(
        "delegation",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("from_user", sa.String(), nullable=False),
        sa.Column("to_user", sa.String(), nullable=False),
        sa.Column("from_at", UtcTime(), nullable=False),
        sa.Column("until_at", UtcTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_tenant_to_user_until_at"), "delegation", ["tenant", "to_user", "until_at"])
    op.create_index(op.f("ix_delegation_tenant_from_user"), "delegation", ["tenant", "from_user"])


def downgrade() -> None:
    """The reverse."""
    op.drop_table("delegation")
