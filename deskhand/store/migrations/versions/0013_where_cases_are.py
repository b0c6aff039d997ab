"""Where cases are, by process and version, is found in an index alone"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OLD, NEW = "ix_case_tenant_process_ended_marking", "ix_case_tenant_process_ended_marking_version_stopped_reason"


def upgrade() -> None:
    columns = ["tenant", "process", "ended", "marking", "version", "stopped_reason"]
    op.create_index(op.f(NEW), "case", columns)
    op.drop_index(op.f(OLD), "case")


def downgrade() -> None:
    op.create_index(op.f(OLD), "case", ["tenant", "process", "ended", "marking"])
    op.drop_index(op.f(NEW), "case")
