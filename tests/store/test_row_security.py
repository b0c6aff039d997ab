"""On PostgreSQL the database itself keeps the tenants apart, whatever a query forgets; services are ordinary roles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from deskhand.orders.commands import ConfirmOrder
from deskhand.store import Database, Desk
from deskhand.store.repositories.base import Repository
from deskhand.store.roles import RoleRefused, make_application_role, make_role_with_database
from deskhand.store.row_security import POLICY, SHARED, all_tenants, protect
from deskhand.store.schema import app_user, customer, metadata, sales_order, warehouse
from tests.support.desks import (
    ADMIN,
    CLERK,
    OTHER_TENANT,
    TENANT,
    FakeClock,
    done,
    open_desk,
    placing,
    take_out_personal,
)
from tests.support.postgres import OWNER, SUPERUSER, as_role, empty_database

pytestmark = pytest.mark.postgres

APPLICATION = "deskhand_app"
_names = (f"rows_{number}" for number in itertools.count())


@dataclass(frozen=True)
class Two:
    """Two companies with a user and an order each, in one database."""

    url: str
    desk: Desk

    @property
    def database(self) -> Database:
        return self.desk.database

    def count(self, table: Table, tenant: str | None) -> int:
        with self.database.transaction(tenant=tenant) as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar() or 0)


@pytest.fixture
def two(postgres_template: str) -> Iterator[Two]:
    with empty_database(postgres_template, next(_names), template="deskhand") as url:
        desk = open_desk(url)
        done(desk, placing(), CLERK)
        with desk.unit_of_work(OTHER_TENANT) as uow:
            uow.warehouses.add("main", "of the other")
            uow.commit()
        yield Two(url, desk)
        desk.close()


def test_every_table_of_tenants_has_its_policy_and_no_other_has(two: Two) -> None:
    tables = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity")
    policies = text("SELECT tablename, policyname, cmd, permissive, qual, with_check FROM pg_policies")
    with two.database.transaction() as connection:
        forced = set(connection.execute(tables).scalars())
        written = {row.tablename: row for row in connection.execute(policies)}

    wanted = set(metadata.tables) - set(SHARED)
    assert forced == wanted
    assert set(written) == wanted
    for row in written.values():
        assert (row.policyname, row.cmd, row.permissive) == (POLICY, "ALL", "PERMISSIVE")
        assert row.qual == row.with_check
        assert "tenant" in row.qual and "current_setting('deskhand.tenant'::text, true)" in row.qual


def test_a_transaction_that_says_nothing_sees_nothing_and_writes_nothing(two: Two) -> None:
    assert {table.name: two.count(table, None) for table in metadata.sorted_tables} == dict.fromkeys(metadata.tables, 0)

    with pytest.raises(ProgrammingError, match="row-level security"), two.database.transaction() as connection:
        connection.execute(insert(warehouse).values(tenant=TENANT, code="x", name="x"))


def test_a_transaction_sees_the_rows_of_its_tenant_alone(two: Two) -> None:
    with two.database.transaction(tenant=OTHER_TENANT) as connection:
        assert connection.execute(select(warehouse.c.tenant).distinct()).scalars().all() == [OTHER_TENANT]
        assert connection.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0

    assert two.count(sales_order, TENANT) == 1


def test_a_transaction_can_t_write_for_another_tenant(two: Two) -> None:
    for statement in (
        insert(warehouse).values(tenant=TENANT, code="x", name="x"),
        update(warehouse).values(tenant=TENANT),
    ):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            two.database.transaction(tenant=OTHER_TENANT) as connection,
        ):
            connection.execute(statement)

    with two.database.transaction(tenant=OTHER_TENANT) as connection:
        assert connection.execute(text("DELETE FROM sales_order")).rowcount == 0
    assert two.count(sales_order, TENANT) == 1


def test_a_connection_that_goes_back_to_the_pool_forgets_whose_it_was(two: Two) -> None:
    single = Database.connect(two.url, pool_size=1)
    with single.transaction(tenant=TENANT) as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar()

    with single.transaction() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar() == process
        assert connection.execute(text("SELECT count(*) FROM app_user")).scalar() == 0
    single.close()


def test_what_is_taken_back_to_a_savepoint_is_still_the_tenant_s_transaction(two: Two) -> None:
    with two.desk.unit_of_work(TENANT) as uow:
        with pytest.raises(RuntimeError), uow.savepoint():
            raise RuntimeError

        assert len(uow.users.all()) == two.count(app_user, TENANT) > 0


class Forgetful(Repository):
    """A repository whose queries lack the condition."""

    def all(self, table: Table) -> list[str]:
        return [row.tenant for row in self.connection.execute(select(table))]

    def forgive(self) -> int:
        return self.connection.execute(update(customer).values(account_days=0)).rowcount


def test_a_query_that_forgets_the_tenant_still_gets_its_own_rows_alone(two: Two) -> None:
    with two.desk.unit_of_work(OTHER_TENANT) as uow:
        forgetful = Forgetful(uow.connection, OTHER_TENANT, uow.clock)

        assert forgetful.all(warehouse) == [OTHER_TENANT]
        assert forgetful.all(app_user) == []
        assert forgetful.forgive() == 0
        uow.commit()

    with two.desk.unit_of_work(TENANT) as uow:
        assert {one.account_days for one in uow.customers.all()} > {30}


def test_a_migration_protects_what_it_makes_and_reaches_all_rows_where_it_must(two: Two) -> None:
    with two.database.transaction() as connection:
        connection.execute(text("CREATE TABLE novelty (tenant varchar(64) PRIMARY KEY)"))
        connection.execute(text("INSERT INTO novelty VALUES ('demo'), ('other')"))
        protect(connection, "novelty")
        hidden = connection.execute(text("SELECT count(*) FROM novelty")).scalar()
        with all_tenants(connection, "novelty"):
            seen = connection.execute(text("SELECT count(*) FROM novelty")).scalar()

    with two.database.transaction(tenant=TENANT) as connection:
        own = connection.execute(text("SELECT tenant FROM novelty")).scalars().all()
    assert (hidden, seen, own) == (0, 2, [TENANT])


def test_a_role_that_no_policy_binds_is_named(two: Two) -> None:
    with psycopg.connect(as_role(two.url, SUPERUSER), autocommit=True) as connection:
        connection.execute("CREATE ROLE sees_all LOGIN BYPASSRLS")

    def why(role: str) -> str | None:
        database = Database.connect(as_role(two.url, role))
        try:
            return database.unbound()
        finally:
            database.close()

    assert (why(OWNER), why(SUPERUSER)) == (None, f"role {SUPERUSER} is a superuser")
    assert why("sees_all") == "role sees_all has BYPASSRLS"


@pytest.fixture
def as_application(two: Two) -> Iterator[Desk]:
    """The desk for the role that services have."""
    url = as_role(two.url, f"{APPLICATION}:a-password")
    assert make_application_role(as_role(two.url, SUPERUSER), url) == APPLICATION
    desk = open_desk(url, FakeClock())
    yield desk
    desk.close()


def test_services_work_as_a_role_that_owns_nothing(as_application: Desk) -> None:
    order = done(as_application, placing(), CLERK)
    done(as_application, ConfirmOrder(order.number), CLERK)

    assert as_application.database.unbound() is None
    as_application.database.migrate()  # up to date: nothing to do, nothing refused
    assert as_application.project_notifications(TENANT) > 0


def test_a_service_s_role_can_t_change_the_tables_or_their_policies(as_application: Desk) -> None:
    for statement in (
        "ALTER TABLE sales_order DISABLE ROW LEVEL SECURITY",
        f"DROP POLICY {POLICY} ON sales_order",
        "DROP TABLE sales_order",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE TABLE mine (a int)",
    ):
        with (
            pytest.raises(ProgrammingError, match="must be owner|permission denied"),
            as_application.database.transaction(tenant=ADMIN.tenant) as connection,
        ):
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET outcome = 'done'", "UPDATE history SET actor = 'x'", "DELETE FROM audit", "DELETE FROM history"],
)
def test_services_can_not_change_or_remove_a_row_of_a_chain(as_application: Desk, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        with as_application.database.transaction(tenant=TENANT) as connection:
            connection.execute(text(statement))


def test_services_can_take_out_of_a_chain_what_is_personal(as_application: Desk) -> None:
    with as_application.unit_of_work(TENANT) as uow:
        take_out_personal(uow, uow.orders.get("SO-1001").id)
        assert uow.orders.verify_chain(uow.orders.get("SO-1001").id)


def test_the_role_is_made_again_without_harm_and_gets_the_new_password(two: Two) -> None:
    superuser = as_role(two.url, SUPERUSER)
    for password in ("first", "second"):
        make_application_role(superuser, as_role(two.url, f"{APPLICATION}:{password}"))

    with psycopg.connect(superuser) as connection:
        verifier = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (APPLICATION,)).fetchone()
    assert verifier is not None and verifier[0].startswith("SCRAM-SHA-256$")


def test_rasa_s_role_reaches_its_own_database_and_not_ours(two: Two, as_application: Desk) -> None:
    rasa = as_role(two.url, "rasa_keeper:word").rpartition("/")[0] + "/rasa_keeps"
    superuser = as_role(two.url, SUPERUSER)
    try:
        make_role_with_database(superuser, rasa)
        with psycopg.connect(superuser.rpartition("/")[0] + "/rasa_keeps") as before:
            before.execute("CREATE TABLE events (id serial)")
        make_role_with_database(superuser, rasa)
        with psycopg.connect(rasa) as connection:
            connection.execute("INSERT INTO events DEFAULT VALUES")
            connection.execute("CREATE TABLE more_events (id int)")
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(as_role(two.url, "rasa_keeper"))
    finally:
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS rasa_keeps WITH (FORCE)")


def test_services_are_not_given_the_owner_s_role(two: Two) -> None:
    with pytest.raises(RoleRefused, match="role of their own"):
        make_application_role(as_role(two.url, OWNER), two.url)
    with pytest.raises(RoleRefused, match="services use elsewhere"):
        make_application_role(as_role(two.url, OWNER), f"postgresql://{APPLICATION}@127.0.0.1/elsewhere")
    with pytest.raises(RoleRefused, match="no policy binds role"):
        make_application_role(as_role(two.url, OWNER), as_role(two.url, SUPERUSER))
    with pytest.raises(RoleRefused, match="not the address of a role"):
        make_application_role("sqlite:///x.db", two.url)


def test_a_tenant_s_name_can_t_say_more_than_a_name(two: Two) -> None:
    strange = "x', true); SELECT set_config('deskhand.tenant', 'demo"

    assert two.count(app_user, strange) == 0
    assert two.count(app_user, TENANT) > 0


def test_a_server_that_is_gone_is_said_and_the_next_transaction_finds_a_new_line(two: Two) -> None:
    single = Database.connect(two.url, pool_size=1)
    connection = single.connection(tenant=TENANT)
    with psycopg.connect(as_role(two.url, SUPERUSER), autocommit=True) as killer:
        psycopgs: Any = connection.connection.driver_connection
        process = psycopgs.info.backend_pid
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))

    with pytest.raises(psycopg.OperationalError):
        connection.begin()
    connection.close()

    with single.transaction(tenant=TENANT) as again:
        assert again.execute(text("SELECT count(*) FROM app_user")).scalar()
    single.close()
