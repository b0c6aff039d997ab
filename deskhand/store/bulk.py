"""Many rows at the driver's speed: new ones by executemany on SQLite and COPY on PostgreSQL, changes by executemany.
Knows column types, no orders.

PostgreSQL refuses COPY into a table with row-level security, so rows are copied into a temporary one and go from there
through the table's policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from operator import is_
from typing import Any

from sqlalchemy import Connection, Table

CHUNK = 5_000
Row = Sequence[Any]


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Inserts tuples in the order of `columns`; says how many. Values are as for SQLAlchemy."""
    write = _copy if connection.dialect.name == "postgresql" else _executemany
    count = 0
    converters = _converters(connection, table, columns)
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        write(connection, table, columns, _prepared(chunk, converters))
        count += len(chunk)
    return count


def update_rows(
    connection: Connection, table: Table, columns: Sequence[str], keys: Sequence[str], rows: Iterable[Row]
) -> int:
    """Tuples of the new values, then of the keys, of which the first is the tenant; says how many rows there were."""
    quote, place = connection.dialect.identifier_preparer.quote, _place(connection)
    changed = ", ".join(f"{quote(name)} = {place}" for name in columns)
    found = " AND ".join(f"{quote(name)} = {place}" for name in keys)
    statement = f"UPDATE {quote(table.name)} SET {changed} WHERE {found}"
    converters = _converters(connection, table, [*columns, *keys])
    remaining, count = iter(rows), 0
    while chunk := list(islice(remaining, CHUNK)):
        count += connection.exec_driver_sql(statement, _prepared(chunk, converters)).rowcount
    return count


def _place(connection: Connection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"


def _converters(connection: Connection, table: Table, columns: Sequence[str]) -> dict[int, Callable[[Any], Any]]:
    """By position; columns that the driver takes as they are have none."""
    kinds = [table.c[name].type.dialect_impl(connection.dialect) for name in columns]
    found = {position: kind.bind_processor(connection.dialect) for position, kind in enumerate(kinds)}
    return {position: convert for position, convert in found.items() if convert is not None}


def _prepared(rows: list[Row], converters: dict[int, Callable[[Any], Any]]) -> list[tuple[Any, ...]]:
    """Values as the driver takes them, a column at a time."""
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for position, convert in converters.items():
        columns[position] = _converted(columns[position], convert)
    return list(zip(*columns, strict=True))


def _converted(values: Iterable[Any], convert: Callable[[Any], Any]) -> Iterator[Any]:
    """What all the rows of a set share, such as who acts and when, is converted once."""
    known = list(values)
    if all(map(is_, known, repeat(known[0]))):
        return repeat(convert(known[0]), len(known))
    return map(convert, known)


def _names(connection: Connection, table: Table, columns: Sequence[str]) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(map(quote, columns))})"


def _executemany(connection: Connection, table: Table, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join([_place(connection)] * len(columns))
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
