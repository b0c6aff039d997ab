"""Sessions that can be revoked, API keys, identities of a provider"""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the commit that needs it."""


def downgrade() -> None:
    """The reverse."""
