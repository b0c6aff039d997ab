"""Jobs that wake a worker for a robot: the tables of Procrastinate 3.10 in a schema of their own, on PostgreSQL alone

Its file of tables is kept beside ours as it was then (MIT, its authors): what a migration makes does not change with
the library. A newer version of the library that changes its tables wants a migration that runs what it says of that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SCHEMA = "deskhand_jobs"
TABLES = Path(__file__).parents[1] / "procrastinate_3_10.sql"


def upgrade() -> None:
    """Whoever may make no schema in the database has one made before: an empty `deskhand_jobs`, the role its owner."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    if connection.execute(sa.text(f"SELECT to_regnamespace({SCHEMA!r})")).scalar() is None:
        connection.execute(sa.text(f"CREATE SCHEMA {SCHEMA}"))
    before = connection.execute(sa.text("SHOW search_path")).scalar()
    connection.execute(sa.text(f"SET LOCAL search_path TO {SCHEMA}"))
    driver: Any = connection.connection.driver_connection
    driver.execute(TABLES.read_text(encoding="utf-8"))
    connection.execute(sa.text("SELECT set_config(:name, :value, true)"), {"name": "search_path", "value": before})


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
