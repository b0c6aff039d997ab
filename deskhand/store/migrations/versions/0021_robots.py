"""Robots: work items, their evidence, the switch of each robot, licences, and credentials under a key"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types
from deskhand.store.row_security import protect, unprotect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLES = ("work_item", "robot_evidence", "robot_switch", "robot_licence", "credential")
_INDEXES = {
    "work_item": (
        ["tenant", "robot", "state", "priority", "not_before"],
        ["tenant", "state", "claimed_until"],
        ["tenant", "owner", "created_at"],
        ["tenant", "case_id"],
    ),
    "robot_evidence": (["tenant", "at"],),
}


def upgrade() -> None:
    op.create_table(
        "work_item",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("robot", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("input", types.Json, nullable=False),
        sa.Column("output", types.Json, nullable=True),
        sa.Column("problem", types.Json, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", types.UtcTime(), nullable=False),
        sa.Column("deadline", types.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("node", sa.String(), nullable=True),
        sa.Column("conversation_id", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("wish", sa.String(), nullable=True),
        sa.Column("question", types.Json, nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("claimed_until", types.UtcTime(), nullable=True),
        sa.Column("told", sa.String(), nullable=True),
        sa.Column("actor", types.Json, nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.Column("finished_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_work_item")),
        sa.UniqueConstraint("tenant", "robot", "reference", name=op.f("uq_work_item_tenant_robot_reference")),
    )
    op.create_table(
        "robot_evidence",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_robot_evidence")),
        sa.UniqueConstraint(
            "tenant", "item_id", "attempt", "file", name=op.f("uq_robot_evidence_tenant_item_id_attempt_file")
        ),
    )
    op.create_table(
        "robot_switch",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("robot", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "robot", name=op.f("pk_robot_switch")),
    )
    op.create_table(
        "robot_licence",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("licence", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("held_until", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "licence", "place", name=op.f("pk_robot_licence")),
    )
    op.create_table(
        "credential",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_credential")),
    )
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    protect(op.get_bind(), *_TABLES)


def downgrade() -> None:
    unprotect(op.get_bind(), *_TABLES)
    for table in reversed(_TABLES):
        op.drop_table(table)
