"""Jobs that wake a worker for a robot: the tables of Procrastinate in a schema of their own, on PostgreSQL alone

They are made as the installed library has them, which the lock fixes; a newer one that changes its tables brings what
is to be run, and wants a migration that runs it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SCHEMA = "deskhand_jobs"


def upgrade() -> None:
    """Whoever may make no schema in the database has one made before: an empty `deskhand_jobs`, the role its owner."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    from procrastinate.schema import SchemaManager  # every start looks at the list of migrations

    if connection.execute(sa.text(f"SELECT to_regnamespace({SCHEMA!r})")).scalar() is None:
        connection.execute(sa.text(f"CREATE SCHEMA {SCHEMA}"))
    before = connection.execute(sa.text("SHOW search_path")).scalar()
    connection.execute(sa.text(f"SET LOCAL search_path TO {SCHEMA}"))
    driver: Any = connection.connection.driver_connection
    driver.execute(SchemaManager.get_schema())
    connection.execute(sa.text("SELECT set_config(:name, :value, true)"), {"name": "search_path", "value": before})


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
