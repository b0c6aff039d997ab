"""The facts that a text was written from are kept with it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deskhand.store import types

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("text_record", sa.Column("written_from", types.Json, nullable=True))


def downgrade() -> None:
    op.drop_column("text_record", "written_from")
