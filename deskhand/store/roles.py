"""The ordinary roles of PostgreSQL that services connect as; made by the owner, who alone migrates.

Of tables it knows only those that grow and never change.
"""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import URL

from deskhand.store.database import normalized

_VERSION = "alembic_version"
_ENCRYPTION = b"scram-sha-256"
_APPEND_ONLY: tuple[LiteralString, ...] = (  # the chains: nothing but what is personal can be taken out of a row
    "REVOKE UPDATE, DELETE ON audit, history FROM {role}",
    "GRANT UPDATE (personal, salt, target) ON audit TO {role}",
    "GRANT UPDATE (personal, salt) ON history TO {role}",
)


class RoleRefused(ValueError):
    """The addresses don't fit: which one, and why."""


def make_application_role(owner_url: str, application_url: str) -> str:
    """The role of `application_url` with its password: reads and writes every table, alters and owns none.

    Made anew or brought up to date after each migration, so that new tables are reachable too. Returns its name.

    Raises:
        RoleRefused: if the two addresses name the same role, or other databases, or it is no ordinary role.
    """
    owner, application = normalized(owner_url), normalized(application_url)
    _check(owner, application)
    if owner.database != application.database:
        raise RoleRefused(f"the owner migrates {owner.database}, the services use {application.database}")
    with _connected(owner) as connection:
        _make_role(connection, application)
        names = {"role": sql.Identifier(str(application.username)), "database": sql.Identifier(str(owner.database))}
        for statement in (
            "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"REVOKE INSERT, UPDATE, DELETE ON {_VERSION} FROM {{role}}",
            *_APPEND_ONLY,
        ):
            connection.execute(sql.SQL(statement).format(**names))
    return str(application.username)


def make_role_with_database(owner_url: str, url: str) -> str:
    """A role with a database of its own, for a service that has no business in ours. Returns its name.

    Raises:
        RoleRefused: if it is the owner's role or database, or is no ordinary role.
    """
    owner, own = normalized(owner_url), normalized(url)
    _check(owner, own)
    if owner.database == own.database:
        raise RoleRefused(f"{own.username} gets a database of its own, not {own.database}")
    names = {"role": sql.Identifier(str(own.username)), "database": sql.Identifier(str(own.database))}
    with _connected(owner, autocommit=True) as connection:
        _make_role(connection, own)
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (own.database,)).fetchone()
        connection.execute(sql.SQL("GRANT {role} TO CURRENT_USER").format(**names))
        statement: LiteralString = "ALTER DATABASE {database} OWNER TO {role}"
        connection.execute(sql.SQL(statement if there else "CREATE DATABASE {database} OWNER {role}").format(**names))
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {database} FROM PUBLIC").format(**names))
    _hand_over(owner.set(database=own.database), names["role"])
    return str(own.username)


def _hand_over(url: URL, role: sql.Identifier) -> None:
    """What the owner's role has made in that database before is the new role's."""
    with _connected(url) as connection:
        kept = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in kept:
            connection.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(table), role))


def _check(owner: URL, other: URL) -> None:
    for url in (owner, other):
        if url.get_backend_name() != "postgresql" or not url.username:
            raise RoleRefused(f"{url.render_as_string()} is not the address of a role of PostgreSQL")
    if owner.username == other.username:
        raise RoleRefused(f"{owner.username} owns the tables: services need a role of their own")


def _make_role(connection: psycopg.Connection, url: URL) -> None:
    """The password is sent as its SCRAM verifier: the server's log never sees it."""
    name = str(url.username)
    query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s"
    there = connection.execute(query, (name,)).fetchone()
    if there is not None and there[0]:
        raise RoleRefused(f"no policy binds role {name}: it is a superuser or has BYPASSRLS")
    verb: LiteralString = "CREATE ROLE {role} LOGIN" if there is None else "ALTER ROLE {role} LOGIN"
    statement = sql.SQL(verb).format(role=sql.Identifier(name))
    if url.password:
        verifier = connection.pgconn.encrypt_password(str(url.password).encode(), name.encode(), _ENCRYPTION)
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier.decode()))
    connection.execute(statement)


def _connected(url: URL, autocommit: bool = False) -> psycopg.Connection:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=autocommit)
