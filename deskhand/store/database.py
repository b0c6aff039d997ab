"""The connection to SQLite or PostgreSQL: pools, transactions, migrations. Knows no table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import alembic.command
import alembic.config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from deskhand.orders.flat_json import flat_json
from deskhand.store.row_security import begin_as, bypassed_by
from deskhand.store.sqlite_apart import Apart

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MS = 30_000
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_READ_ONLY = "deskhand_read_only"
_TENANT = "deskhand_tenant"


def utc_now() -> datetime:
    """The real clock; tests bring their own."""
    return datetime.now(UTC)


class DatabaseSilent(Exception):
    """The database does not answer; the message is the driver's."""


class Encoded(str):
    """JSON already, for a JSON column: what was put into words for a hash need not be so again to be stored."""


def to_json(value: object) -> str:
    """Compact JSON that keeps Chinese readable."""
    return str(value) if isinstance(value, Encoded) else flat_json(value) or _COMPACT.encode(value)


class Database:
    """One engine with its pool. Thread-safe; a connection belongs to one unit of work at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self.statements = 0
        self._counting = Lock()
        event.listen(engine, "before_cursor_execute", self._count)

    @classmethod
    def connect(cls, url: str, pool_size: int = 8) -> Database:
        """Opens nothing yet; the first transaction does.

        Raises:
            ValueError: if the address is neither SQLite nor PostgreSQL.
        """
        address = normalized(url)
        if address.get_backend_name() == "sqlite":
            return cls(_sqlite(address, pool_size))
        return cls(_postgres(address, pool_size))

    def connection(self, read_only: bool = False, tenant: str | None = None) -> Connection:
        """One that has not begun. On PostgreSQL its transactions see the rows of `tenant` alone; of nobody without."""
        return self.engine.connect().execution_options(**{_READ_ONLY: read_only, _TENANT: tenant})

    @contextmanager
    def transaction(self, read_only: bool = False, tenant: str | None = None) -> Iterator[Connection]:
        """A connection inside one transaction, committed unless an error comes out of the block."""
        with self.connection(read_only, tenant) as connection:
            with connection.begin():
                yield connection

    def migrate(self) -> None:
        """Brings the schema to the newest version; safe to call from several services at once."""
        with self.transaction() as connection:
            if self.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(4711042)"))
            alembic.command.upgrade(alembic_config(connection), "head")

    def ready(self) -> bool:
        """Whether the database answers and has the tables that this version needs."""
        try:
            return not self.outdated()
        except DatabaseSilent:
            return False

    def outdated(self) -> bool:
        """Whether it was never brought up to date, or not since an update; one that a newer version keeps is not.

        Raises:
            DatabaseSilent: it does not answer.
        """
        try:
            with self.transaction(read_only=True) as connection:
                if not inspect(connection).has_table("alembic_version"):
                    return True
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except SQLAlchemyError as error:
            said = " ".join(str(getattr(error, "orig", None) or error).split())
            raise DatabaseSilent(f"{self.dialect}: {said}") from error
        return found is None or found in _older_versions()

    def unbound(self) -> str | None:
        """Why the database does not keep this role to one tenant's rows; None when it does, and on SQLite."""
        with self.transaction(read_only=True) as connection:
            return bypassed_by(connection)

    @contextmanager
    def apart(self) -> Iterator[Database | None]:
        """The same SQLite database by one connection in a process of its own: inserts in bulk return at once, and this
        process has Python for itself until the commit. None on PostgreSQL, which is a process of its own and answers
        each statement, and where no process can be started.
        """
        if self.dialect != "sqlite" or self.engine.url.query:
            yield None
            return
        try:
            connection = Apart(str(Path(str(self.engine.url.database)).absolute()), _BUSY_MS / 1000)
        except OSError:
            yield None
            return
        beside = Database(_sqlite(self.engine.url, pool_size=1, creator=lambda: connection))
        try:
            yield beside
        finally:
            beside.close()
            connection.close()

    def close(self) -> None:
        self.engine.dispose()

    def _count(self, *_: object) -> None:
        """One call of the driver, `executemany` and the BEGIN of SQLite included."""
        with self._counting:
            self.statements += 1


@cache
def _older_versions() -> frozenset[str]:
    """Every version of the schema but the newest."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return frozenset(each.revision for each in scripts.walk_revisions()) - {scripts.get_current_head() or ""}


def normalized(url: str) -> URL:
    """The address with the driver that we use; a plain `postgresql://` gets psycopg 3."""
    address = make_url(url)
    backend = address.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return address.set(drivername="sqlite+pysqlite")
    raise ValueError(f"DATABASE_URL must be sqlite or postgresql, not {backend}")


def alembic_config(connection: Connection | None = None) -> alembic.config.Config:
    """Alembic with our folder and, when given, our open transaction."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _sqlite(address: URL, pool_size: int, creator: Callable[[], Any] | None = None) -> Engine:
    if address.database in (None, "", ":memory:"):
        raise ValueError("SQLite needs a file: an in-memory database is lost between connections")
    Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=pool_size,
        json_serializer=to_json,
        hide_parameters=True,  # an error is logged, and they are what people wrote
        connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False},
        **({"creator": creator} if creator else {}),
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


_PAGE = "page_size=8192"  # of a new file: in bulk a tenth less to write than with 4096, which older ones keep


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin on its own: we do, below
    for pragma in (_PAGE, "journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: Connection) -> None:
    """Writers queue at BEGIN, where waiting works; upgrading a read lock later would fail at once."""
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _postgres(address: URL, pool_size: int) -> Engine:
    engine = create_engine(
        address,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        json_serializer=to_json,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _begin_postgres(connection: Connection) -> None:
    tenant = connection.get_execution_options().get(_TENANT)
    driver: Any = connection.connection.driver_connection
    if tenant is not None:
        begin_as(driver, tenant)
