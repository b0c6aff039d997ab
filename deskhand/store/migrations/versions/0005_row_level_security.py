"""On PostgreSQL the database itself keeps the tenants apart; which tenants there are is remembered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, tables_to_protect, unprotect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_tenant",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_known_tenant")),
    )
    protect(op.get_bind(), *tables_to_protect(op.get_bind()))


def downgrade() -> None:
    unprotect(op.get_bind(), *tables_to_protect(op.get_bind()))
    op.drop_table("known_tenant")
