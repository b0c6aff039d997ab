"""The chains of the audit and of orders: nothing can be changed unseen, and writers never fork them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import alembic.command
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, delete, insert, select, text, update

from deskhand.orders.audit import LONGEST, said_of
from deskhand.orders.commands import (
    AmendOrder,
    CancelOrder,
    CompleteShipment,
    ConfirmOrder,
    HoldOrder,
    NewLine,
    RecordPayment,
    ReleaseOrder,
    UndoLastChange,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk
from deskhand.store.database import Database, alembic_config
from deskhand.store.repositories.audit import Audit
from deskhand.store.schema import audit, chain_head, history, sales_order
from deskhand.store.verifying import Verification, verify, verify_order
from tests.support.desks import ADMIN, CLERK, FINANCE, TENANT, WAREHOUSE, FakeClock, done, order_in, placed
from tests.support.postgres import empty_database

THREADS = 8


def verified(database: Database, **more: Any) -> Verification:
    with database.transaction(True, TENANT) as connection:
        return verify(connection, TENANT, **more)


def refused(desk: Desk, number: str, actor: Actor = CLERK) -> None:
    with pytest.raises(DeskhandError):
        desk.handle(CompleteShipment(number), actor)


def lived_in(desk: Desk) -> None:
    """Orders in several states, refusals, administrative rows."""
    orders = [order_in(desk, where) for where in ("pending_confirmation", "awaiting_shipment", "in_account_period")]
    done(desk, HoldOrder(orders[0].number, "a reason"), CLERK)
    for order in orders:
        refused(desk, order.number)
    with desk.unit_of_work(TENANT) as uow:
        before, after = ({"role": role, "name": "Li Na"} for role in ("sales", "manager"))
        uow.audit.add(ADMIN, "manage_users", "li.na@example.com", "done", before=before, after=after)
        uow.audit.add_unknown("http", "request-9", "sign_in", "someone", "refused", {"code": "sign_in_refused"})
        uow.commit()


def test_untouched_chains_hold(desk: Desk) -> None:
    lived_in(desk)

    found = verified(desk.database)

    assert found.holds, found.faults
    assert (found.orders, found.audit_rows) == (3, 5)
    assert found.history_rows == 1 + 1 + 3 + 1 + 6 - 1


def test_a_row_says_who_for_whom_why_and_what_it_found_and_left(desk: Desk) -> None:
    deputy = Actor("clerk", Role.MANAGER, TENANT, "http", "request-1", on_behalf_of="manager")
    with desk.unit_of_work(TENANT) as uow:
        uow.audit.add(deputy, "delegations", None, "done", {"kind": "made"}, before=None, after={"until": "2026-12-01"})
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        (row,) = uow.audit.list()
    assert (row.actor, row.on_behalf_of, row.role, row.channel, row.cause) == (
        *("clerk", "manager", "manager", "http", "request-1"),
    )
    assert (row.before, row.after, row.detail) == (None, {"until": "2026-12-01"}, {"kind": "made"})


def test_what_somebody_may_have_written_lies_outside_the_hashed_part() -> None:
    said = said_of("li@example.com", {"code": "x_y", "customer": "Li Na", "rows": 3}, {"name": "Li"}, {"scopes": ["a"]})

    assert (said.detail, said.before, said.after) == ({"code": "x_y", "rows": 3}, {}, {"scopes": ["a"]})
    assert said.personal == {"detail": {"customer": "Li Na"}, "before": {"name": "Li"}, "target": "li@example.com"}
    assert said_of("SO-1001", {"code": "Li Na!"}, None, None).personal == {"detail": {"code": "Li Na!"}}


def test_what_no_database_takes_is_taken_out(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.audit.add(CLERK, "x", "nul\0", "refused", {"text": "a\0b\ud800", "long": "x" * 9999, "number": 1.5})
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        (row,) = uow.audit.list()
    assert (row.target, row.detail["text"], row.detail["number"]) == ("nul", "ab?", "1.5")
    assert len(str(row.detail["long"])) == LONGEST + 1
    assert verified(desk.database).holds


def test_a_savepoint_that_is_taken_back_takes_its_audit_rows_along(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.audit.add(CLERK, "first", None, "done")
        with pytest.raises(ZeroDivisionError), uow.savepoint():
            uow.audit.add(CLERK, "second", None, "done")
            raise ZeroDivisionError
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [row.action for row in uow.audit.list()] == ["first"]


def test_a_refusal_costs_at_most_three_statements_more_and_success_none(desk: Desk) -> None:
    order = placed(desk)
    refused(desk, order.number)  # the head is there from now on

    def cost(audited: bool) -> int:
        before = desk.database.statements
        with desk.unit_of_work(TENANT) as uow:
            if audited:
                uow.audit.add(CLERK, "x", None, "refused")
            uow.commit()
        return desk.database.statements - before

    assert cost(audited=True) - cost(audited=False) <= 3
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = len(uow.audit.list())
    done(desk, ConfirmOrder(order.number), CLERK)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert len(uow.audit.list()) == rows


def test_refusals_at_the_same_time_make_one_unbroken_chain(desk: Desk) -> None:
    order = placed(desk)
    together = Barrier(THREADS)

    def refuse(worker: int) -> None:
        together.wait()
        for attempt in range(5):
            refused(desk, order.number, Actor("clerk", Role.SALES, TENANT, "http", f"{worker}-{attempt}"))

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(refuse, range(THREADS)))

    found = verified(desk.database)
    assert found.holds, found.faults
    assert found.audit_rows == THREADS * 5


def test_writers_that_hold_other_rows_when_they_are_refused_do_not_block_each_other(desk: Desk) -> None:
    """Each notes its refusal first and changes a shared row afterwards, in opposite orders."""
    with desk.unit_of_work(TENANT) as uow:
        talks = [uow.conversations.start("clerk", "chat").id for _ in range(2)]
        uow.commit()
    together = Barrier(2)

    def work(first: bool) -> None:
        together.wait()
        for _ in range(10):
            with desk.unit_of_work(TENANT) as uow:
                if first:
                    uow.conversations.set_language(talks[0], "zh")
                uow.audit.add(CLERK, "x", None, "refused")
                uow.conversations.set_language(talks[0], "en")
                uow.commit()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, (True, False)))

    assert verified(desk.database).audit_rows == 20


def last_detail(desk: Desk, number: str) -> dict[str, Any]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return dict(uow.orders.history(uow.orders.get(number).id)[-1].detail)


def test_the_history_says_before_and_after_of_each_kind_of_step(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    said = last_detail(desk, order.number)
    assert said["changed"]["status"] == ["pending_confirmation", "confirmed"]
    assert said["changed"]["invoice"][0] is None
    assert ["main", "PAPER-A4", "reserve", "0"] == said["stock"][0][:4]

    done(desk, HoldOrder(order.number, "waits for a call"), CLERK)
    said = last_detail(desk, order.number)
    assert said["reason"] == "waits for a call"
    assert said["changed_personal"]["hold_reason"] == [None, "waits for a call"]

    done(desk, ReleaseOrder(order.number), CLERK)
    undone = done(desk, UndoLastChange(order.number), CLERK)
    assert undone.hold_reason == "waits for a call"
    assert last_detail(desk, order.number)["changed"]["status"] == ["confirmed", "on_hold"]

    done(desk, CancelOrder(order.number, "no longer wanted"), CLERK)
    assert {row[2] for row in last_detail(desk, order.number)["stock"]} == {"release"}


def test_shipping_and_paying_say_before_and_after(desk: Desk) -> None:
    order = order_in(desk, "packed")

    shipped = done(desk, CompleteShipment(order.number), WAREHOUSE)
    said = last_detail(desk, order.number)
    done(desk, RecordPayment(order.number, shipped.total, "bank-77"), FINANCE)
    paid = last_detail(desk, order.number)

    assert said["changed"]["lines"]["1"]["shipped"] == ["0", "20"]
    assert said["changed"]["shipments"][shipped.shipments[0].id]["freight"] == [None, str(shipped.shipments[0].freight)]
    assert {row[2] for row in said["stock"]} == {"ship"}
    assert paid["changed"]["payment_status"] == ["unpaid", "paid"]
    assert paid["reference"] == "bank-77"
    assert verified(desk.database).holds


def test_free_text_of_people_is_never_hashed_in_the_clear(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, HoldOrder(order.number, "Wang Fang is ill"), CLERK)
    done(desk, ReleaseOrder(order.number), CLERK)
    done(desk, RecordPayment(order.number, order.total, "Wang Fang, bank 1"), FINANCE)

    with desk.database.transaction(True, TENANT) as connection:
        rows = connection.execute(select(history.c.detail)).scalars().all()
    assert "Wang Fang" not in str(rows)


# --- tampering

TABLES: dict[str, tuple[Table, tuple[str, ...]]] = {
    "audit": (audit, ("id",)),
    "history": (history, ("order_id", "seq")),
}
Rows = list[dict[str, Any]]


def other(value: Any, column: Any, draw: random.Random) -> Any:
    """Another value of the same kind."""
    if value is None:
        return {"a": 1} if "JSON" in str(column.type) else "x"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + draw.choice((1000, 2**20))
    if isinstance(value, dict):
        return {**value, f"k{draw.random()}": 1}
    if isinstance(value, str):
        return value[:-1] + ("0" if value[-1:] != "0" else "1")
    return value.replace(microsecond=(value.microsecond + 1) % 1_000_000)


def change_one(connection: Connection, table: Table, rows: Rows, keys: tuple[str, ...], draw: random.Random) -> str:
    columns = [each for each in table.c if each.name != "tenant" or connection.dialect.name == "sqlite"]
    row, column = draw.choice(rows), draw.choice(columns)  # PostgreSQL itself refuses another tenant's name
    new = other(row[column.name], column, draw)
    connection.execute(update(table).where(*where(table, row, keys)).values({column.name: new}))
    return f"{column.name} of {row['seq']}: {row[column.name]!r} -> {new!r}"


def forget_personal(
    connection: Connection, table: Table, rows: Rows, keys: tuple[str, ...], draw: random.Random
) -> str:
    """As an erasure would, but without its row in the audit."""
    row = draw.choice([row for row in rows if row["personal"] is not None])
    gone: dict[str, Any] = {"personal": None, "salt": ""} | ({"target": None} if row.get("personal_target") else {})
    connection.execute(update(table).where(*where(table, row, keys)).values(gone))
    return f"personal of {row['seq']}"


def delete_one(connection: Connection, table: Table, rows: Rows, keys: tuple[str, ...], draw: random.Random) -> str:
    row = draw.choice(rows)
    connection.execute(delete(table).where(*where(table, row, keys)))
    return f"without {row['seq']}"


def cut_tail(connection: Connection, table: Table, rows: Rows, keys: tuple[str, ...], draw: random.Random) -> str:
    chosen = draw.choice(rows)
    mine = [row for row in rows if row["seq"] >= chosen["seq"]]
    mine = [row for row in mine if row.get("order_id") == chosen.get("order_id")]
    for row in mine:
        connection.execute(delete(table).where(*where(table, row, keys)))
    return f"cut from {chosen['seq']}"


def insert_one(connection: Connection, table: Table, rows: Rows, keys: tuple[str, ...], draw: random.Random) -> str:
    """A copy of a row behind the last one of its chain."""
    row = draw.choice(rows)
    last = max(each["seq"] for each in rows if each.get("order_id") == row.get("order_id"))
    copy = {**row, "seq": last + 1} | ({"id": "inserted"} if "id" in row else {})
    connection.execute(insert(table).values(copy))
    return f"copy of {row['seq']} as {last + 1}"


def swap_two(connection: Connection, table: Table, rows: Rows, keys: tuple[str, ...], draw: random.Random) -> str:
    """Two rows of one chain change their places."""
    row = draw.choice([row for row in rows if row["seq"] > 1])
    other_row = next(
        each for each in rows if each["seq"] == row["seq"] - 1 and each.get("order_id") == row.get("order_id")
    )
    for one in (row, other_row):
        connection.execute(delete(table).where(*where(table, one, keys)))
    connection.execute(insert(table), [{**row, "seq": other_row["seq"]}, {**other_row, "seq": row["seq"]}])
    return f"swapped {row['seq']}"


def where(table: Table, row: dict[str, Any], keys: tuple[str, ...]) -> list[Any]:
    return [table.c[name] == row[name] for name in ("tenant", *keys)]


WAYS = (change_one, change_one, change_one, forget_personal, delete_one, cut_tail, insert_one, swap_two)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.sampled_from(sorted(TABLES)), way=st.sampled_from(WAYS), seed=st.integers(0, 2**32))
def test_whatever_is_done_to_a_row_is_found(desk: Desk, which: str, way: Any, seed: int) -> None:
    with desk.database.transaction(True, TENANT) as connection:
        empty = connection.execute(select(audit.c.id).limit(1)).first() is None
    if empty:
        lived_in(desk)
    table, keys = TABLES[which]
    with desk.database.transaction(tenant=TENANT) as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        assert verify(connection, TENANT).holds

        what = way(connection, table, rows, keys, random.Random(seed))

        assert not verify(connection, TENANT).holds, what
        connection.rollback()


def test_the_first_bad_row_is_named(desk: Desk) -> None:
    lived_in(desk)
    with desk.database.transaction(tenant=TENANT) as connection:
        connection.execute(update(audit).where(audit.c.seq == 3).values(outcome="done"))
        connection.execute(update(history).where(history.c.seq == 2).values(actor="somebody else"))
        faults = verify(connection, TENANT).faults
        numbers = set(connection.execute(select(sales_order.c.number).where(sales_order.c.history_seq > 1)).scalars())

    assert {(fault.chain, fault.seq, fault.what) for fault in faults} == {
        ("audit", 3, "changed"),
        *((number, 2, "changed") for number in numbers),
    }


@pytest.mark.parametrize(
    ("database_url", "column"),
    [("sqlite", "at"), ("sqlite", "detail"), ("sqlite", "role"), ("postgres", "role")],  # others it does not take
    indirect=["database_url"],
)
def test_a_row_that_cannot_even_be_read_is_a_bad_row(desk: Desk, column: str) -> None:
    lived_in(desk)
    with desk.database.transaction(tenant=TENANT) as connection:
        connection.exec_driver_sql(f"UPDATE history SET {column} = 'rubbish' WHERE seq = 1")
        faults = verify(connection, TENANT).faults

    assert {(fault.seq, fault.what) for fault in faults} == {(1, "changed")}


def test_an_order_that_is_gone_with_all_its_history_leaves_a_gap_in_the_numbers(desk: Desk) -> None:
    lived_in(desk)
    with desk.database.transaction(tenant=TENANT) as connection:
        gone = connection.execute(select(sales_order.c.id).where(sales_order.c.number == "SO-1002")).scalar_one()
        connection.execute(delete(history).where(history.c.order_id == gone))
        connection.execute(delete(sales_order).where(sales_order.c.id == gone))
        faults = verify(connection, TENANT).faults

    assert [(fault.chain, fault.what) for fault in faults] == [("SO-1002", "number_missing")]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"status": "settled"}, "row_differs: status"),
        ({"total": Decimal("0.01")}, "row_differs: total"),
        ({"status": "settled", "total": Decimal("0.01")}, "row_differs: status, total"),
    ],
)
def test_an_order_that_says_something_else_than_its_history_is_named(
    desk: Desk, values: dict[str, Any], what: str
) -> None:
    lived_in(desk)
    with desk.database.transaction(tenant=TENANT) as connection:
        order = connection.execute(select(sales_order).where(sales_order.c.number == "SO-1002")).one()
        connection.execute(update(sales_order).where(sales_order.c.id == order.id).values(values))
        faults = verify(connection, TENANT).faults
        alone = verify_order(connection, TENANT, order.id).faults

    assert [(fault.chain, fault.seq, fault.what) for fault in faults] == [("SO-1002", order.history_seq, what)]
    assert alone == faults


def test_an_order_that_was_amended_undone_and_erased_says_what_its_history_says(desk: Desk, clock: FakeClock) -> None:
    lined, plain = order_in(desk, "confirmed"), placed(desk, lines=(), total=Decimal("1234.50"))
    line = NewLine("PAPER-A4", Decimal(2), "box")
    first = done(desk, AmendOrder(lined.number, lines=(line,)), CLERK).total
    assert done(desk, UndoLastChange(lined.number), CLERK).total == lined.total != first
    amended = done(desk, AmendOrder(plain.number, lines=(line,)), CLERK)
    undone = placed(desk)
    done(desk, UndoLastChange(undone.number), CLERK)
    assert amended.total != plain.total
    with desk.unit_of_work(TENANT) as uow:
        uow.orders.erase_personal(amended.id)
        uow.commit()

    assert [fault.what for fault in verified(desk.database).faults] == ["erased_without_a_word"]
    with desk.database.transaction(tenant=TENANT) as connection:
        mine = update(sales_order).where(sales_order.c.id == amended.id)
        connection.execute(mine.values(total=plain.total))  # what it was before the amendment
        assert "row_differs: total" in {fault.what for fault in verify(connection, TENANT).faults}


def test_a_tail_that_was_cut_together_with_its_head_is_found_by_the_head_kept_elsewhere(desk: Desk) -> None:
    lived_in(desk)
    with desk.database.transaction(tenant=TENANT) as connection:
        head = connection.execute(select(chain_head.c.seq, chain_head.c.hash)).one()
        before = connection.execute(select(audit.c.hash).where(audit.c.seq == 4)).scalar_one()
        anchor = {"audit": (head.seq, head.hash)}
        assert verify(connection, TENANT, anchor).holds

        connection.execute(delete(audit).where(audit.c.seq > 4))
        connection.execute(update(chain_head).values(seq=4, hash=before))

        assert verify(connection, TENANT).holds
        faults = verify(connection, TENANT, anchor).faults
    assert [(fault.chain, fault.seq, fault.what) for fault in faults] == [("audit", 5, "anchor_missing")]


def test_verifying_reports_how_far_it_is(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        for number in range(4500):
            uow.audit.add(CLERK, "x", None, "done", {"rows": number})
        uow.commit()
    told: list[int] = []

    assert verified(desk.database, told=told.append).audit_rows == 4500
    assert told == [2000, 4000]


# --- rows from before the chain


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """As it was before the audit was a chain, with rows of two tenants."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'old.db'}"
        if request.param == "postgres":
            server: str = request.getfixturevalue("postgres_template")
            url = stack.enter_context(empty_database(server, "before_the_chain"))
        database = Database.connect(url)
        with database.transaction() as connection:
            alembic.command.upgrade(alembic_config(connection), "0002")
            for number in range(2500):
                connection.execute(OLD_ROW, {"tenant": ("demo", "other")[number % 5 == 0], "id": f"{number:06}"})
        yield database
        database.close()


OLD_ROW = text(
    "INSERT INTO audit (tenant, id, actor, role, channel, cause, action, target, outcome, detail, at) VALUES (:tenant,"
    " :id, 'clerk', 'sales', 'chat', 'm', 'ConfirmOrder', 'SO-1', 'refused', '{\"customer\": \"Li Na\"}',"
    " '2026-11-20T02:00:00.000000+00:00')"
)


def test_rows_that_are_there_already_are_linked_by_the_migration_and_go_on(old_database: Database) -> None:
    old_database.migrate()

    for tenant, rows in ((TENANT, 2000), ("other", 500)):
        with old_database.transaction(tenant=tenant) as connection:
            added = Audit(connection, tenant, FakeClock())
            added.add(CLERK, "x", None, "done")
            added.flush()
            found = verify(connection, tenant)
            assert found.holds, found.faults
            assert found.audit_rows == rows + 1
            assert added.list(2)[1].detail == {"customer": "Li Na"}
            assert connection.execute(select(audit.c.detail).limit(1)).scalar_one() == {}
