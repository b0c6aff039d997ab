"""How long a customer has to pay: its own days from the day of shipping, unless the order has terms of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from deskhand.orders.commands import AmendOrder, SettlePayments
from deskhand.orders.errors import TermsNotGranted
from deskhand.orders.model import Customer
from deskhand.orders.status import OrderStatus
from deskhand.orders.terms import Terms, terms_of
from deskhand.store import Desk
from tests.support.desks import CLERK, CUSTOMER, FINANCE, STEPS, TENANT, FakeClock, done, placed, placing


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


@pytest.mark.parametrize(
    ("shipped", "days", "due"),
    [
        (date(2026, 3, 5), 30, date(2026, 4, 30)),
        (date(2026, 3, 31), 30, date(2026, 4, 30)),
        (date(2026, 2, 1), 0, date(2026, 2, 28)),
        (date(2028, 2, 29), 60, date(2028, 4, 29)),
        (date(2026, 12, 24), 30, date(2027, 1, 30)),
    ],
)
def test_days_from_the_end_of_the_month_begin_with_its_last_day(shipped: date, days: int, due: date) -> None:
    assert Terms(days, month_end=True).due_on(shipped) == due


def test_what_was_agreed_for_the_order_is_asked_before_what_the_customer_always_has() -> None:
    usual = Customer("huaxing", "华星", account_days=30, month_end=True)

    assert terms_of({}, usual) == Terms(30, month_end=True)
    assert terms_of({"payment_days": 45}, usual) == Terms(45)
    assert terms_of({"payment_days": 45, "payment_month_end": True}, usual) == Terms(45, month_end=True)
    assert terms_of({"payment_month_end": False}, usual) == Terms(30)


def test_a_customers_account_period_runs_from_the_end_of_the_month(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.change_terms("huaxing", 30, month_end=True)
        uow.commit()

    assert in_period(desk) == date(2026, 12, 30)


def test_terms_from_the_end_of_the_month_need_the_right_to_grant_longer_ones(desk: Desk) -> None:
    number = placed(desk).number

    with pytest.raises(TermsNotGranted):
        desk.handle(AmendOrder(number, payment_month_end=True), CUSTOMER)

    assert done(desk, AmendOrder(number, payment_month_end=True), CLERK).data["payment_month_end"] is True


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
