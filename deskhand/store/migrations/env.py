"""Runs migrations inside the transaction that `Database.migrate` opened, or in one of its own for the command line."""

from __future__ import annotations

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Connection

from deskhand.store.database import Database
from deskhand.store.schema import metadata
from deskhand.store.types import ExactDecimal, UtcTime


def render_type(kind: str, value: object, autogen: Any) -> str | Literal[False]:
    """Writes our own column types by name into a new migration."""
    if kind == "type" and isinstance(value, ExactDecimal | UtcTime):
        autogen.imports.add("from deskhand.store import types")
        return f"types.{type(value).__name__}()"
    if kind == "type" and isinstance(value, JSON):
        autogen.imports.add("from deskhand.store import types")
        return "types.Json"
    return False


_INDEX = "knowledge_search"  # SQLite's FTS5 table and the tables that it makes for itself


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Whether it is compared with the tables that the schema names."""
    return kind != "table" or not str(name).startswith(_INDEX)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_type,
        include_name=is_ours,
        render_as_batch=False,
        transactional_ddl=False,  # the caller's transaction holds everything
    )
    context.run_migrations()


def main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run(connection)
        return
    database = Database.connect(os.environ["DATABASE_URL"])
    with database.transaction() as own:
        run(own)


main()
