"""On PostgreSQL the database itself keeps the tenants apart"""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the commit that needs it."""


def downgrade() -> None:
    """The reverse."""
