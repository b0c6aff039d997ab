"""Goods come back: never more than were shipped, into stock if they can be sold, and credited."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    CompleteShipment,
    GiveShipmentInformation,
    RecordPayment,
    ReturnGoods,
    SettleFreight,
    SettlePayments,
    SomeOf,
    UndoLastChange,
)
from deskhand.orders.errors import DataMissing, MoreThanThere, NothingShipped, RoleNotAllowed
from deskhand.orders.events import CREDIT_NOTE
from deskhand.orders.status import PaymentStatus
from deskhand.store import Desk
from tests.support.credited import amounts, credit_notes, stock
from tests.support.desks import CLERK, CUSTOMER, FINANCE, NOW, TENANT, WAREHOUSE, FakeClock, done, fresh, order_in, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what SQL is new: tests/store

PAPER, PRINTERS = 1, 2


def back(number: str, quantity: int | str = 2, line: int = PAPER, restock: bool = True) -> ReturnGoods:
    return ReturnGoods(number, (SomeOf(Decimal(quantity), line=line),), "damaged", restock)


ALL = (SomeOf(Decimal(20), line=PAPER), SomeOf(Decimal(3), line=PRINTERS))


@pytest.mark.parametrize("where", ["shipped", "in_account_period"])
def test_goods_come_back_into_stock_and_are_credited(desk: Desk, where: str) -> None:
    order = order_in(desk, where)
    on_hand = stock(desk).on_hand
    assert order.invoice is not None

    after = done(desk, back(order.number), WAREHOUSE)

    (note,) = credit_notes(desk, order)
    assert (stock(desk).on_hand - on_hand, fresh(desk, order.number).lines[0].returned) == (20, 2)
    assert (note.amount, note.invoice, note.kind) == (2 * order.lines[0].unit_price, order.invoice.number, "returned")
    assert (after.status, after.total, after.payment_status) == (where, order.total, "unpaid")


def test_damaged_goods_do_not_go_back_on_the_shelf(desk: Desk) -> None:
    order = order_in(desk, "shipped")
    on_hand = stock(desk).on_hand

    done(desk, back(order.number, restock=False), CLERK)

    assert stock(desk).on_hand == on_hand
    assert len(credit_notes(desk, order)) == 1


def test_never_more_comes_back_than_was_shipped(desk: Desk) -> None:
    order = order_in(desk, "shipped")
    done(desk, back(order.number, 15), WAREHOUSE)

    with pytest.raises(MoreThanThere) as refused:
        desk.handle(back(order.number, 6), WAREHOUSE)

    assert (refused.value.data["available"], refused.value.data["wanted"]) == ("5", "6")
    assert fresh(desk, order.number).lines[0].returned == 15


@pytest.mark.parametrize("where", ["pending_confirmation", "confirmed", "awaiting_shipment", "packed"])
def test_nothing_comes_back_that_has_not_left(desk: Desk, where: str) -> None:
    order = order_in(desk, where)

    with pytest.raises(NothingShipped):
        desk.handle(back(order.number), WAREHOUSE)


@pytest.mark.parametrize("command", [ReturnGoods("SO-1001", (), "damaged"), ReturnGoods("SO-1001", ALL, " ")])
def test_goods_and_reason_must_be_said(desk: Desk, command: ReturnGoods) -> None:
    order_in(desk, "shipped")

    with pytest.raises(DataMissing):
        desk.handle(command, WAREHOUSE)


@pytest.mark.parametrize("actor", [CUSTOMER, FINANCE])
def test_others_take_nothing_back(desk: Desk, actor: object) -> None:
    order = order_in(desk, "shipped")

    with pytest.raises(RoleNotAllowed):
        desk.handle(back(order.number), actor)  # type: ignore[arg-type]


def test_a_part_comes_back_while_the_rest_still_waits(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    done(desk, GiveShipmentInformation(order.number, "SF", "SF1", lines=(SomeOf(Decimal(12), line=PAPER),)), WAREHOUSE)
    done(desk, CompleteShipment(order.number), WAREHOUSE)

    after = done(desk, back(order.number), WAREHOUSE)

    assert (after.status, after.lines[0].returned, len(credit_notes(desk, order))) == ("awaiting_shipment", 2, 1)


def test_goods_come_back_when_the_process_is_over(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    done(desk, SettlePayments(NOW.date(), (order.number,)), FINANCE)
    done(desk, SettleFreight(order.number), FINANCE)
    on_hand = stock(desk).on_hand

    done(desk, back(order.number), WAREHOUSE)
    undone = done(desk, UndoLastChange(order.number), WAREHOUSE)

    assert (stock(desk).on_hand, undone.lines[0].returned, credit_notes(desk, order)) == (on_hand, 0, ())
    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.verify_chain(order.id)


def test_a_paid_order_that_comes_back_as_a_whole_is_refunded(desk: Desk) -> None:
    order = order_in(desk, "shipped")
    done(desk, RecordPayment(order.number, order.total, "bank-1"), FINANCE)

    part = done(desk, back(order.number), WAREHOUSE)
    whole = done(
        desk,
        ReturnGoods(order.number, (SomeOf(Decimal(18), line=PAPER), SomeOf(Decimal(3), sku="PRN-L100")), "damaged"),
        WAREHOUSE,
    )

    assert (part.payment_status, whole.payment_status) == (PaymentStatus.PAID, PaymentStatus.REFUNDED)
    assert sum(amounts(credit_notes(desk, order))) == order.total


def test_what_was_credited_is_not_owed_at_the_settlement(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    after = done(desk, back(order.number), WAREHOUSE)
    owed = after.total - 2 * order.lines[0].unit_price
    done(desk, RecordPayment(order.number, owed, "bank-1"), FINANCE)

    settled = done(desk, SettlePayments(NOW.date(), (order.number,)), FINANCE)

    with desk.unit_of_work(TENANT) as uow:
        line = uow.settlements.of_order(order.id)
    assert line is not None and (line.amount, line.outcome) == (owed, "paid")
    assert settled.payment_status is PaymentStatus.PAID


def test_an_overdue_order_that_comes_back_is_open_no_more(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    overdue = done(desk, SettlePayments(NOW.date(), (order.number,)), FINANCE)

    after = done(desk, ReturnGoods(order.number, ALL, "damaged"), WAREHOUSE)

    assert (overdue.payment_status, after.payment_status) == (PaymentStatus.OVERDUE, PaymentStatus.PAID)


def test_undo_takes_goods_and_credit_back(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "shipped")
    on_hand = stock(desk).on_hand
    done(desk, back(order.number), WAREHOUSE)

    undone = done(desk, UndoLastChange(order.number), WAREHOUSE)
    clock.forward(minutes=1)

    with desk.unit_of_work(TENANT) as uow:
        assert uow.outbox.claim(CREDIT_NOTE) == []
    assert (stock(desk).on_hand, undone.lines[0].returned, credit_notes(desk, order)) == (on_hand, 0, ())


def test_people_hear_what_came_back(desk: Desk) -> None:
    order = order_in(desk, "shipped")

    done(desk, back(order.number), WAREHOUSE)

    assert told(desk, "role:finance")[-2:] == [
        ("GoodsReturned", f"订单 {order.number}（华星科技有限公司）退货 A4纸 2箱，原因：damaged。"),
        (
            "CreditNoteIssued",
            f"订单 {order.number}（华星科技有限公司）已开贷项通知单 CN-1001，冲减发票 INV-1001，金额 500.00 元。",
        ),
    ]


def test_the_settlement_at_the_cut_off_knows_what_came_back(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "in_account_period")
    done(desk, back(order.number), WAREHOUSE)
    clock.forward(days=60)
    settled = desk.settle_due(TENANT) or desk.settle_due(TENANT, clock.now + timedelta(hours=9))

    with desk.unit_of_work(TENANT) as uow:
        line = uow.settlements.of_order(order.id)
    assert settled is not None
    assert line is not None and line.amount == order.total - 2 * order.lines[0].unit_price
