"""The rows of a query of another system's database. Only reads, streams, and never says the address's password.

Knows nothing of Deskhand's own database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from deskhand.erp.sources.errors import NothingThere, SourceNotReached, TooLarge, TooManyColumns
from deskhand.erp.sources.grid import RecordTable
from deskhand.erp.sources.model import ROWS_A_BATCH, Cell, Limits, SqlSource
from deskhand.erp.sources.spool import Spool

_READS = re.compile(r"\s*(?:select|with|values|table|show)\b", re.IGNORECASE)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`")
_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "START TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}


def open_sql(source: SqlSource, limits: Limits) -> RecordTable:
    """Runs the query once and keeps its rows.

    Raises:
        SourceNotReached: the address, the driver, the database or the query; NothingThere, TooManyColumns, TooLarge.
    """
    if not reads_only(source.query):
        raise SourceNotReached(f"{source.name}: the query must be one SELECT")
    url = _url(source)
    with _connected(source, url) as connection:
        result = connection.execution_options(stream_results=True, yield_per=ROWS_A_BATCH).execute(
            text(source.query), source.parameters
        )
        header = tuple(map(str, result.keys()))
        if len(header) > limits.columns:
            raise TooManyColumns(f"{source.name} has more than {limits.columns:,} columns")
        spool, count = Spool(source.name, limits), 0
        for rows in result.partitions(ROWS_A_BATCH):
            spool.put(range(count + 1, count + len(rows) + 1), [[_cell(value) for value in row] for row in rows])
            count += len(rows)
            if count > limits.rows:
                raise TooLarge(f"{source.name} gives more than {limits.rows:,} rows")
    if not count:
        raise NothingThere(f"{source.name} gives no rows")
    return RecordTable(source.name, header, 0, f"{url.get_backend_name()} query", [], spool=spool)


def reads_only(query: str) -> bool:
    """Whether it is one statement, and one that reads; the database is told to refuse others as well."""
    plain = _QUOTED.sub("''", _COMMENTS.sub(" ", query)).strip().rstrip(";")
    writes = re.search(r"\b(?:insert|update|delete|merge|drop|alter|create|truncate|grant|call|into)\b", plain, re.I)
    return _READS.match(plain) is not None and ";" not in plain and writes is None


def _url(source: SqlSource) -> URL:
    try:
        return make_url(source.url)
    except (ArgumentError, ValueError) as error:
        raise SourceNotReached(f"{source.name}: the address of the database is none") from error


@contextmanager
def _connected(source: SqlSource, url: URL) -> Iterator[Connection]:
    """A transaction that only reads, and is never committed. What goes wrong is told without the address."""
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as error:
        raise SourceNotReached(f"{source.name}: there is no driver for {url.get_backend_name()} here") from error
    try:
        with engine.connect() as connection:
            begin = _READ_ONLY.get(url.get_backend_name())
            if begin:
                connection.exec_driver_sql(begin)
            yield connection
            connection.rollback()
    except SQLAlchemyError as error:
        raise SourceNotReached(f"{source.name}: {_without_secrets(error, url)}") from None
    finally:
        engine.dispose()


def _without_secrets(error: SQLAlchemyError, url: URL) -> str:
    """The driver's own words, without the password and without what it says of the address."""
    said = str(getattr(error, "orig", None) or error).splitlines()[0][:300] if str(error) else type(error).__name__
    for secret in (url.password, url.render_as_string(hide_password=False)):
        said = said.replace(str(secret), "***") if secret else said
    return said


def _cell(value: Any) -> Cell:
    if isinstance(value, time | timedelta | UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, list | dict | tuple | set):
        return str(value)
    return value  # type: ignore[no-any-return]  # what drivers give is text, numbers, days, or one of the above
