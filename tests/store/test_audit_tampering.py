"""Whatever is done to a row of the audit or of an order's history behind our back, verifying finds it."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, delete, insert, select, update

from deskhand.orders.commands import (
    AmendOrder,
    NewLine,
    UndoLastChange,
)
from deskhand.store import Desk
from deskhand.store.schema import audit, chain_head, history, sales_order
from deskhand.store.verifying import verify, verify_order
from tests.store.audited import lived_in, verified
from tests.support.desks import CLERK, TENANT, FakeClock, done, order_in, placed, take_out_personal

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
        take_out_personal(uow, amended.id)
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
