"""The connection, the column types and the migrations."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import alembic.command
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from deskhand.store import Desk
from deskhand.store.database import Database, DatabaseSilent, alembic_config, normalized
from deskhand.store.ids import new_id, secret_id
from deskhand.store.schema import metadata
from deskhand.store.types import from_scaled, to_scaled, to_time_text


@pytest.mark.parametrize(
    ("given_url", "used"),
    [
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:///var/deskhand.db", "sqlite+pysqlite:///var/deskhand.db"),
    ],
)
def test_a_plain_address_gets_the_driver_that_we_use(given_url: str, used: str) -> None:
    assert str(normalized(given_url)) == used


@pytest.mark.parametrize("url", ["mysql://u@h/d", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite|sqlite"):
        Database.connect(url)


def test_a_database_without_schema_is_not_ready(tmp_path: Path) -> None:
    database = Database.connect(f"sqlite:///{tmp_path}/new/desk.db")
    before = database.ready()
    database.migrate()
    database.migrate()

    assert (before, database.ready()) == (False, True)
    database.close()


def test_a_database_of_an_earlier_version_is_not_ready_and_one_of_a_later_is(tmp_path: Path) -> None:
    database = Database.connect(f"sqlite:///{tmp_path}/desk.db")
    database.migrate()
    ready = {}
    for version in ("0001", "9999"):
        with database.transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        ready[version] = database.ready()

    assert ready == {"0001": False, "9999": True}
    database.close()


def test_a_database_that_does_not_answer_is_not_ready_and_says_why() -> None:
    database = Database.connect("postgresql://desk:hidden@127.0.0.1:9/desk")

    with pytest.raises(DatabaseSilent, match="Connection refused") as silence:
        database.outdated()

    assert not database.ready()
    assert "hidden" not in str(silence.value)
    database.close()


def test_the_migrations_make_what_the_tables_say(desk: Desk) -> None:
    with desk.database.transaction() as connection:
        alembic.command.check(alembic_config(connection))


def test_every_table_has_the_tenant_first_in_its_key() -> None:
    for table in metadata.sorted_tables:
        assert list(table.primary_key.columns)[0].name == "tenant", table.name
        for index in table.indexes:
            assert list(index.columns)[0].name == "tenant", index.name


def test_sqlite_is_durable_and_lets_readers_in(tmp_path: Path) -> None:
    database = Database.connect(f"sqlite:///{tmp_path}/desk.db")
    database.migrate()

    with database.transaction(read_only=True) as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        }
    with database.transaction() as writer, database.transaction(read_only=True) as reader:
        writer.execute(text("INSERT INTO warehouse VALUES ('t', 'w', 'n')"))
        seen = reader.execute(text("SELECT count(*) FROM warehouse")).scalar()

    assert settings == {"journal_mode": "wal", "synchronous": 2}
    assert seen == 0
    database.close()


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=4))
def test_decimals_survive_exactly(value: Decimal) -> None:
    back = from_scaled(to_scaled(value))

    assert back == value
    assert "E" not in str(back)


def test_times_are_kept_in_utc_and_naive_ones_are_refused() -> None:
    shanghai = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))

    assert to_time_text(shanghai) == "2026-11-20T02:00:00.000000+00:00"
    with pytest.raises(ValueError, match="naive"):
        to_time_text(datetime(2026, 11, 20))  # noqa: DTZ001


def test_an_hour_that_comes_twice_is_two_times() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    second = first.replace(fold=1)

    assert first == second
    assert to_time_text(first) == "2026-10-25T00:30:00.000000+00:00"
    assert to_time_text(second) == "2026-10-25T01:30:00.000000+00:00"


def test_a_new_file_has_large_pages_and_an_older_one_keeps_its_own(tmp_path: Path) -> None:
    sizes = []
    with closing(sqlite3.connect(tmp_path / "old.db")) as older:
        older.execute("CREATE TABLE t (a)")
    for name in ("old.db", "new.db"):
        database = Database.connect(f"sqlite:///{tmp_path / name}")
        database.migrate()
        with database.transaction(read_only=True) as connection:
            sizes.append(connection.execute(text("PRAGMA page_size")).scalar())
        database.close()

    assert sizes == [4096, 8192]


def test_row_ids_grow_and_secret_ids_do_not_tell() -> None:
    ids = [new_id() for _ in range(1000)]

    assert ids == sorted(ids)
    assert len({secret_id() for _ in range(1000)}) == 1000
    assert datetime.fromtimestamp(int(ids[0][:12], 16) / 1000, UTC).year >= 2026
