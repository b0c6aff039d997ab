"""A part leaves now, the rest later: parcels with contents, back-orders, freight and notes for each shipment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    AmendOrder,
    CancelLine,
    CancelOrder,
    ChangeShipmentInformation,
    CompleteShipment,
    GiveShipmentInformation,
    NewLine,
    ReceiveGoods,
    SettleFreight,
    SettlePayments,
    SomeOf,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.errors import (
    InvalidQuantity,
    MoreThanThere,
    NotCovered,
    NotPossibleNow,
    ParcelAlreadyGiven,
    UnknownLine,
    UnknownUnit,
)
from deskhand.orders.model import Order, Packed
from deskhand.orders.status import DeliveryMode
from deskhand.store import Desk
from tests.support.credited import credit_notes, sent_invoice, stock
from tests.support.desks import CLERK, FINANCE, NOW, TENANT, WAREHOUSE, FakeClock, done, fresh, order_in, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what SQL is new: tests/store

PAPER, PRINTERS = 1, 2


def some(quantity: int | str, line: int = PAPER, unit: str | None = None) -> SomeOf:
    return SomeOf(Decimal(quantity), line=line, unit=unit)


def parcel(desk: Desk, order: Order, *lines: SomeOf, tracking: str = "SF1") -> Order:
    return done(desk, GiveShipmentInformation(order.number, "SF", tracking, lines=lines), WAREHOUSE)


def shipped(desk: Desk, order: Order, *lines: SomeOf, tracking: str = "SF1") -> Order:
    parcel(desk, order, *lines, tracking=tracking)
    return done(desk, CompleteShipment(order.number), WAREHOUSE)


def test_a_part_leaves_and_the_order_waits_for_the_rest(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")

    part = shipped(desk, order, some(12))

    stored = fresh(desk, order.number)
    assert (part.status, part.shipped_at, [line.shipped for line in stored.lines]) == (
        "awaiting_shipment",
        None,
        [12, 0],
    )
    assert (stock(desk).on_hand, stock(desk).reserved) == (380, 80)
    assert stored.shipments[0].contents == (Packed(PAPER, Decimal(12)),)


def test_the_order_is_shipped_when_the_last_of_it_has_left(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    shipped(desk, order, some(12))

    rest = shipped(desk, order, tracking="SF2")

    stored = fresh(desk, order.number)
    assert (rest.status, stored.shipped_at, [line.shipped for line in stored.lines]) == ("shipped", NOW, [20, 3])
    assert [each.contents for each in stored.shipments] == [
        (Packed(PAPER, Decimal(12)),),
        (Packed(PAPER, Decimal(8)), Packed(PRINTERS, Decimal(3))),
    ]
    assert stock(desk).reserved == stock(desk, "PRN-L100").reserved == 0


def test_each_shipment_has_its_own_freight_and_finance_closes_them_together(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    shipped(desk, order, some(12))
    shipped(desk, order, tracking="SF2")
    done(desk, StartAccountPeriod(order.number), FINANCE)
    done(desk, SettlePayments(NOW.date(), (order.number,)), FINANCE)

    with desk.unit_of_work(TENANT) as uow:
        before = uow.freight.of_order(order.id)
    done(desk, SettleFreight(order.number), FINANCE)

    with desk.unit_of_work(TENANT) as uow:
        after = uow.freight.of_order(order.id)
    freight = [each.freight for each in fresh(desk, order.number).shipments]
    assert sorted(row["amount"] for row in before) == sorted(freight) and len(freight) == 2  # type: ignore[type-var]
    assert [row["closed_at"] for row in before] == [None, None]
    assert all(row["closed_at"] for row in after)


def test_everything_at_once_leaves_nothing_to_note(desk: Desk) -> None:
    order = shipped(desk, order_in(desk, "awaiting_shipment"))

    stored = fresh(desk, order.number)
    assert (stored.status, [each.contents for each in stored.shipments], stored.parcels[0].contents) == (
        "shipped", [()], (),
    )  # fmt: skip


def test_two_parcels_share_what_is_open(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    parcel(desk, order, some(12))
    parcel(desk, order, some(8), some(3, PRINTERS), tracking="SF2")

    after = done(desk, CompleteShipment(order.number), WAREHOUSE)

    assert (after.status, len(after.shipments), len(after.parcels)) == ("shipped", 1, 2)


def test_a_parcel_may_hold_part_of_a_box_and_goods_by_sku(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")

    after = parcel(desk, order, SomeOf(Decimal(5), sku="PAPER-A4", unit="pack"))

    assert after.parcels[0].contents == (Packed(PAPER, Decimal("0.5")),)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (some(21), MoreThanThere),
        (some(9, PRINTERS), MoreThanThere),
        (some(1, 7), UnknownLine),
        (SomeOf(Decimal(1)), UnknownLine),
        (SomeOf(Decimal(1), sku="CHR-200"), UnknownLine),
        (some(0), InvalidQuantity),
        (some("-2"), InvalidQuantity),
        (some("NaN"), InvalidQuantity),
        (some(1, PAPER, "pallet"), UnknownUnit),
    ],
)
def test_a_parcel_holds_nothing_that_is_not_there(desk: Desk, wanted: SomeOf, error: type[Exception]) -> None:
    order = order_in(desk, "awaiting_shipment")

    with pytest.raises(error):
        parcel(desk, order, wanted)

    assert fresh(desk, order.number).parcels == ()


def test_what_is_in_one_parcel_is_in_no_other(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    parcel(desk, order, some(15))

    with pytest.raises(MoreThanThere) as refused:
        parcel(desk, order, some(6), tracking="SF2")

    assert (refused.value.data["available"], refused.value.data["wanted"]) == ("5", "6")


def test_a_correction_of_a_parcel_and_its_undo_leave_its_contents(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    parcel(desk, order, some(12))

    changed = done(desk, ChangeShipmentInformation(order.number, carrier="YTO"), WAREHOUSE)
    done(desk, UndoLastChange(order.number), WAREHOUSE)

    assert changed.parcels[0].contents == fresh(desk, order.number).parcels[0].contents == (Packed(PAPER, Decimal(12)),)


def test_some_goods_come_in_and_the_rest_is_on_back_order(desk: Desk) -> None:
    order = order_in(desk, "confirmed", quantity="90")  # 900 packs, 500 are there

    after = done(desk, ReceiveGoods(order.number, lines=(some(20),)), WAREHOUSE)

    assert (after.status, [line.back_ordered for line in fresh(desk, order.number).lines]) == (
        "awaiting_shipment",
        [20, 0],
    )
    assert stock(desk).on_hand == 700
    assert told(desk, "customer:huaxing")[-1] == (
        "GoodsBackOrdered",
        f"您的订单 {order.number} 中的 A4纸 20箱 暂时缺货，到货后补发。",
    )


def test_what_is_on_back_order_does_not_leave_and_follows_when_it_comes_in(desk: Desk) -> None:
    order = order_in(desk, "confirmed", quantity="90")
    done(desk, ReceiveGoods(order.number, lines=(some(20),)), WAREHOUSE)

    part = shipped(desk, order)
    with pytest.raises(NotCovered):
        shipped(desk, order, tracking="SF2")
    received = done(desk, ReceiveGoods(order.number), WAREHOUSE)
    rest = done(desk, CompleteShipment(order.number), WAREHOUSE)

    assert [line.shipped for line in part.lines] == [70, 3]
    assert (received.status, [line.back_ordered for line in received.lines]) == ("awaiting_shipment", [0, 0])
    assert (rest.status, [line.shipped for line in rest.lines]) == ("shipped", [90, 3])
    assert (stock(desk).on_hand, stock(desk).reserved) == (0, 0)


def test_a_back_order_comes_in_bit_by_bit(desk: Desk) -> None:
    order = order_in(desk, "confirmed", quantity="90")
    done(desk, ReceiveGoods(order.number, lines=(some(20),)), WAREHOUSE)

    more = done(desk, ReceiveGoods(order.number, lines=(some(5),)), WAREHOUSE)

    assert more.lines[0].back_ordered == 15
    with pytest.raises(MoreThanThere):
        desk.handle(ReceiveGoods(order.number, lines=(some(16),)), WAREHOUSE)


def test_goods_that_are_here_are_not_received_twice(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")

    with pytest.raises(NotPossibleNow) as refused:
        desk.handle(ReceiveGoods(order.number), WAREHOUSE)

    assert refused.value.data["next"] == "complete_shipment"


def test_half_a_box_that_is_missing_is_a_box_that_does_not_leave(desk: Desk) -> None:
    order = order_in(desk, "confirmed", quantity="90")

    done(desk, ReceiveGoods(order.number, lines=(some("39.5"),)), WAREHOUSE)

    assert fresh(desk, order.number).lines[0].back_ordered == 1
    done(desk, ReceiveGoods(order.number), WAREHOUSE)
    assert stock(desk).on_hand == 900


@pytest.mark.parametrize("first", [True, False])
def test_undo_sends_back_only_what_came_in_last(desk: Desk, first: bool) -> None:
    order = order_in(desk, "confirmed", quantity="90")
    done(desk, ReceiveGoods(order.number, lines=(some(20),)), WAREHOUSE)
    if not first:
        done(desk, ReceiveGoods(order.number), WAREHOUSE)

    undone = done(desk, UndoLastChange(order.number), WAREHOUSE)

    assert stock(desk).on_hand == (500 if first else 700)
    assert undone.status == ("confirmed" if first else "awaiting_shipment")
    assert fresh(desk, order.number).lines[0].back_ordered == (0 if first else 20)


def test_after_a_part_has_left_nothing_is_amended_or_cancelled_as_a_whole(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    shipped(desk, order, some(12))

    with pytest.raises(ParcelAlreadyGiven):
        desk.handle(AmendOrder(order.number, (NewLine("PAPER-A4", Decimal(30), "box"),)), CLERK)
    with pytest.raises(NotPossibleNow):
        desk.handle(CancelOrder(order.number, "too late"), CLERK)


def test_the_rest_of_a_line_is_cancelled_and_credited(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "awaiting_shipment"))
    shipped(desk, order, some(12))

    after = done(desk, CancelLine(order.number, "not needed", (PAPER,)), CLERK)

    line = fresh(desk, order.number).lines[0]
    assert (line.quantity, line.base_quantity, line.shipped, line.cancelled) == (12, 120, 12, False)
    assert after.status == "awaiting_shipment" and stock(desk).reserved == 0
    (note,) = credit_notes(desk, order)
    assert note.amount == order.total - after.total == order.lines[0].unit_price * 8


def test_an_order_whose_whole_rest_is_cancelled_is_shipped_and_undo_opens_it_again(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    shipped(desk, order, some(20))

    after = done(desk, CancelLine(order.number, "not needed", (PRINTERS,)), CLERK)
    undone = done(desk, UndoLastChange(order.number), CLERK)

    assert (after.status, after.shipped_at, after.lines[1].cancelled) == ("shipped", NOW, True)
    assert (undone.status, undone.shipped_at, undone.lines[1].cancelled) == ("awaiting_shipment", None, False)
    assert stock(desk, "PRN-L100").reserved == 3


def test_an_order_that_was_cut_short_goes_on_to_its_end(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    shipped(desk, order, some(20))
    done(desk, CancelLine(order.number, "not needed", (PRINTERS,)), CLERK)

    for command in (StartAccountPeriod(order.number), SettlePayments(NOW.date(), (order.number,))):
        done(desk, command, FINANCE)

    assert done(desk, SettleFreight(order.number), FINANCE).status == "settled"


def test_what_is_collected_leaves_without_a_parcel_as_far_as_it_is_here(desk: Desk) -> None:
    order = order_in(desk, "confirmed", quantity="90", delivery_mode=DeliveryMode.PICKUP)
    done(desk, ReceiveGoods(order.number, lines=(some(20),)), WAREHOUSE)

    part = done(desk, CompleteShipment(order.number), WAREHOUSE)
    done(desk, ReceiveGoods(order.number), WAREHOUSE)
    rest = done(desk, CompleteShipment(order.number), WAREHOUSE)

    assert [part.status, rest.status] == ["awaiting_shipment", "shipped"]
    assert len(fresh(desk, order.number).shipments) == 2


def test_people_hear_that_a_part_has_left_and_not_that_the_order_has(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    shipped(desk, order, some(12))
    part = [kind for kind, _ in told(desk, "customer:huaxing")]
    shipped(desk, order, tracking="SF2")

    assert (part[-1], told(desk, "customer:huaxing")[-1][0]) == ("PartShipped", "ShipmentCompleted")
    assert "ShipmentCompleted" not in part
