"""The figures of a report: what counts as late, due, unpaid and new, by currency, exactly, however many orders."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from deskhand.orders.commands import (
    CancelOrder,
    RecordPayment,
    ReturnGoods,
    SettlePayments,
    SomeOf,
    UndoLastChange,
)
from deskhand.orders.report import Concern, Days, Flow, Report, Tally
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from deskhand.store.schema import sales_order
from tests.support.desks import CLERK, FINANCE, OTHER_TENANT, TENANT, WAREHOUSE, FakeClock, done, order_in, placed
from tests.support.statements import statements_about

TODAY = date(2026, 11, 20)
ZONE = "Asia/Shanghai"


def report(desk: Desk, days: Days | None = None, customer: str | None = None, today: date = TODAY) -> Report:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.reports.report(days or Days.one(today), today, ZONE, customer)


def alter(desk: Desk, number: str, **columns: object) -> None:
    """What a test needs and no command does."""
    with desk.database.transaction(tenant=TENANT) as connection:
        mine = (sales_order.c.tenant == TENANT, sales_order.c.number == number)
        connection.execute(update(sales_order).where(*mine).values(**columns))


def numbers(desk: Desk, concern: Concern, today: date = TODAY) -> set[str]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return {order.number for order in uow.orders.list(concern=(concern, today)).items}


def test_each_status_has_its_orders_and_their_total(desk: Desk) -> None:
    first, second = placed(desk), placed(desk, quantity="7")
    confirmed = order_in(desk, "confirmed")

    found = report(desk)

    waiting = found.statuses[OrderStatus.PENDING_CONFIRMATION]
    assert waiting == Tally(2, {"CNY": first.total + second.total})
    assert found.statuses[OrderStatus.CONFIRMED] == Tally(1, {"CNY": confirmed.total})
    assert found.under_way == waiting + found.statuses[OrderStatus.CONFIRMED]


def test_what_is_finished_is_in_no_status_but_still_among_what_was_new(desk: Desk) -> None:
    gone = order_in(desk, "confirmed")
    done(desk, CancelOrder(gone.number, "wrong size"), CLERK)
    settled = order_in(desk, "in_account_period")
    alter(desk, settled.number, status="settled", payment_status="paid")

    found = report(desk)

    assert not found.statuses and not found.concerns
    assert found.flows[Flow.NEW] == Tally(1, {"CNY": settled.total}) and found.flows[Flow.SHIPPED].count == 1


def test_an_order_is_late_when_its_day_is_over_and_it_has_not_left(desk: Desk) -> None:
    late = placed(desk, delivery_date=TODAY)
    left = order_in(desk, "shipped", delivery_date=TODAY)

    assert numbers(desk, Concern.DUE) == {late.number} and not numbers(desk, Concern.LATE)
    tomorrow = TODAY + timedelta(days=1)
    assert numbers(desk, Concern.LATE, tomorrow) == {late.number} and not numbers(desk, Concern.DUE, tomorrow)
    assert left.number not in numbers(desk, Concern.LATE, tomorrow)


def test_an_order_is_unpaid_from_its_invoice_on_and_overdue_after_the_day_to_pay(desk: Desk) -> None:
    placed(desk)
    order = order_in(desk, "in_account_period")
    assert order.payment_due_on is not None

    assert numbers(desk, Concern.UNPAID) == {order.number} and not numbers(desk, Concern.OVERDUE)
    assert numbers(desk, Concern.PAYABLE, order.payment_due_on) == {order.number}
    assert numbers(desk, Concern.OVERDUE, order.payment_due_on + timedelta(days=1)) == {order.number}


def test_what_was_settled_without_a_payment_stays_overdue(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    desk.handle(SettlePayments(TODAY, (order.number,)), FINANCE)

    found = report(desk)

    assert found.concerns[Concern.OVERDUE] == found.concerns[Concern.UNPAID] == Tally(1, {"CNY": order.total})
    assert OrderStatus.SETTLED not in found.statuses


def test_a_payment_is_of_the_day_on_which_it_came(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "shipped")
    clock.forward(days=1)
    done(desk, RecordPayment(order.number, order.total, "P-1"), FINANCE)

    assert report(desk).flows[Flow.NEW].count == 1 and Flow.PAID not in report(desk).flows
    tomorrow = report(desk, Days.one(TODAY + timedelta(days=1)))
    assert tomorrow.flows == {Flow.PAID: Tally(1, {"CNY": order.total})} and not tomorrow.concerns


def test_what_came_back_and_what_was_paid_is_taken_off_and_a_part_payment_is_money_that_came_in(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    done(desk, ReturnGoods(order.number, (SomeOf(Decimal(2), line=1),), "broken"), WAREHOUSE)
    done(desk, RecordPayment(order.number, Decimal(1000), "P-1"), FINANCE)
    worth = order.total - 500

    found = report(desk)

    assert found.concerns[Concern.UNPAID] == Tally(1, {"CNY": worth - 1000})
    assert found.statuses[OrderStatus.IN_ACCOUNT_PERIOD] == Tally(1, {"CNY": worth})
    assert found.flows[Flow.NEW] == found.flows[Flow.SHIPPED] == Tally(1, {"CNY": worth})
    assert found.flows[Flow.PAID] == Tally(1, {"CNY": Decimal(1000)})
    assert report(desk, customer="acme-ltd").flows == {}


def test_a_return_that_was_taken_back_counts_for_nothing(desk: Desk) -> None:
    order = order_in(desk, "shipped")
    done(desk, ReturnGoods(order.number, (SomeOf(Decimal(2), line=1),), "broken"), WAREHOUSE)
    done(desk, UndoLastChange(order.number), WAREHOUSE)

    assert report(desk).concerns[Concern.UNPAID] == Tally(1, {"CNY": order.total})


def test_currencies_are_not_added_up(desk: Desk) -> None:
    here, there = placed(desk), placed(desk)
    alter(desk, there.number, currency="EUR", total=Decimal("0.10"))

    assert report(desk).flows[Flow.NEW] == Tally(2, {"CNY": here.total, "EUR": Decimal("0.10")})


def test_sums_are_exact(desk: Desk) -> None:
    for _ in range(3):
        alter(desk, placed(desk).number, total=Decimal("0.10"))

    assert report(desk).flows[Flow.NEW].amounts == {"CNY": Decimal("0.30")}


def test_an_order_that_was_taken_back_was_none(desk: Desk) -> None:
    order = placed(desk)
    done(desk, UndoLastChange(order.number), CLERK)

    assert not report(desk).flows


def test_a_customer_has_a_report_of_its_own(desk: Desk) -> None:
    placed(desk)
    placed(desk, customer_id="acme-ltd")
    placed(desk, customer_id="acme-ltd")

    assert report(desk, customer="huaxing").flows[Flow.NEW].count == 1
    assert report(desk, customer="acme-ltd").under_way.count == 2


def test_another_companys_orders_are_in_no_report(desk: Desk) -> None:
    placed(desk)

    with desk.unit_of_work(OTHER_TENANT, read_only=True) as uow:
        assert uow.reports.report(Days.one(TODAY), TODAY, ZONE).under_way == Tally()


def statements_of_a_report(desk: Desk) -> list[str]:
    with statements_about(desk, "sales_order") as seen, desk.unit_of_work(TENANT, read_only=True) as uow:
        uow.reports.report(Days.one(TODAY), TODAY, ZONE)
    return seen


def test_a_report_takes_two_statements_about_orders(desk: Desk) -> None:
    placed(desk)

    assert len(statements_of_a_report(desk)) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_statement_of_it_reads_all_orders(desk: Desk) -> None:
    statements = statements_of_a_report(desk)

    with desk.database.transaction(read_only=True) as connection:
        for statement in statements:
            nothing = (None,) * statement.count("?")
            plan = [str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", nothing)]
            assert plan and not [line for line in plan if "sales_order" in line and "INDEX" not in line], plan
            assert not [line for line in plan if "(tenant=?)" in line], plan


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        (Days.week_of(TODAY), date(2026, 11, 16), date(2026, 11, 22)),
        (Days.before(Days.week_of(TODAY)), date(2026, 11, 9), date(2026, 11, 15)),
        (Days.month_of(TODAY), date(2026, 11, 1), date(2026, 11, 30)),
        (Days.before(Days.month_of(date(2026, 3, 31))), date(2026, 2, 1), date(2026, 2, 28)),
        (Days.before(Days.month_of(date(2026, 1, 1))), date(2025, 12, 1), date(2025, 12, 31)),
        (Days.before(Days.year_of(date(2025, 6, 1))), date(2024, 1, 1), date(2024, 12, 31)),
        (Days.year_of(date(2024, 2, 29)), date(2024, 1, 1), date(2024, 12, 31)),
        (Days.week_of(TODAY).until(TODAY), date(2026, 11, 16), TODAY),
    ],
)
def test_weeks_and_months_are_of_the_calendar(days: Days, first: date, last: date) -> None:
    assert (days.first, days.last) == (first, last)
