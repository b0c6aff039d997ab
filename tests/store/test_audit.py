"""The chains of the audit and of orders: nothing can be changed unseen, and writers never fork them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier
from typing import Any

import alembic.command
import pytest
from sqlalchemy import select, text

from deskhand.orders.audit import LONGEST, said_of
from deskhand.orders.commands import (
    CancelOrder,
    CompleteShipment,
    ConfirmOrder,
    HoldOrder,
    RecordPayment,
    ReleaseOrder,
    UndoLastChange,
)
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk
from deskhand.store.database import Database, alembic_config
from deskhand.store.repositories.audit import Audit
from deskhand.store.schema import audit, history
from deskhand.store.verifying import verify
from tests.store.audited import lived_in, refused, verified
from tests.support.desks import CLERK, FINANCE, TENANT, WAREHOUSE, FakeClock, done, order_in, placed
from tests.support.postgres import empty_database

THREADS = 8


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
