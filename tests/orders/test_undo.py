"""Undo takes back the actor's own last change, inside the window, by an event of its own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    CancelOrder,
    ChangeShipmentInformation,
    CompleteShipment,
    ConfirmOrder,
    HoldOrder,
    ReceiveGoods,
    ReleaseOrder,
    UndoLastChange,
)
from deskhand.orders.errors import NothingToUndo, NotPossibleNow, UndoWindowOver
from deskhand.orders.events import INVOICE
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.support.desks import CLERK, MANAGER, TENANT, WAREHOUSE, FakeClock, done, fresh, order_in, placed, told


def test_a_placed_order_is_cancelled(desk: Desk) -> None:
    order = placed(desk)

    undone = done(desk, UndoLastChange(), CLERK)

    assert (undone.number, undone.status) == (order.number, OrderStatus.CANCELLED)


def test_a_confirmation_goes_back_with_stock_and_invoice(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")

    undone = done(desk, UndoLastChange(order.number), CLERK)
    clock.forward(hours=1)

    assert undone.status is OrderStatus.PENDING_CONFIRMATION
    with desk.unit_of_work(TENANT) as uow:
        assert uow.stock.level("PAPER-A4", "main").reserved == 0
        assert uow.outbox.claim(INVOICE) == []


def test_an_order_confirmed_again_after_undo_keeps_its_invoice_number(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    done(desk, UndoLastChange(order.number), CLERK)

    again = done(desk, ConfirmOrder(order.number), CLERK)
    clock.forward(minutes=1)

    assert again.invoice is not None
    assert again.invoice.number == "INV-1001"
    with desk.unit_of_work(TENANT) as uow:
        assert len(uow.outbox.claim(INVOICE)) == 1
        assert uow.stock.level("PAPER-A4", "main").reserved == 200


def test_received_goods_go_back(desk: Desk) -> None:
    order = order_in(desk, "confirmed", quantity="90")  # 900 packs, 500 are there
    done(desk, ReceiveGoods(order.number), WAREHOUSE)
    with desk.unit_of_work(TENANT) as uow:
        received = uow.stock.level("PAPER-A4", "main").on_hand

    undone = done(desk, UndoLastChange(), WAREHOUSE)

    with desk.unit_of_work(TENANT) as uow:
        level = uow.stock.level("PAPER-A4", "main")
    assert received == 900
    assert (level.on_hand, level.reserved) == (Decimal(500), Decimal(900))
    assert undone.status is OrderStatus.CONFIRMED


def test_a_parcel_is_taken_out_again(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "packed")

    undone = done(desk, UndoLastChange(), WAREHOUSE)
    clock.forward(minutes=1)

    assert (undone.status, fresh(desk, order.number).parcels) == (OrderStatus.AWAITING_SHIPMENT, ())
    with desk.unit_of_work(TENANT) as uow:
        assert [each.event.payload["again"] for each in uow.outbox.claim(INVOICE)] == []


def test_a_correction_goes_back_to_the_old_values(desk: Desk) -> None:
    order = order_in(desk, "packed")
    done(desk, ChangeShipmentInformation(order.number, carrier="YTO", address="北京"), WAREHOUSE)

    done(desk, UndoLastChange(), WAREHOUSE)

    assert fresh(desk, order.number).parcels == order.parcels


def test_hold_and_release_go_back(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, HoldOrder(order.number, "credit"), MANAGER)
    after_hold = done(desk, UndoLastChange(), MANAGER)
    done(desk, HoldOrder(order.number, "credit"), MANAGER)
    done(desk, ReleaseOrder(order.number), MANAGER)

    after_release = done(desk, UndoLastChange(), MANAGER)

    assert (after_hold.status, after_hold.hold_reason) == (OrderStatus.CONFIRMED, None)
    assert (after_release.status, after_release.hold_reason) == (OrderStatus.ON_HOLD, "credit")


def test_a_cancellation_goes_back_with_its_stock(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, CancelOrder(order.number, "by mistake"), CLERK)

    undone = done(desk, UndoLastChange(), CLERK)

    assert undone.status is OrderStatus.CONFIRMED
    with desk.unit_of_work(TENANT) as uow:
        assert uow.stock.level("PAPER-A4", "main").reserved == 200
    assert done(desk, ReceiveGoods(order.number), WAREHOUSE).status is OrderStatus.AWAITING_SHIPMENT


def test_undoing_tells_the_customer_of_the_status_as_r3_wants(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    done(desk, UndoLastChange(order.number), CLERK)

    assert told(desk, "customer:huaxing")[-1] == ("ChangeUndone", "您的订单 SO-1001 状态变更：已确认待入库 → 待确认。")


def test_the_window_closes(desk: Desk, clock: FakeClock) -> None:
    order_in(desk, "confirmed")
    clock.forward(seconds=15)

    with pytest.raises(UndoWindowOver):
        desk.handle(UndoLastChange(), CLERK)


def test_what_has_left_the_house_is_not_taken_back(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    with desk.unit_of_work(TENANT) as uow:  # a worker whose clock is ahead
        assert uow.outbox.claim(INVOICE, now=clock.now.replace(minute=5))
        uow.commit()

    with pytest.raises(UndoWindowOver):
        desk.handle(UndoLastChange(order.number), CLERK)


def test_the_change_of_somebody_else_is_not_mine_to_undo(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")

    with pytest.raises(NothingToUndo):
        desk.handle(UndoLastChange(order.number), CLERK)


def test_an_undo_is_not_undone_and_nothing_is_undone_twice(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, UndoLastChange(order.number), CLERK)

    with pytest.raises(NothingToUndo):
        desk.handle(UndoLastChange(order.number), CLERK)


def test_goods_that_have_left_do_not_come_back_by_undo(desk: Desk) -> None:
    order = order_in(desk, "packed")
    done(desk, CompleteShipment(order.number), WAREHOUSE)

    with pytest.raises(NotPossibleNow):
        desk.handle(UndoLastChange(), WAREHOUSE)


def test_the_chain_of_the_history_holds_after_undo(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, UndoLastChange(order.number), CLERK)

    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.verify_chain(order.id)
        assert [row.event for row in uow.orders.history(order.id)] == ["place_order", "confirm_order", "undo"]
