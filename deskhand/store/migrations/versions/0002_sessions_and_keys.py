"""Sessions that can be revoked, API keys, identities of a provider"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("seen_at", types.UtcTime(), nullable=False),
        sa.Column("expires_at", types.UtcTime(), nullable=False),
        sa.Column("ended_at", types.UtcTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_session")),
        sa.UniqueConstraint("tenant", "link", name=op.f("uq_session_tenant_link")),
    )
    op.create_index(op.f("ix_session_tenant_user_id"), "session", ["tenant", "user_id"], unique=False)


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("scopes", types.Json, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("expires_at", types.UtcTime(), nullable=True),
        sa.Column("last_used_at", types.UtcTime(), nullable=True),
        sa.Column("revoked_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_api_key")),
    )


def _external_identity() -> None:
    op.create_table(
        "external_identity",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "issuer", "subject", name=op.f("pk_external_identity")),
    )
    op.create_index(
        op.f("ix_external_identity_tenant_user_id"), "external_identity", ["tenant", "user_id"], unique=False
    )


def upgrade() -> None:
    _session()
    _api_key()
    _external_identity()


def downgrade() -> None:
    for name in ("external_identity", "api_key", "session"):
        op.drop_table(name)
