"""Payments and freight are settled once: two processes at the same time, and one that is killed in the middle."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import func, select

from deskhand.orders.commands import SettlePayments
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store import Desk
from deskhand.store.schema import freight_settlement, history, outbox_event, settlement, settlement_line
from tests.support.desks import FINANCE, ROOT, TENANT, order_in
from tests.support.settler import AFTER_COMMIT, LATER

ORDERS = 3
SEED = 20261122


def run(url: str, what: str, dies_at: Sequence[int]) -> list[str]:
    """One process for each, all let go at once; what each said, nothing where it was killed."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.support.settler", url, what, str(point)],
                    cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                )
            )
            for point in dies_at
        ]  # fmt: skip
        for each in started:
            assert each.stdout is not None and each.stdout.readline() == "ready\n", each.communicate()[1]
        for each in started:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        return [each.communicate(timeout=120)[0].strip() for each in started]


def counted(desk: Desk, *conditions: Any) -> int:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return int(uow.orders.value(select(func.count()).where(*conditions)))


def expect_settled(desk: Desk, numbers: Sequence[str], times: int) -> None:
    """Every trace of the settlement of payments is there so many times for each order: all of them, or none."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        orders = uow.orders.by_numbers(numbers)
        assert all(uow.orders.verify_chain(order.id) for order in orders)
    ids = [order.id for order in orders]
    status = OrderStatus.SETTLED if times else OrderStatus.IN_ACCOUNT_PERIOD
    payment = PaymentStatus.OVERDUE if times else PaymentStatus.UNPAID
    assert {(order.status, order.payment_status) for order in orders} == {(status, payment)}
    mine = (settlement_line.c.tenant == TENANT, settlement_line.c.order_id.in_(ids))
    assert counted(desk, *mine) == times * len(ids)
    rows = (history.c.tenant == TENANT, history.c.order_id.in_(ids), history.c.event == "settle_payment")
    assert counted(desk, *rows) == times * len(ids)
    posted = (outbox_event.c.tenant == TENANT, outbox_event.c.name == "SettlementPosted")
    assert counted(desk, *posted) == times
    closed = (settlement.c.tenant == TENANT, settlement.c.posted_at.is_not(None))
    assert counted(desk, *closed) == times


def expect_freight(desk: Desk, number: str, times: int) -> None:
    """The same for the freight of one order."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        order = uow.orders.get(number)
        assert uow.orders.verify_chain(order.id)
    closed = (freight_settlement.c.order_id == order.id, freight_settlement.c.closed_at.is_not(None))
    assert counted(desk, freight_settlement.c.tenant == TENANT, *closed) == times
    rows = (history.c.tenant == TENANT, history.c.order_id == order.id, history.c.event == "settle_freight")
    assert counted(desk, *rows) == times
    told = (outbox_event.c.tenant == TENANT, outbox_event.c.name == "FreightSettled")
    assert counted(desk, *told) == times


def due(desk: Desk) -> list[str]:
    return [order_in(desk, "in_account_period").number for _ in range(ORDERS)]


def settled(desk: Desk) -> str:
    """An order whose freight is all that is left."""
    number = order_in(desk, "in_account_period").number
    desk.handle(SettlePayments(desk.tenant(TENANT).today(LATER), (number,)), FINANCE)
    return number


def test_two_workers_that_start_at_once_settle_each_payment_once(desk: Desk, database_url: str) -> None:
    numbers = due(desk)

    said = sorted(each.split(" ", 1)[1] for each in run(database_url, "payments", (0, 0)))

    assert said == ["nothing", f"settled {ORDERS}"]
    expect_settled(desk, numbers, 1)


@pytest.mark.full
def test_of_two_who_close_the_same_freight_at_once_one_does(desk: Desk, database_url: str) -> None:
    number = settled(desk)

    said = [each.split(" ", 1)[1] for each in run(database_url, number, (0, 0))]

    assert said.count("settled 1") == 1 and set(said) <= {"settled 1", "version_conflict", "not_possible_now"}
    expect_freight(desk, number, 1)


def kill_payments(desk: Desk, url: str, kills: int) -> None:
    """Nothing of a settlement that died is left, and the next one makes all of it."""
    numbers, chosen, points = due(desk), random.Random(SEED), 40 + 5 * ORDERS
    for _ in range(kills):
        (said,) = run(url, "payments", (chosen.randrange(1, points),))
        if said:  # it was done before it came to that statement
            break
        expect_settled(desk, numbers, 0)
    run(url, "payments", (AFTER_COMMIT,))
    expect_settled(desk, numbers, 1)
    assert desk.settle_due(TENANT, LATER) is None
    expect_settled(desk, numbers, 1)


def kill_freight(desk: Desk, url: str, kills: int) -> None:
    number, chosen = settled(desk), random.Random(SEED)
    for _ in range(kills):
        (said,) = run(url, number, (chosen.randrange(1, 12),))
        assert said == ""
        expect_freight(desk, number, 0)
    run(url, number, (AFTER_COMMIT,))
    expect_freight(desk, number, 1)


def test_a_worker_that_is_killed_in_the_middle_has_settled_nothing(desk: Desk, database_url: str) -> None:
    kill_payments(desk, database_url, 1)


@pytest.mark.full
def test_twenty_kills_at_any_statement_settle_nothing_twice(desk: Desk, database_url: str) -> None:
    kill_payments(desk, database_url, 12)
    kill_freight(desk, database_url, 12)
