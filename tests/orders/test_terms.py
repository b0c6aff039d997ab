"""How long a customer has to pay: its own days from the day of shipping, unless the order has terms of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from deskhand.orders.commands import SettlePayments
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.support.desks import CLERK, FINANCE, STEPS, TENANT, FakeClock, done, placing


def in_period(desk: Desk, **more: object) -> date | None:
    number = done(desk, placing(**more), CLERK).number
    for command, actor in STEPS:
        order = done(desk, command(number), actor)
    return order.payment_due_on


@pytest.mark.parametrize(
    ("shipped", "days", "due"),
    [
        (datetime(2026, 11, 20, 2, tzinfo=UTC), 0, date(2026, 11, 20)),
        (datetime(2026, 11, 20, 2, tzinfo=UTC), 30, date(2026, 12, 20)),
        (datetime(2027, 1, 31, 2, tzinfo=UTC), 28, date(2027, 2, 28)),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), 1, date(2027, 1, 1)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 1, date(2027, 1, 2)),  # it is the next day already in Shanghai
    ],
)
def test_the_days_are_counted_from_the_companys_day_of_shipping(
    desk: Desk, clock: FakeClock, shipped: datetime, days: int, due: date
) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.change_terms("huaxing", days)
        uow.commit()
    clock.now = shipped

    assert in_period(desk) == due


def test_terms_of_the_order_alone_win_over_the_customers(desk: Desk) -> None:
    assert in_period(desk, payment_days=3) == date(2026, 11, 23)


def test_an_order_due_today_waits_for_the_cut_off_and_not_for_finance(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.change_terms("huaxing", 0)
        uow.commit()
    in_period(desk)

    assert desk.settle_due(TENANT) is None
    outcome = desk.handle(SettlePayments(desk.tenant(TENANT).today(clock())), FINANCE)

    assert outcome.order is not None and outcome.order.status is OrderStatus.SETTLED
