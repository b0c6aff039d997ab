"""Credit notes; what came back and what is on back-order; what is in a parcel; until when goods are reserved"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_note",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("invoice", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", types.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("lines", types.Json, nullable=False),
        sa.Column("issued_at", types.UtcTime(), nullable=False),
        sa.Column("sent_at", types.UtcTime(), nullable=True),
        sa.Column("withdrawn_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_credit_note")),
    )
    op.create_index(op.f("ix_credit_note_tenant_order_id"), "credit_note", ["tenant", "order_id"])
    protect(op.get_bind(), "credit_note")
    for column in ("returned", "back_ordered"):
        op.add_column("order_line", sa.Column(column, types.ExactDecimal(), nullable=False, server_default="0"))
    for table in ("shipment", "parcel"):
        op.add_column(table, sa.Column("contents", types.Json, nullable=True))
    op.add_column("sales_order", sa.Column("reserved_until", types.UtcTime(), nullable=True))
    op.add_column(
        "sales_order", sa.Column("reservation_lapsed", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    for column in ("reservation_lapsed", "reserved_until"):
        op.drop_column("sales_order", column)
    for table in ("parcel", "shipment"):
        op.drop_column(table, "contents")
    for column in ("back_ordered", "returned"):
        op.drop_column("order_line", column)
    unprotect(op.get_bind(), "credit_note")
    op.drop_index(op.f("ix_credit_note_tenant_order_id"), table_name="credit_note")
    op.drop_table("credit_note")
