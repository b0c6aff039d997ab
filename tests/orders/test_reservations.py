"""What is reserved for an order that does not move on is given free in time, and reserved anew when it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from deskhand.orders.commands import (
    CancelOrder,
    CompleteShipment,
    GiveShipmentInformation,
    HoldOrder,
    ReceiveGoods,
    ReleaseOrder,
    UndoLastChange,
)
from deskhand.orders.errors import InsufficientStock
from deskhand.store import Desk
from tests.support.credited import stock
from tests.support.desks import CLERK, NOW, TENANT, WAREHOUSE, FakeClock, done, fresh, order_in, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what SQL is new: tests/store

DAYS = 14  # of the demo's company


def test_a_confirmed_order_says_until_when_its_goods_are_reserved(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    assert fresh(desk, order.number).reserved_until == order.reserved_until == NOW + timedelta(days=DAYS)


def test_the_goods_are_free_when_the_days_are_over_and_not_before(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    clock.forward(days=DAYS, seconds=-1)
    early = desk.release_expired(TENANT)
    clock.forward(seconds=1)

    late, again = desk.release_expired(TENANT), desk.release_expired(TENANT)

    stored = fresh(desk, order.number)
    assert (early, late, again, stock(desk).reserved) == (0, 1, 0, 0)
    assert (stored.status, stored.reservation_lapsed, stored.reserved_until) == ("confirmed", True, None)


def test_sales_and_the_warehouse_hear_of_it_once(desk: Desk, clock: FakeClock) -> None:
    order_in(desk, "confirmed")
    clock.forward(days=DAYS)
    desk.release_expired(TENANT)
    desk.release_expired(TENANT)

    assert [kind for kind, _ in told(desk, "role:sales")].count("ReservationExpired") == 1
    assert told(desk, "role:warehouse")[-1][0] == "ReservationExpired"


def test_goods_are_reserved_anew_when_they_are_received(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed", quantity="90")
    clock.forward(days=DAYS)
    desk.release_expired(TENANT)

    received = done(desk, ReceiveGoods(order.number), WAREHOUSE)

    assert (stock(desk).on_hand, stock(desk).reserved) == (900, 900)
    assert (received.reservation_lapsed, received.reserved_until) == (False, clock.now + timedelta(days=DAYS))


def test_an_order_in_stock_gives_its_goods_free_too_and_ships_when_they_are_still_there(
    desk: Desk, clock: FakeClock
) -> None:
    order = order_in(desk, "awaiting_shipment")
    clock.forward(days=DAYS)
    assert desk.release_expired(TENANT) == 1
    done(desk, GiveShipmentInformation(order.number, "SF", "SF1"), WAREHOUSE)

    shipped = done(desk, CompleteShipment(order.number), WAREHOUSE)

    assert (shipped.status, stock(desk).on_hand, stock(desk).reserved) == ("shipped", 300, 0)


def test_goods_that_others_were_promised_meanwhile_do_not_leave(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "awaiting_shipment", quantity="40")
    clock.forward(days=DAYS)
    desk.release_expired(TENANT)
    order_in(desk, "awaiting_shipment", quantity="30")
    done(desk, GiveShipmentInformation(order.number, "SF", "SF1"), WAREHOUSE)

    with pytest.raises(InsufficientStock):
        desk.handle(CompleteShipment(order.number), WAREHOUSE)

    assert (stock(desk).on_hand, stock(desk).reserved) == (500, 300)
    assert fresh(desk, order.number).reservation_lapsed


def test_a_parcel_ends_the_waiting(desk: Desk, clock: FakeClock) -> None:
    order_in(desk, "packed")
    clock.forward(days=DAYS)

    assert desk.release_expired(TENANT) == 0
    assert stock(desk).reserved == 200


def test_a_held_order_keeps_its_goods_until_it_goes_on(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    done(desk, HoldOrder(order.number, "credit"), CLERK)
    clock.forward(days=DAYS)
    held = desk.release_expired(TENANT)
    done(desk, ReleaseOrder(order.number), CLERK)

    assert (held, desk.release_expired(TENANT)) == (0, 1)


def test_a_company_without_days_reserves_until_the_goods_leave(desk: Desk, clock: FakeClock) -> None:
    desk.tenants = {**desk.tenants, TENANT: replace(desk.tenant(TENANT), reservation_days=None)}
    order = order_in(desk, "confirmed")
    clock.forward(days=1000)

    assert (order.reserved_until, desk.release_expired(TENANT), stock(desk).reserved) == (None, 0, 200)


def test_an_order_without_reservation_can_be_cancelled_and_the_confirmation_taken_back(
    desk: Desk, clock: FakeClock
) -> None:
    order = order_in(desk, "confirmed")
    undone = done(desk, UndoLastChange(order.number), CLERK)
    other = order_in(desk, "confirmed")
    clock.forward(days=DAYS)
    desk.release_expired(TENANT)

    assert (undone.reserved_until, undone.status) == (None, "pending_confirmation")
    assert done(desk, CancelOrder(other.number, "too late"), CLERK).status == "cancelled"
    assert stock(desk).reserved == 0
