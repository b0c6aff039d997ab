"""PostgreSQL keeps the tenants apart by itself: whatever a query forgets, a transaction sees one tenant's rows alone.

SQLite has nothing like it; there the conditions of the queries stand alone. Knows no single table but the shared ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import pq, sql
from sqlalchemy import Connection, inspect, text

SETTING = "deskhand.tenant"
POLICY = "own_tenant"
TENANT_COLUMN = "tenant"

# Tables that every transaction may read, with the reason.
SHARED: Mapping[str, str] = {
    "known_tenant": "ids and fingerprints of settings, no company's data: finds out that a file was removed",
}

_MINE = f"tenant = current_setting('{SETTING}', true)"


def tables_to_protect(connection: Connection) -> list[str]:
    """The tables of this database that belong to tenants."""
    look = inspect(connection)
    return [
        name
        for name in sorted(look.get_table_names())
        if name not in SHARED and TENANT_COLUMN in {column["name"] for column in look.get_columns(name)}
    ]


def protect(connection: Connection, *tables: str) -> None:
    """For a migration that makes tables: from now on they show each transaction its own tenant's rows alone.

    FORCE, so that it binds the tables' owner too. Does nothing on SQLite.
    """
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        name = connection.dialect.identifier_preparer.quote(table)
        connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
        connection.execute(text(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"))
        connection.execute(text(f"CREATE POLICY {POLICY} ON {name} USING ({_MINE}) WITH CHECK ({_MINE})"))


def unprotect(connection: Connection, *tables: str) -> None:
    """The reverse of `protect`."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        name = connection.dialect.identifier_preparer.quote(table)
        connection.execute(text(f"DROP POLICY {POLICY} ON {name}"))
        connection.execute(text(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))


@contextmanager
def all_tenants(connection: Connection, *tables: str) -> Iterator[None]:
    """For a migration that changes rows of every tenant: inside, the tables' owner sees all of them."""
    forced = [connection.dialect.identifier_preparer.quote(table) for table in tables]
    if connection.dialect.name != "postgresql":
        forced = []
    for name in forced:
        connection.execute(text(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"))
    yield
    for name in forced:
        connection.execute(text(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"))


def begin_as(driver: psycopg.Connection, tenant: str) -> None:
    """Begins the transaction and says whose it is; the setting ends with the transaction.

    Both in one message to the server: measured, a statement of its own costs a round trip for each unit of work.

    Raises:
        psycopg.OperationalError: if the server is gone.
    """
    said = sql.SQL("BEGIN; SELECT set_config({}, {}, true)").format(sql.Literal(SETTING), sql.Literal(tenant))
    result = driver.pgconn.exec_(said.as_bytes(driver))
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise psycopg.OperationalError(driver.pgconn.get_error_message())


def bypassed_by(connection: Connection) -> str | None:
    """Why this role is not bound by the policies; None when it is, or when there are none (SQLite)."""
    if connection.dialect.name != "postgresql":
        return None
    query = text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    role, is_superuser, bypasses = connection.execute(query).one()
    if is_superuser or bypasses:
        return f"role {role} {'is a superuser' if is_superuser else 'has BYPASSRLS'}"
    return None
