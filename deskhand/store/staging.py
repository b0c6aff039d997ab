"""Rows made ready before a transaction begins, loaded aside, and taken over in one statement. Knows no orders.

SQLite: the driver's executemany; PostgreSQL: COPY into a table of the connection's own (COPY into one with row-level
security is refused), from there through the table's policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Dialect, MetaData, Table, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

CHUNK = 10_000
Row = Sequence[Any]
Ready = tuple[Any, ...]


def ready(dialect: Dialect, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> Iterator[Ready]:
    """Values as the driver takes them; columns that need nothing are not touched."""
    converters: list[tuple[int, Callable[[Any], Any]]] = []
    for position, name in enumerate(columns):
        converter = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if converter is not None:
            converters.append((position, converter))
    for row in rows:
        values = list(row)
        for position, convert in converters:
            values[position] = convert(values[position])
        yield tuple(values)


def insert_ready(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Ready]) -> None:
    """Inserts rows that `ready` has made."""
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        if connection.dialect.name == "sqlite":
            _executemany(connection, table, columns, chunk)
            continue
        aside = load_aside(connection, table, columns, chunk)
        quote, names = connection.dialect.identifier_preparer.quote, _names(connection, columns)
        with _driver(connection).cursor() as cursor:
            cursor.execute(f"INSERT INTO {quote(table.name)} ({names}) SELECT {names} FROM {quote(aside.name)}")
            cursor.execute(f"TRUNCATE {quote(aside.name)}")


def merge_ready(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Ready], key: Sequence[str],
    tenant: str, noted: Sequence[str] = (),
) -> None:  # fmt: skip
    """One statement takes all over: new ones are inserted, those whose `key` is known and that differ are replaced.

    What differs in nothing but the `noted` columns (when it was seen last) stays as it is.
    """
    if not rows:
        return
    aside = load_aside(connection, table, columns, rows)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert: Any = dialect.insert(table)
    mine = literal(tenant).label(aside.c.tenant.name)
    others_aside = (aside.c[name] for name in columns if name != mine.name)
    taken = insert.from_select(
        [mine.name, *(name for name in columns if name != mine.name)],
        select(mine, *others_aside).where(aside.c.tenant == tenant),
    )
    others = [name for name in columns if name not in key]
    differs = or_(*(table.c[name].is_distinct_from(taken.excluded[name]) for name in others if name not in noted))
    changed = {name: taken.excluded[name] for name in others}
    connection.execute(taken.on_conflict_do_update(index_elements=key, set_=changed, where=differs))
    connection.execute(aside.delete())


def load_aside(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Ready]) -> Table:
    """Into a table of this connection alone, with columns like those of the real one."""
    aside = Table(
        f"staging_{table.name}",
        MetaData(),
        *(Column(name, table.c[name].type) for name in columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    connection.execute(CreateTable(aside, if_not_exists=True))
    if connection.dialect.name == "sqlite":
        _executemany(connection, aside, columns, rows)
        return aside
    quote, names = connection.dialect.identifier_preparer.quote, _names(connection, columns)
    with _driver(connection).cursor() as cursor, cursor.copy(f"COPY {quote(aside.name)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return aside


def _executemany(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Ready]) -> None:
    name, places = connection.dialect.identifier_preparer.quote(table.name), ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {name} ({_names(connection, columns)}) VALUES ({places})", list(rows))


def _names(connection: Connection, columns: Sequence[str]) -> str:
    return ", ".join(map(connection.dialect.identifier_preparer.quote, columns))


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
