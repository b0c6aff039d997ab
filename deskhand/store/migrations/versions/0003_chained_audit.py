"""The audit is a chain for each tenant"""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the commit that needs it."""


def downgrade() -> None:
    """The reverse."""
