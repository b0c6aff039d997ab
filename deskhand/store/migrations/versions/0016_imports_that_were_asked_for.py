"""Imports that were asked for: looked at first, carried out after a yes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INDEXES = (["tenant", "state", "created_at"], ["tenant", "user_id", "created_at"], ["tenant", "expires_at"])


def upgrade() -> None:
    op.create_table(
        "import_job",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actor", types.Json, nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("files", types.Json, nullable=False),
        sa.Column("wanted", types.Json, nullable=False),
        sa.Column("preview", types.Json, nullable=True),
        sa.Column("progress", types.Json, nullable=True),
        sa.Column("report", types.Json, nullable=True),
        sa.Column("problem", types.Json, nullable=True),
        sa.Column("told", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", types.UtcTime(), nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.Column("expires_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_import_job")),
        sa.UniqueConstraint("tenant", "cause", name=op.f("uq_import_job_tenant_cause")),
    )
    for columns in _INDEXES:
        op.create_index(op.f(f"ix_import_job_{'_'.join(columns)}"), "import_job", columns)
    protect(op.get_bind(), "import_job")


def downgrade() -> None:
    unprotect(op.get_bind(), "import_job")
    op.drop_table("import_job")
