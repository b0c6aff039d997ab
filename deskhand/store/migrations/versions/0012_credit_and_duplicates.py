"""Credit limit and class of customers; what an order held when it was placed, to find others like it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("credit_limit", types.ExactDecimal(), nullable=True))
    op.add_column("customer", sa.Column("customer_class", sa.String(), nullable=True))
    op.add_column("sales_order", sa.Column("content_hash", sa.String(length=64), nullable=True))
    op.create_index(
        op.f("ix_sales_order_tenant_content_hash_created_at"), "sales_order", ["tenant", "content_hash", "created_at"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_sales_order_tenant_content_hash_created_at"), table_name="sales_order")
    op.drop_column("sales_order", "content_hash")
    op.drop_column("customer", "customer_class")
    op.drop_column("customer", "credit_limit")
