"""A connection to SQLite in a process of its own: writes what one here writes, and says what goes wrong as one here."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from deskhand.store.contention import DatabaseBusy, lockout_of
from deskhand.store.database import Database, Encoded
from deskhand.store.sqlite_apart import Apart
from deskhand.store.staging import insert_columns

META = MetaData()
NOTE = Table("note", META, *(Column(name, Text) for name in ("a", "b", "c")))
NUMBERED = Table("numbered", META, Column("id", Integer, primary_key=True), Column("a", Text))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.binary(max_size=9), TEXTS,
    TEXTS.map(Encoded),
)  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    found = Database.connect(f"sqlite:///{tmp_path_factory.mktemp('apart') / 'notes.db'}")
    META.create_all(found.engine)
    yield found
    found.close()


@pytest.fixture(scope="module")
def apart(database: Database) -> Iterator[Database]:
    with database.apart() as found:
        assert found is not None
        yield found


def driver(connection: Connection) -> Apart:
    found = connection.connection.driver_connection
    assert isinstance(found, Apart)
    return found


def insert(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    insert_columns(connection, table, [column.name for column in table.c], list(zip(*rows, strict=True)))


def rows_of(database: Database, table: Table) -> list[tuple[Any, ...]]:
    with database.transaction(read_only=True) as connection:
        columns = ", ".join(f"{column.name}, typeof({column.name})" for column in table.c)
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table.name}")]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def eventually(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < ends, "nothing came of it"
        time.sleep(0.02)


@given(rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=120), shared=VALUES)
@example(rows=[("é", 1)] * 60, shared=Encoded('{"a":1}'))
def test_rows_are_the_same_as_by_a_connection_here(
    database: Database, apart: Database, rows: list[tuple[Any, ...]], shared: object
) -> None:
    found = []
    for one in (database, apart):
        with one.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM note")
            insert(connection, NOTE, [(*row, shared) for row in rows])
        found.append(rows_of(database, NOTE))
    assert found[0] == found[1]
    assert len(found[0]) == len(rows)


def test_statements_are_answered_as_by_a_connection_here(database: Database, apart: Database) -> None:
    said = []
    for one in (database, apart):
        with one.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM numbered")
            first = connection.execute(NUMBERED.insert().values(a="one")).inserted_primary_key
            connection.exec_driver_sql("INSERT INTO numbered (id, a) VALUES (?, ?)", [(7, "x"), (8, "y"), (9, "z")])
            changed = connection.execute(NUMBERED.update().where(NUMBERED.c.id > 7).values(a="new")).rowcount
            found = connection.execute(NUMBERED.select().order_by(NUMBERED.c.id))
            said.append((first, changed, [*found.keys()], found.fetchone(), found.fetchmany(2), found.fetchall()))
    assert said[0] == said[1]


def test_what_is_wrong_with_a_row_is_said_by_the_commit_at_the_latest(database: Database, apart: Database) -> None:
    with pytest.raises(IntegrityError) as refused:
        with apart.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM numbered")
            insert(connection, NUMBERED, [(number, "x") for number in range(100)])
            insert(connection, NUMBERED, [(number, "x") for number in range(90, 190)])
            insert(connection, NUMBERED, [(number, "x") for number in range(500, 600)])
    assert isinstance(refused.value.orig, sqlite3.IntegrityError)
    assert refused.value.orig.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY"

    with apart.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM numbered")
        insert(connection, NUMBERED, [(number, "x") for number in range(100)])
    assert len(rows_of(database, NUMBERED)) == 100


@pytest.mark.parametrize("value", [2**70, "\ud800"], ids=["too large", "no text"])
def test_a_value_that_sqlite_cannot_hold_is_an_error_and_no_end(apart: Database, value: object) -> None:
    with pytest.raises(DataError):
        with apart.transaction() as connection:
            insert(connection, NOTE, [(value, number, number + 1) for number in range(60)])
    with apart.transaction() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_what_is_no_value_at_all_is_refused_before_it_is_sent(apart: Database) -> None:
    with pytest.raises(Exception, match="no value for SQLite"):
        with apart.transaction() as connection:
            connection.exec_driver_sql("SELECT ?", (object(),))
    with apart.transaction() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_it_waits_for_other_writers_and_says_who_is_in_the_way(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deskhand.store.database._BUSY_MS", 50)
    with database.apart() as apart, database.transaction():
        assert apart is not None
        with pytest.raises(OperationalError) as busy, apart.transaction():
            pass
    assert isinstance(lockout_of(busy.value), DatabaseBusy)


def test_if_the_process_is_killed_nothing_of_the_transaction_is_there(database: Database) -> None:
    before = rows_of(database, NOTE)
    with database.apart() as apart:
        assert apart is not None
        with pytest.raises(OperationalError, match="has ended"):
            with apart.transaction() as connection:
                insert(connection, NOTE, [(str(number), "x", "y") for number in range(100)])
                pid = driver(connection).pid
                os.kill(pid, signal.SIGKILL)
    assert rows_of(database, NOTE) == before
    assert gone(pid)


def test_the_process_ends_with_the_block(database: Database) -> None:
    with database.apart() as apart:
        assert apart is not None
        with apart.transaction() as connection:
            pid = driver(connection).pid
    assert gone(pid)


def test_the_process_ends_when_who_started_it_is_killed(database: Database, tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from deskhand.store.sqlite_apart import Apart\n"
        f"apart = Apart({str(tmp_path / 'other.db')!r}, 1)\n"
        "apart.execute('SELECT 1')\n"
        "print(apart.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    eventually(lambda: gone(pid) or Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z")


def test_where_no_process_can_be_started_there_is_none(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        raise OSError("too many processes")

    monkeypatch.setattr(subprocess, "Popen", refused)
    with database.apart() as apart:
        assert apart is None
