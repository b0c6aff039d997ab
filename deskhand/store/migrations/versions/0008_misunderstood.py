"""What was not understood, kept beside the message; and unpaid orders found by an index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ONLY = sa.text("misunderstood IS NOT NULL")


def upgrade() -> None:
    op.add_column("message", sa.Column("misunderstood", sa.String(), nullable=True))
    op.add_column("message", sa.Column("understood", types.Json, nullable=True))
    op.add_column("message", sa.Column("label", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_message_tenant_misunderstood_created_at"),
        "message",
        ["tenant", "misunderstood", "created_at"],
        sqlite_where=_ONLY,
        postgresql_where=_ONLY,
    )
    op.create_index(
        op.f("ix_sales_order_tenant_payment_status_payment_due_on"),
        "sales_order",
        ["tenant", "payment_status", "payment_due_on"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_sales_order_tenant_payment_status_payment_due_on"), table_name="sales_order")
    op.drop_index(op.f("ix_message_tenant_misunderstood_created_at"), table_name="message")
    for column in ("label", "understood", "misunderstood"):
        op.drop_column("message", column)
