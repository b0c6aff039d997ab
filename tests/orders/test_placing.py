"""A new order is checked and priced; whatever is wrong is named and changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.errors import (
    CurrencyDiffers,
    DateInPast,
    DeskhandError,
    DuplicateOrder,
    InvalidQuantity,
    NothingOrdered,
    RoleNotAllowed,
    TotalDiffers,
    UnknownCustomer,
    UnknownProduct,
    UnknownUnit,
    UnknownWarehouse,
)
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.support.desks import ACME, CLERK, CUSTOMER, FINANCE, TENANT, WAREHOUSE, fresh, order_in, placed, placing

PAPER = (NewLine("PAPER-A4", Decimal(1)),)


def test_an_order_is_priced_from_the_catalogue_and_its_total_equals_its_lines(desk: Desk) -> None:
    order = placed(desk)

    stored = fresh(desk, order.number)
    assert [(line.unit, line.unit_price, line.amount, line.base_quantity) for line in stored.lines] == [
        ("box", Decimal("250.00"), Decimal("5000.00"), Decimal(200)),
        ("unit", Decimal("1299.00"), Decimal("3897.00"), Decimal(3)),
    ]
    assert str(stored.total) == "8897.00"
    assert stored.status is OrderStatus.PENDING_CONFIRMATION
    assert stored.address == "上海市浦东新区张江路1号"


def test_contact_note_and_terms_are_kept_with_the_order(desk: Desk) -> None:
    order = placed(desk, contact="李娜", phone="13912345678", note="送前打电话", payment_days=60)

    stored = fresh(desk, order.number)
    assert {**stored.data, "channel": ""} == {
        "channel": "", "contact": "李娜", "phone": "13912345678", "note": "送前打电话", "payment_days": 60,
    }  # fmt: skip


def test_the_account_period_is_the_order_s_own_where_one_was_agreed(desk: Desk) -> None:
    usual, agreed = order_in(desk, "in_account_period"), order_in(desk, "in_account_period", payment_days=60)

    due = fresh(desk, usual.number).payment_due_on, fresh(desk, agreed.number).payment_due_on
    assert due[0] and due[1] and (due[1] - due[0]).days == 30


def test_a_price_that_a_person_says_does_not_count(desk: Desk) -> None:
    order = placed(desk, lines=(NewLine("PAPER-A4", Decimal(2), unit_price=Decimal("0.01")),))

    assert order.total == Decimal("50.00")


def test_an_order_with_a_total_only_is_valid_and_marked(desk: Desk) -> None:
    order = placed(desk, lines=(), total=Decimal("1234.5"))

    stored = fresh(desk, order.number)
    assert (stored.header_only, str(stored.total), stored.lines) == (True, "1234.50", ())


def test_numbers_are_consecutive_within_the_tenant(desk: Desk) -> None:
    assert [placed(desk).number for _ in range(3)] == ["SO-1001", "SO-1002", "SO-1003"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"customer_id": "nobody"}, UnknownCustomer),
        ({"lines": (NewLine("NOTHING", Decimal(1)),)}, UnknownProduct),
        ({"lines": (NewLine("PAPER-A4", Decimal(1), "pallet"),)}, UnknownUnit),
        ({"lines": (NewLine("PAPER-A4", Decimal(0)),)}, InvalidQuantity),
        ({"lines": (NewLine("PAPER-A4", Decimal(-3)),)}, InvalidQuantity),
        ({"lines": (NewLine("PAPER-A4", Decimal(1_000_001)),)}, InvalidQuantity),
        ({"lines": (NewLine("PAPER-A4", Decimal("NaN")),)}, InvalidQuantity),
        ({"lines": (NewLine("PAPER-A4", Decimal("Infinity")),)}, InvalidQuantity),
        ({"lines": (NewLine("PAPER-A4", Decimal("0.00001")),)}, InvalidQuantity),
        ({"lines": ()}, NothingOrdered),
        ({"lines": (), "total": Decimal(0)}, InvalidQuantity),
        ({"lines": (), "total": Decimal("1e30")}, InvalidQuantity),
        ({"total": Decimal(1)}, TotalDiffers),
        ({"currency": "USD"}, CurrencyDiffers),
        ({"delivery_date": date(2026, 11, 19)}, DateInPast),
        ({"warehouse": "moon"}, UnknownWarehouse),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    desk: Desk, wrong: dict[str, object], error: type[DeskhandError]
) -> None:
    with pytest.raises(error):
        desk.handle(placing(**wrong), CLERK)  # type: ignore[arg-type]

    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.count() == 0
        assert [row.detail["code"] for row in uow.audit.list()] == [error.code]
        assert not uow.outbox.is_due("notify")


def test_today_is_not_the_past_in_the_zone_of_the_tenant(desk: Desk) -> None:
    assert placed(desk, delivery_date=date(2026, 11, 20)).delivery_date == date(2026, 11, 20)


def test_the_same_order_of_the_same_source_is_taken_once(desk: Desk) -> None:
    first = placed(desk, source="shop", external_number="A-1")

    with pytest.raises(DuplicateOrder) as refused:
        desk.handle(placing(source="shop", external_number="A-1"), CLERK)

    assert refused.value.data["number"] == first.number
    assert placed(desk, source="erp", external_number="A-1").number == "SO-1002"


def test_the_same_content_can_be_looked_up_so_that_somebody_can_be_asked(desk: Desk) -> None:
    order = placed(desk)

    with desk.unit_of_work(TENANT) as uow:
        similar = uow.orders.similar("huaxing", order.total, order.created_at)
    assert [each.number for each in similar] == [order.number]


def test_a_customer_orders_in_its_own_name_only(desk: Desk) -> None:
    own = desk.handle(PlaceOrder("huaxing", PAPER), CUSTOMER).order
    with pytest.raises(RoleNotAllowed):
        desk.handle(PlaceOrder("huaxing", PAPER), ACME)

    assert own is not None
    assert own.customer_id == "huaxing"


@pytest.mark.parametrize("actor", [WAREHOUSE, FINANCE])
def test_roles_that_may_not_place_orders_are_refused(desk: Desk, actor: object) -> None:
    with pytest.raises(RoleNotAllowed):
        desk.handle(PlaceOrder("huaxing", PAPER), actor)  # type: ignore[arg-type]


def test_an_order_may_start_later_in_the_process(desk: Desk) -> None:
    order = placed(desk, start_status=OrderStatus.AWAITING_SHIPMENT, source="erp", external_number="7")

    assert fresh(desk, order.number).status is OrderStatus.AWAITING_SHIPMENT
