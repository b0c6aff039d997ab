"""Many rows at the driver's speed: executemany on SQLite, COPY on PostgreSQL. Knows column types, no orders.

PostgreSQL refuses COPY into a table with row-level security, so rows are copied into a temporary one and go from there
through the table's policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

CHUNK = 5_000
Row = Sequence[Any]


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Inserts tuples in the order of `columns`; says how many. Values are as for SQLAlchemy."""
    write = _copy if connection.dialect.name == "postgresql" else _executemany
    count = 0
    prepared = _prepared(connection, table, columns, rows)
    while chunk := list(islice(prepared, CHUNK)):
        write(connection, table, columns, chunk)
        count += len(chunk)
    return count


def _prepared(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]
) -> Iterator[tuple[Any, ...]]:
    """Values as the driver takes them; columns that need nothing are not touched."""
    converters: list[tuple[int, Callable[[Any], Any]]] = []
    for position, name in enumerate(columns):
        kind = table.c[name].type.dialect_impl(connection.dialect)
        converter = kind.bind_processor(connection.dialect)
        if converter is not None:
            converters.append((position, converter))
    for row in rows:
        values = list(row)
        for position, convert in converters:
            values[position] = convert(values[position])
        yield tuple(values)


def _names(connection: Connection, table: Table, columns: Sequence[str]) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(map(quote, columns))})"


def _executemany(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {_names(connection, table, columns)} VALUES ({places})", rows)


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    quote = connection.dialect.identifier_preparer.quote
    names, staging = ", ".join(map(quote, columns)), quote(f"loading_{table.name}")
    with driver.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {staging} ON COMMIT DROP AS "
            f"SELECT {names} FROM {quote(table.name)} WITH NO DATA"
        )
        with cursor.copy(f"COPY {staging} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {_names(connection, table, columns)} SELECT {names} FROM {staging}")
        cursor.execute(f"TRUNCATE {staging}")
