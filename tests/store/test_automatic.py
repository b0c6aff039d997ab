"""Automatic nodes: a thousand orders without a person, and where each of the others stopped."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from deskhand.orders.commands import GiveShipmentInformation, NewLine
from deskhand.orders.imports import ImportBatch, ImportedCustomer, ImportedLine, ImportedOrder, ImportedProduct
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.support.desks import CLERK, TENANT, WAREHOUSE, FakeClock, done, fresh, lay, order_in, told


def open_orders(count: int, without_parcel: int = 0) -> ImportBatch:
    lines = tuple(ImportedLine(f"S{n}", "Mug", Decimal(2), Decimal("2.55"), Decimal("5.10")) for n in range(3))
    orders = tuple(
        ImportedOrder(
            external_number=str(number),
            customer_external_id="C1",
            created_at=datetime(2026, 11, 1, tzinfo=UTC),
            lines=lines,
            total=Decimal("15.30"),
            address="1 High Street",
            carrier=None if number < without_parcel else "DHL",
            tracking_number=None if number < without_parcel else f"D{number}",
        )
        for number in range(count)
    )
    products = tuple(ImportedProduct(f"S{n}", "Mug", Decimal("2.55")) for n in range(3))
    customers = (ImportedCustomer("C1", "Customer"),)
    return ImportBatch("shop", "CNY", customers, products, orders, OrderStatus.PENDING_CONFIRMATION, automatic=True)


def brought_in(desk: Desk, what: ImportBatch) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.imports.insert(what, CLERK)
        uow.commit()


def test_a_thousand_orders_reach_freight_settlement_and_those_that_cannot_say_why(desk: Desk) -> None:
    brought_in(desk, open_orders(1000, without_parcel=7))

    report = desk.run_automatic(TENANT, limit=100_000)

    assert report.moved == 993 * 6 + 7 * 2
    assert {(node, reason) for _, node, reason in report.stopped} == {
        ("complete_shipment", "missing: carrier, tracking_number")
    }
    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.count(OrderStatus.SETTLED) == 993
        assert uow.orders.count(OrderStatus.AWAITING_SHIPMENT) == 7
        assert len(uow.cases.stopped()) == 7
        stopped = uow.orders.by_external("shop", "0")
        assert stopped is not None
        assert stopped.stopped_reason == "missing: carrier, tracking_number"
        assert all(uow.orders.verify_chain(order.id) for order in uow.orders.list(limit=20).items)


def test_a_stop_is_told_once_and_goes_on_when_a_person_has_seen_to_it(desk: Desk) -> None:
    brought_in(desk, open_orders(1, without_parcel=1))
    first, again = desk.run_automatic(TENANT), desk.run_automatic(TENANT)
    done(desk, GiveShipmentInformation("SO-1001", "DHL", "D1"), WAREHOUSE)

    desk.run_automatic(TENANT)

    assert (len(first.stopped), again.stopped, again.moved) == (1, [], 0)
    assert [kind for kind, _ in told(desk, "role:sales")].count("CaseStopped") == 1
    assert fresh(desk, "SO-1001").status is OrderStatus.SETTLED
    assert fresh(desk, "SO-1001").stopped_reason is None


def test_orders_of_people_pass_only_what_the_file_calls_automatic(desk: Desk) -> None:
    waiting, shipped = order_in(desk, "confirmed"), order_in(desk, "shipped")

    report = desk.run_automatic(TENANT)

    assert report.moved == 1
    assert fresh(desk, waiting.number).status is OrderStatus.CONFIRMED
    assert fresh(desk, shipped.number).status is OrderStatus.IN_ACCOUNT_PERIOD


def test_a_channel_may_be_automatic(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation")
    lay(desk, automatic={**desk.process.automatic, "confirm_order": frozenset({"http"})})
    other_channel = desk.run_automatic(TENANT).moved
    lay(desk, automatic={**desk.process.automatic, "confirm_order": frozenset({"chat"})})

    desk.run_automatic(TENANT)

    assert other_channel == 0
    assert fresh(desk, order.number).status is OrderStatus.CONFIRMED


def test_automatic_orders_wait_for_the_end_of_their_account_period(desk: Desk, clock: FakeClock) -> None:
    brought_in(desk, open_orders(1))
    with desk.unit_of_work(TENANT) as uow:
        customer = uow.customers.find_by_external("shop", "C1")
        assert customer is not None
        uow.customers.change_terms(customer.id, account_days=30)
        uow.commit()

    desk.run_automatic(TENANT)
    before = fresh(desk, "SO-1001").status
    clock.forward(days=30)
    desk.run_automatic(TENANT)

    assert before is OrderStatus.IN_ACCOUNT_PERIOD
    assert fresh(desk, "SO-1001").status is OrderStatus.SETTLED


def test_one_order_that_cannot_go_on_does_not_hold_the_others_up(desk: Desk) -> None:
    good = order_in(desk, "awaiting_shipment")
    bad = order_in(desk, "pending_confirmation", lines=(NewLine("CHR-200", Decimal(90)),))
    for order in (good, bad):
        if order is good:
            done(desk, GiveShipmentInformation(order.number, "SF", "SF1"), WAREHOUSE)
    lay(desk, automatic=dict.fromkeys(desk.process.automatic, frozenset({"chat"})))

    report = desk.run_automatic(TENANT)

    assert [(number, node) for number, node, _ in report.stopped] == [(bad.number, "complete_shipment")]
    assert fresh(desk, good.number).status is OrderStatus.IN_ACCOUNT_PERIOD


@pytest.mark.parametrize("limit", [1, 3])
def test_a_run_can_be_limited(desk: Desk, limit: int) -> None:
    brought_in(desk, open_orders(5))

    assert desk.run_automatic(TENANT, limit=limit).moved == limit
