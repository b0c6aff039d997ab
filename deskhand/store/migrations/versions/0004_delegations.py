"""Who acts for whom while they are away"""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the commit that needs it."""


def downgrade() -> None:
    """The reverse."""
