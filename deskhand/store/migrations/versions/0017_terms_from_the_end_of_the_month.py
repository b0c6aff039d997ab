"""Days to pay may count from the end of the month; what came in on a day is found in an index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customer") as table:
        table.add_column(sa.Column("month_end", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ix_payment_tenant_paid_at"), "payment", ["tenant", "paid_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_payment_tenant_paid_at"), "payment")
    with op.batch_alter_table("customer") as table:
        table.drop_column("month_end")
