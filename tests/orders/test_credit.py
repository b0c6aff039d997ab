"""Credit and approval limits: decided by tables at confirmation, released or approved by those who may, told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    ApproveOrder,
    ConfirmOrder,
    HoldOrder,
    PlaceOrder,
    RecordPayment,
    RejectOrder,
    ReleaseOrder,
    ReturnGoods,
    SomeOf,
    UndoLastChange,
)
from deskhand.orders.errors import CreditRefused, DataMissing, RoleNotAllowed
from deskhand.orders.events import EventName
from deskhand.orders.model import Order
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.support.desks import (
    ADMIN,
    CLERK,
    FINANCE,
    MANAGER,
    TENANT,
    FakeClock,
    done,
    fresh,
    order_in,
    placed,
    told,
)

S = OrderStatus


def worth(desk: Desk, total: int, customer: str = "huaxing") -> Order:
    """A header-only order, to be confirmed."""
    return done(desk, PlaceOrder(customer, total=Decimal(total)), CLERK)


def limited(desk: Desk, limit: int | None, customer_class: str | None = None) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.change_credit("huaxing", None if limit is None else Decimal(limit), customer_class)
        uow.commit()


def decided(desk: Desk, order: Order) -> list[dict[str, object]]:
    """What the newest row of the history says of rules."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        found = uow.orders.history(order.id)[-1].detail["decided"]
    assert isinstance(found, list)
    return found


def test_a_customer_without_a_limit_is_confirmed_as_ever_and_the_rules_are_on_record(desk: Desk) -> None:
    order = done(desk, ConfirmOrder(placed(desk).number), CLERK)

    assert order.status is S.CONFIRMED
    assert [(each["decision"], each["outputs"]) for each in decided(desk, order)] == [
        ("credit", {"credit": "go_on"}),
        ("approval", {"approver": "nobody"}),
    ]


@pytest.mark.parametrize(("total", "status"), [(1000, S.CONFIRMED), (1001, S.ON_HOLD)])
def test_an_order_above_the_limit_is_held_at_the_very_first_cent(desk: Desk, total: int, status: OrderStatus) -> None:
    limited(desk, 1000)

    assert done(desk, ConfirmOrder(worth(desk, total).number), CLERK).status is status


def test_what_is_owed_already_counts_and_what_was_paid_does_not(desk: Desk) -> None:
    limited(desk, 1000)
    first = done(desk, ConfirmOrder(worth(desk, 800).number), CLERK)
    assert done(desk, ConfirmOrder(worth(desk, 300).number), CLERK).status is S.ON_HOLD

    desk.handle(RecordPayment(first.number, Decimal(500), "TX1"), FINANCE)

    assert done(desk, ConfirmOrder(worth(desk, 300).number), CLERK).status is S.CONFIRMED


def test_goods_that_came_back_are_owed_no_more(desk: Desk) -> None:
    order = order_in(desk, "shipped")  # 8,897
    limited(desk, 9000)
    assert done(desk, ConfirmOrder(worth(desk, 200).number), CLERK).status is S.ON_HOLD

    desk.handle(ReturnGoods(order.number, (SomeOf(Decimal(1), line=1),), "broken"), CLERK)  # 250

    assert done(desk, ConfirmOrder(worth(desk, 200).number), CLERK).status is S.CONFIRMED


def cleared(desk: Desk, number: str, amount: int) -> list[str]:
    """The orders that a payment makes room for."""
    outcome = desk.handle(RecordPayment(number, Decimal(amount), f"TX{amount}"), FINANCE)
    return [str(event.payload["number"]) for event in outcome.events if event.name is EventName.CREDIT_CLEARED]


def test_a_payment_names_the_held_orders_that_fit_by_now_one_after_the_other(desk: Desk) -> None:
    limited(desk, 1000)
    first = done(desk, ConfirmOrder(worth(desk, 1000).number), CLERK)
    held = [done(desk, ConfirmOrder(worth(desk, 400).number), CLERK) for _ in range(3)]
    assert {order.status for order in held} == {S.ON_HOLD}

    assert cleared(desk, first.number, 399) == []
    assert cleared(desk, first.number, 1) == [held[0].number]
    assert cleared(desk, first.number, 500) == [held[0].number, held[1].number]
    assert {fresh(desk, order.number).status for order in held} == {S.ON_HOLD}
    assert ("CreditCleared", held[1].number) in [
        (kind, held[1].number) for kind, text in told(desk, "role:finance") if held[1].number in text
    ]


def test_a_payment_names_no_order_that_a_person_holds_or_another_customer_has(desk: Desk) -> None:
    limited(desk, 1000)
    first = done(desk, ConfirmOrder(worth(desk, 1000).number), CLERK)
    done(desk, HoldOrder(worth(desk, 10).number, "wait"), CLERK)
    other = done(desk, ConfirmOrder(worth(desk, 10, "acme-ltd").number), CLERK)
    done(desk, HoldOrder(other.number, "wait"), CLERK)

    assert cleared(desk, first.number, 1000) == []


def test_orders_that_are_confirmed_together_count_for_one_another(desk: Desk) -> None:
    from deskhand.orders.moving import moved

    limited(desk, 1000)
    numbers = [worth(desk, 400).number for _ in range(3)]

    with desk.unit_of_work(TENANT) as uow:
        steps, refused = moved(desk.work(uow, CLERK), uow.orders.by_numbers(numbers), "confirm_order")
        uow.commit()

    assert refused == () and [step.order.status for step in steps] == [S.CONFIRMED, S.CONFIRMED, S.ON_HOLD]


def test_an_order_held_for_credit_sends_nothing_and_says_why(desk: Desk) -> None:
    limited(desk, 100)
    order = done(desk, ConfirmOrder(worth(desk, 200).number), CLERK)

    assert order.invoice is None and order.hold_reason == "超过信用额度 / Above the credit limit"
    assert [kind for kind, _ in told(desk, "role:manager")][-1] == "OrderHeld"
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert not uow.stock.of_orders([order.id])


def test_only_finance_or_the_manager_release_it_and_then_it_is_confirmed(desk: Desk) -> None:
    limited(desk, 100)
    order = done(desk, ConfirmOrder(worth(desk, 200).number), CLERK)

    with pytest.raises(RoleNotAllowed):
        desk.handle(ReleaseOrder(order.number), CLERK)
    released = done(desk, ReleaseOrder(order.number), FINANCE)

    assert released.status is S.CONFIRMED and released.invoice is not None and released.hold_reason is None


def test_a_long_overdue_customer_is_refused_with_the_rule_and_nothing_changes(desk: Desk, clock: FakeClock) -> None:
    order_in(desk, "in_account_period")
    clock.forward(days=30 + 91)
    late = worth(desk, 10)

    with pytest.raises(CreditRefused, match="90") as refusal:
        desk.handle(ConfirmOrder(late.number), CLERK)

    assert "90" in str(refusal.value.data["reason"]) and fresh(desk, late.number) == late


@pytest.mark.parametrize(("days", "status"), [(30, S.CONFIRMED), (31, S.ON_HOLD), (90, S.ON_HOLD)])
def test_overdue_days_hold_an_order_at_their_boundary(
    desk: Desk, clock: FakeClock, days: int, status: OrderStatus
) -> None:
    due_on = order_in(desk, "in_account_period").payment_due_on
    today = desk.tenant(TENANT).today(clock())
    assert due_on is not None
    clock.forward(days=(due_on - today).days + days)

    assert done(desk, ConfirmOrder(worth(desk, 10).number), CLERK).status is status


@pytest.mark.parametrize(
    ("total", "status"),
    [(50_000, S.CONFIRMED), (50_001, S.PENDING_APPROVAL), (200_001, S.PENDING_APPROVAL)],
)
def test_a_new_customer_needs_the_manager_earlier(desk: Desk, total: int, status: OrderStatus) -> None:
    assert done(desk, ConfirmOrder(worth(desk, total).number), CLERK).status is status


def test_an_order_above_the_limit_waits_for_the_manager_and_takes_effect_with_the_approval(desk: Desk) -> None:
    waiting = done(desk, ConfirmOrder(worth(desk, 300_000).number), CLERK)
    assert waiting.status is S.PENDING_APPROVAL and waiting.invoice is None
    assert "ApprovalNeeded" in [kind for kind, _ in told(desk, "role:manager")]

    with pytest.raises(RoleNotAllowed):
        desk.handle(ApproveOrder(waiting.number), CLERK)
    approved = done(desk, ApproveOrder(waiting.number), MANAGER)

    assert approved.status is S.CONFIRMED and approved.invoice is not None
    assert {"OrderConfirmed", "OrderApproved"} <= {kind for kind, _ in told(desk, "role:sales", "role:finance")}


def test_the_largest_are_for_the_general_manager_alone(desk: Desk) -> None:
    waiting = done(desk, ConfirmOrder(worth(desk, 1_000_001).number), MANAGER)

    with pytest.raises(RoleNotAllowed):
        desk.handle(ApproveOrder(waiting.number), MANAGER)

    assert done(desk, ApproveOrder(waiting.number), ADMIN).status is S.CONFIRMED


def test_what_the_manager_confirms_needs_no_second_yes(desk: Desk) -> None:
    assert done(desk, ConfirmOrder(worth(desk, 300_000).number), MANAGER).status is S.CONFIRMED


def test_a_rejected_order_is_to_be_confirmed_anew_and_sales_hears_why(desk: Desk) -> None:
    waiting = done(desk, ConfirmOrder(worth(desk, 300_000).number), CLERK)
    with pytest.raises(DataMissing):
        desk.handle(RejectOrder(waiting.number, "  "), MANAGER)

    rejected = done(desk, RejectOrder(waiting.number, "太便宜"), MANAGER)

    assert rejected.status is S.PENDING_CONFIRMATION
    assert any("太便宜" in text for kind, text in told(desk, "role:sales") if kind == "OrderRejected")


def test_a_confirmation_that_led_to_a_wait_can_be_undone(desk: Desk) -> None:
    waiting = done(desk, ConfirmOrder(worth(desk, 300_000).number), CLERK)

    assert done(desk, UndoLastChange(waiting.number), CLERK).status is S.PENDING_CONFIRMATION


def test_class_a_is_trusted_with_more(desk: Desk) -> None:
    limited(desk, None, "A")

    assert done(desk, ConfirmOrder(worth(desk, 500_000).number), CLERK).status is S.CONFIRMED
    assert done(desk, ConfirmOrder(worth(desk, 500_001).number), CLERK).status is S.PENDING_APPROVAL


def test_of_two_orders_confirmed_at_once_only_one_is_the_last_within_the_limit(desk: Desk) -> None:
    limited(desk, 1000)
    numbers = [worth(desk, 700).number for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: done(desk, ConfirmOrder(number), CLERK).status, numbers))

    assert sorted(found) == [S.CONFIRMED, *[S.ON_HOLD] * 3]
