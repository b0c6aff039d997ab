"""Rows as the driver takes them: made ready before a transaction begins, loaded aside, taken over in one statement.

SQLite: the driver's executemany; PostgreSQL: COPY into a table of the connection's own (COPY into one with row-level
security is refused), from there through the table's policy. Knows column types, no orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice, repeat
from operator import is_
from typing import Any

from sqlalchemy import Column, Connection, Dialect, MetaData, Table, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable

from deskhand.store.sqlite_apart import Apart
from deskhand.store.sqlite_process import inserts

CHUNK = 10_000
_FEW = 50  # rows that are not worth a statement of their own making
Row = Sequence[Any]
Ready = tuple[Any, ...]
Values = Sequence[Any]  # of one column


def ready(dialect: Dialect, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> list[Ready]:
    """Values as the driver takes them, converted a column at a time; columns that need nothing are not touched."""
    by_column: list[Iterable[Any]] = list(zip(*rows, strict=True))
    if not by_column:
        return []
    done: list[tuple[Iterable[Any], list[Any], type]] = []
    for position, name in enumerate(columns):
        given, kind = by_column[position], table.c[name].type
        convert = kind.dialect_impl(dialect).bind_processor(dialect)
        if convert is None:
            continue
        # Times that are the very same in several columns are converted once.
        same = (made for other, made, of in done if of is type(kind) and all(map(is_, given, other)))
        made = next(same, None)
        if made is None:
            made = _converted(given, convert)
            done.append((given, made, type(kind)))
        by_column[position] = made
    return list(zip(*by_column, strict=True))


def _converted(values: Iterable[Any], convert: Callable[[Any], Any]) -> list[Any]:
    """What all the rows of a set share, such as who acts and when, is converted once."""
    known = list(values)
    if all(map(is_, known, repeat(known[0]))):
        return [convert(known[0])] * len(known)
    return list(map(convert, known))


def insert_ready(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Ready]) -> None:
    """Inserts rows that `ready` has made."""
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        if connection.dialect.name == "sqlite":
            _executemany(connection, table, columns, list(zip(*chunk, strict=True)))
            continue
        aside = load_aside(connection, table, columns, chunk)
        quote, names = connection.dialect.identifier_preparer.quote, _names(connection, columns)
        with _driver(connection).cursor() as cursor:
            cursor.execute(f"INSERT INTO {quote(table.name)} ({names}) SELECT {names} FROM {quote(aside.name)}")
        connection.execute(DropTable(aside))  # the next rows of this table may have other columns


def insert_columns(connection: Connection, table: Table, columns: Sequence[str], values: Sequence[Values]) -> None:
    """The same for values that lie in columns, as the driver takes them."""
    if connection.dialect.name != "sqlite":
        insert_ready(connection, table, columns, zip(*values, strict=True))
    elif values and values[0]:
        _executemany(connection, table, columns, values)


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
    connection.execute(DropTable(aside))


def load_aside(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Ready]) -> Table:
    """Into a table of this connection alone, with columns like those of the real one; the caller drops it."""
    aside = Table(
        f"staging_{table.name}",
        MetaData(),
        *(Column(name, table.c[name].type) for name in columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    connection.execute(CreateTable(aside))
    if connection.dialect.name == "sqlite":
        if rows:
            _executemany(connection, aside, columns, list(zip(*rows, strict=True)))
        return aside
    quote, names = connection.dialect.identifier_preparer.quote, _names(connection, columns)
    with _driver(connection).cursor() as cursor, cursor.copy(f"COPY {quote(aside.name)} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return aside


def _executemany(connection: Connection, table: Table, columns: Sequence[str], by_column: Sequence[Values]) -> None:
    """Many rows by statements of many rows: all the while that SQLite works at one, other threads can. What all rows
    share, and what one column has of another, is handed over once.
    """
    name, names = connection.dialect.identifier_preparer.quote(table.name), _names(connection, columns)
    rows = len(by_column[0])
    if rows < _FEW:
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(
            f"INSERT INTO {name} ({names}) VALUES ({places})", list(zip(*by_column, strict=True))
        )
        return
    taken, shared, own = _told_apart(by_column)
    into, driver = f"INSERT INTO {name} ({names}) SELECT {taken} FROM (VALUES ", _driver(connection)
    if isinstance(driver, Apart):
        driver.insert(into, shared, own)
        return
    for statement, values in inserts(into, shared, own):
        connection.exec_driver_sql(statement, values)


def _told_apart(by_column: Sequence[Values]) -> tuple[str, list[Any], list[Values]]:
    """What each column takes, what all rows share, and the columns whose values differ; by identity, which is quick."""
    taken: list[str] = []
    shared: list[Any] = []
    own: list[Values] = []
    for column in by_column:
        same = next((place for place, other in enumerate(own, start=1) if _is_same(column, other)), None)
        if same is None and all(map(is_, column, repeat(column[0]))):
            taken.append("?")
            shared.append(column[0])
            continue
        if same is None:
            own.append(column)
        taken.append(f"column{same or len(own)}")
    return ", ".join(taken), shared, own or [[None] * len(by_column[0])]


def _is_same(one: Values, other: Values) -> bool:
    return one is other or all(map(is_, one, other))


def _names(connection: Connection, columns: Sequence[str]) -> str:
    return ", ".join(map(connection.dialect.identifier_preparer.quote, columns))


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
