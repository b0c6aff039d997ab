"""Many rows at the driver's speed: new ones as `staging` inserts them, changes by executemany.

Knows column types, no orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Table

from deskhand.store.staging import Row, insert_ready, ready

CHUNK = 5_000


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Inserts tuples in the order of `columns`; says how many. Values are as for SQLAlchemy."""
    count, remaining = 0, iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        insert_ready(connection, table, columns, ready(connection.dialect, table, columns, chunk))
        count += len(chunk)
    return count


def update_rows(
    connection: Connection, table: Table, columns: Sequence[str], keys: Sequence[str], rows: Iterable[Row]
) -> int:
    """Tuples of the new values, then of the keys, of which the first is the tenant; says how many rows there were."""
    quote = connection.dialect.identifier_preparer.quote
    place = "%s" if connection.dialect.name == "postgresql" else "?"
    changed = ", ".join(f"{quote(name)} = {place}" for name in columns)
    found = " AND ".join(f"{quote(name)} = {place}" for name in keys)
    statement = f"UPDATE {quote(table.name)} SET {changed} WHERE {found}"
    remaining, count = iter(rows), 0
    while chunk := list(islice(remaining, CHUNK)):
        values = ready(connection.dialect, table, [*columns, *keys], chunk)
        count += connection.exec_driver_sql(statement, values).rowcount
    return count


def execute_many(connection: Connection, statement: Insert, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """An insert whose only parameters are the values of the rows, which all have the same columns, two at least."""
    columns = [*rows[0]]
    compiled = statement.compile(dialect=connection.dialect, column_keys=columns)
    ordered = compiled.positiontup or []
    values = ready(connection.dialect, table, ordered, map(itemgetter(*ordered), rows))
    connection.exec_driver_sql(compiled.string, values)
