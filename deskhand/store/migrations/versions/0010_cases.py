"""Cases of any process: their files, claimed tasks, documents and scheduled starts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("case_file", "task_claim", "case_document", "scheduled_start")


def upgrade() -> None:
    op.create_table(
        "case_file",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", types.UtcTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.Column("ended_at", types.UtcTime(), nullable=True),
        sa.Column("history_seq", sa.Integer(), nullable=False),
        sa.Column("history_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("tenant", "number", name=op.f("uq_case_file_tenant_number")),
    )
    op.create_index(op.f("ix_case_file_tenant_started_by_id"), "case_file", ["tenant", "started_by", "id"])
    op.create_index(op.f("ix_case_file_tenant_process_id"), "case_file", ["tenant", "process", "id"])
    op.create_table(
        "task_claim",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=False),
        sa.Column("claimed_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "node", name=op.f("pk_task_claim")),
    )
    op.create_table(
        "case_document",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("written_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "case_id", "name", "language", name=op.f("pk_case_document")),
    )
    op.create_table(
        "scheduled_start",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("due_at", types.UtcTime(), nullable=False),
        sa.Column("started_at", types.UtcTime(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "process", "name", "due_at", name=op.f("pk_scheduled_start")),
    )
    protect(op.get_bind(), *TABLES)


def downgrade() -> None:
    unprotect(op.get_bind(), *TABLES)
    for table in reversed(TABLES):
        op.drop_table(table)
