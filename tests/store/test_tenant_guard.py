"""The guard that watches every statement finds one that forgets its tenant, however it hides."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, text, update

from deskhand.store import Desk
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import card, case, customer, delivery, known_tenant, outbox_event, sales_order
from tests.support.tenant_guard import TenantForgotten, problems, raw_problems, rows_in, taken

MINE = "demo"
OWN = sales_order.c.tenant == MINE
JOINED = and_(case.c.tenant == sales_order.c.tenant, case.c.id == sales_order.c.id)
ONE = case.c.id == sales_order.c.id
HALF = sales_order.join(case, ONE)
OTHER = customer.alias("other")

GOOD = {
    "plain": select(sales_order).where(OWN, sales_order.c.id == "1"),
    "joined": select(sales_order).select_from(sales_order.outerjoin(case, JOINED)).where(OWN),
    "bound on both sides": select(HALF.c.case_id).where(OWN, case.c.tenant == MINE),
    "reversed": select(card).where(MINE == card.c.tenant),
    "chained": select(delivery.c.id)
    .join(outbox_event, and_(outbox_event.c.tenant == delivery.c.tenant, outbox_event.c.id == delivery.c.event_id))
    .where(delivery.c.tenant == MINE),
    "subquery": select(func.count()).select_from(select(card).where(card.c.tenant == MINE).subquery()),
    "correlated": select(sales_order.c.id).where(
        OWN, ~exists().where(case.c.tenant == sales_order.c.tenant, case.c.id == sales_order.c.id)
    ),
    "changed": update(card).where(card.c.tenant == MINE, card.c.id == bindparam("which")).values(state="used"),
    "deleted": delete(card).where(card.c.tenant == MINE),
    "alias": select(OTHER).where(OTHER.c.tenant == MINE),
    "shared": select(known_tenant),
    "inserted": insert(card).values(tenant=MINE, id="1"),
    "no table": select(func.now()),
}
BAD = {
    "nothing": select(sales_order).where(sales_order.c.number == "SO-1001"),
    "another's": select(sales_order).where(sales_order.c.tenant == "other"),
    "either": select(sales_order).where(or_(OWN, sales_order.c.number == "SO-1001")),
    "not mine": select(sales_order).where(~OWN),
    "half a join": select(sales_order).select_from(HALF).where(OWN),
    "outer half": select(sales_order).select_from(sales_order.outerjoin(case, ONE)).where(OWN),
    "cross": select(sales_order, card).where(OWN),
    "subquery": select(func.count()).select_from(select(card).subquery()),
    "in a condition": select(sales_order).where(OWN, sales_order.c.customer_id.in_(select(customer.c.id))),
    "as a column": select(sales_order.c.id, select(func.count()).select_from(card).scalar_subquery()).where(OWN),
    "union": select(card.c.id).where(card.c.tenant == MINE).union(select(case.c.id)),
    "common table": select(select(card).cte("c")),
    "alias": select(OTHER).where(customer.c.tenant == MINE),
    "correlated": select(sales_order.c.id).where(OWN, exists().where(ONE)),
    "changed": update(card).values(state="used"),
    "changed by another table": update(card).where(
        card.c.tenant == MINE, card.c.id.in_(select(case.c.id))
    ).values(state="used"),
    "given away": update(card).where(card.c.tenant == MINE).values(tenant="other"),
    "deleted": delete(card).where(card.c.id == "1"),
    "inserted": insert(card).values(tenant="other", id="1"),
    "inserted without": insert(card).values(id="1"),
    "text": text("SELECT * FROM card WHERE tenant = 'demo'"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_statement_that_is_bound_passes(name: str) -> None:
    assert problems(GOOD[name], MINE) == []


@pytest.mark.parametrize("name", BAD)
def test_a_statement_that_is_not_bound_is_found(name: str) -> None:
    assert problems(BAD[name], MINE) != []


def test_outside_a_unit_of_work_no_tenant_s_table_may_be_touched() -> None:
    assert problems(GOOD["plain"], None) != []
    assert problems(select(card).where(card.c.tenant.is_(None)), None) != []


@pytest.mark.parametrize(
    ("rows", "good"),
    [([{"tenant": MINE}], True), ([{"tenant": MINE}, {"tenant": "other"}], False), ([{"id": "1"}], False)],
)
def test_each_of_many_inserted_rows_is_looked_at(rows: list[dict[str, Any]], good: bool) -> None:
    assert (problems(insert(card), MINE, rows) == []) is good


@pytest.mark.parametrize(
    ("statement", "rows", "good"),
    [
        ("BEGIN IMMEDIATE", [()], True),
        ('INSERT INTO "case" (tenant, id) VALUES (?, ?)', [(MINE, "1"), (MINE, "2")], True),
        ('INSERT INTO "case" (tenant, id) VALUES (?, ?)', [(MINE, "1"), ("other", "2")], False),
        ("INSERT INTO card (id, tenant) VALUES (?, ?)", [("1", MINE)], False),
        ('UPDATE "case" SET marking = ?, row_version = ? WHERE tenant = ? AND id = ?', [("a", 2, MINE, "1")], True),
        ('UPDATE "case" SET marking = %s WHERE tenant = %s AND id = %s', [("a", MINE, "1")], True),
        ('UPDATE "case" SET marking = ? WHERE tenant = ? AND id = ?', [("a", MINE, "1"), ("a", "other", "1")], False),
        ('UPDATE "case" SET marking = ? WHERE id = ? AND tenant = ?', [("a", "1", MINE)], False),
        ('UPDATE "case" SET marking = ? WHERE tenant = ? OR id = ?', [("a", MINE, "1")], False),
        ('UPDATE "case" SET tenant = ? WHERE tenant = ? AND id = ?', [("other", MINE, "1")], False),
        ("SELECT * FROM card", [()], False),
    ],
)
def test_text_is_looked_at_too(statement: str, rows: list[Any], good: bool) -> None:
    assert (raw_problems(statement, rows, MINE) == []) is good


def test_it_stands_in_the_way_of_what_our_code_sends(desk: Desk) -> None:
    with desk.unit_of_work(MINE) as uow:
        forgetful = Repository(uow.connection, MINE, uow.clock)

        with pytest.raises(TenantForgotten, match=r"deskhand/store/repositories/base.py:\d+: card lacks"):
            forgetful.rows(select(card))
    assert len(taken()) == 1


def test_a_shape_that_was_good_with_its_own_tenant_is_found_with_another(desk: Desk) -> None:
    with desk.unit_of_work(MINE) as uow:
        sending = Repository(uow.connection, MINE, uow.clock)
        for identity in ("1", MINE, "2"):
            sending.rows(select(card.c.state).where(card.c.id == identity, card.c.tenant == MINE))

        with pytest.raises(TenantForgotten, match="asks for other in a unit of work of demo"):
            sending.rows(select(card.c.state).where(card.c.id == MINE, card.c.tenant == "other"))
        with pytest.raises(TenantForgotten, match="card lacks"):
            sending.rows(select(card.c.state).where(card.c.id == MINE, card.c.state == MINE))
    assert len(taken()) == 2


def test_of_a_statement_with_the_values_of_many_rows_each_is_looked_at() -> None:
    statement = 'INSERT INTO order_line (tenant, "number") VALUES (?, ?), (?, ?), (?, ?)'
    rows = rows_in(statement, ("demo", 1, "acme", 2, "demo", 3))

    assert rows == [("demo", 1), ("acme", 2), ("demo", 3)]
    assert raw_problems(statement, rows, "demo") == ["inserts rows of acme"]
    assert rows_in("INSERT INTO order_line (tenant) VALUES (?)", ("demo",)) == [("demo",)]
