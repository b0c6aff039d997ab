"""What other systems have said of an order, a customer, goods: records, and files that were taken over whole"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("source_record", "imported_file")
_HASH = ["tenant", "kind", "match_hash"]
_CUSTOMER = ["tenant", "kind", "customer_key", "day"]


def upgrade() -> None:
    op.create_table(
        "source_record",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("match_hash", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stamped_at", types.UtcTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("customer_key", sa.String(), nullable=True),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("amount", types.ExactDecimal(), nullable=True),
        sa.Column("said", types.Json, nullable=False),
        sa.Column("seen_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "kind", "key", name=op.f("pk_source_record")),
    )
    for columns in (_HASH, _CUSTOMER, ["tenant", "order_id"]):
        op.create_index(op.f("ix_source_record_" + "_".join(columns)), "source_record", columns)
    op.create_table(
        "imported_file",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("report", types.Json, nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_imported_file")),
    )
    protect(op.get_bind(), *TABLES)


def downgrade() -> None:
    unprotect(op.get_bind(), *TABLES)
    for table in reversed(TABLES):
        op.drop_table(table)
