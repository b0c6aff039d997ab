"""Imported orders: nothing twice, closed history without effects, open orders where they start."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from deskhand.orders.events import EventName
from deskhand.orders.imports import ImportBatch, ImportedCustomer, ImportedLine, ImportedOrder, ImportedProduct
from deskhand.orders.imports import ImportResult as Result
from deskhand.orders.model import Order
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store import Desk, ImportRun
from tests.support.desks import CLERK, TENANT, FakeClock, told

CREATED = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
LINE = ImportedLine("S1", "Mug", Decimal(6), Decimal("2.5500"), Decimal("15.30"))


def imported_order(number: str = "536365", **more: object) -> ImportedOrder:
    order = ImportedOrder(number, "17850", CREATED, (LINE,), Decimal("15.30"), address="1 High Street")
    return replace(order, **more)  # type: ignore[arg-type]


def batch(*orders: ImportedOrder, **more: object) -> ImportBatch:
    made = ImportBatch(
        "shop",
        "GBP",
        (ImportedCustomer("17850", "Customer 17850", "United Kingdom"),),
        (ImportedProduct("S1", "Mug", Decimal("2.55")),),
        orders or (imported_order(),),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def imported(desk: Desk, what: ImportBatch) -> Result:
    with desk.unit_of_work(TENANT) as uow:
        result = uow.imports.insert(what, CLERK)
        uow.commit()
    return result


def order_of(desk: Desk, number: str = "536365") -> Order:
    with desk.unit_of_work(TENANT) as uow:
        found = uow.orders.by_external("shop", number)
    assert found is not None
    return found


def test_closed_history_is_settled_and_has_one_summary_as_its_only_effect(desk: Desk) -> None:
    result = imported(desk, batch())

    order = order_of(desk)
    assert (result.inserted, result.customers, result.products) == (1, 1, 1)
    assert result.numbers == {"536365": order.number}
    assert (order.status, order.payment_status) == (OrderStatus.SETTLED, PaymentStatus.UNPAID)
    assert (order.created_at, str(order.total), str(order.lines[0].unit_price)) == (CREATED, "15.30", "2.55")
    assert order.lines[0].shipped == 6
    assert told(desk, "role:sales") == [("OrdersImported", "从 shop 导入了 1 个订单，0 个此前已导入。")]
    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.verify_chain(order.id)
        assert uow.cases.many([order.id])[order.id].marking == frozenset()
        assert uow.outbox.events_of(order.id) == []


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    imported(desk, batch())
    before = order_of(desk)

    result = imported(desk, batch(imported_order(), imported_order(), imported_order("536366")))

    assert (result.inserted, result.already_known, result.customers, result.products) == (1, 2, 0, 0)
    assert order_of(desk) == before


def test_an_import_changes_its_own_products_and_leaves_the_catalogue_alone(desk: Desk) -> None:
    dearer = (ImportedProduct("S1", "Mug", Decimal("3.00")), ImportedProduct("PAPER-A4", "Paper", Decimal("0.01")))
    imported(desk, batch())

    imported(desk, batch(products=dearer))

    with desk.unit_of_work(TENANT) as uow:
        assert str(uow.products.get("S1").price) == "3.00 GBP"
        assert str(uow.products.get("PAPER-A4").price) == "25.00 CNY"


def test_cancelled_lines_and_orders_are_marked(desk: Desk) -> None:
    partly = replace(LINE, cancelled_quantity=Decimal(2), amount=Decimal("10.20"))
    whole = replace(LINE, cancelled_quantity=Decimal(6), amount=Decimal(0))
    imported(
        desk,
        batch(
            imported_order("1", lines=(partly,), total=Decimal("10.20")),
            imported_order("2", lines=(whole,), total=Decimal(0), cancelled=True),
        ),
    )

    first, second = order_of(desk, "1"), order_of(desk, "2")
    assert [(line.quantity, line.cancelled) for line in first.lines] == [(4, False)]
    assert (second.status, second.lines[0].cancelled) == (OrderStatus.CANCELLED, True)


def test_header_only_orders_have_a_total_and_no_lines(desk: Desk) -> None:
    imported(desk, batch(imported_order(lines=(), total=Decimal("99.90"))))

    order = order_of(desk)
    assert (order.header_only, str(order.total), order.lines) == (True, "99.90", ())


def test_a_paid_time_is_a_recorded_payment(desk: Desk) -> None:
    imported(desk, batch(imported_order(paid_at=CREATED)))

    order = order_of(desk)
    assert (order.payment_status, order.paid_at) == (PaymentStatus.PAID, CREATED)
    with desk.unit_of_work(TENANT) as uow:
        assert uow.payments.paid([order.id]) == {order.id: Decimal("15.3")}


@pytest.mark.parametrize(
    "status",
    [
        OrderStatus.PENDING_CONFIRMATION,
        OrderStatus.CONFIRMED,
        OrderStatus.AWAITING_SHIPMENT,
        OrderStatus.SHIPPED,
        OrderStatus.IN_ACCOUNT_PERIOD,
        OrderStatus.SETTLED,
    ],
)
def test_open_orders_start_where_the_import_says_and_go_on_from_there(desk: Desk, status: OrderStatus) -> None:
    packed = imported_order(carrier="DHL", tracking_number="D1")
    imported(desk, batch(packed, start_status=status, automatic=True))
    started = order_of(desk)

    report = desk.run_automatic(TENANT)

    assert started.status is status
    assert report.stopped == []
    order = order_of(desk)
    assert order.status is OrderStatus.SETTLED
    assert [parcel.tracking_number for parcel in order.parcels] == ["D1"]
    with desk.unit_of_work(TENANT) as uow:
        assert uow.cases.many([order.id])[order.id].marking == frozenset()
        assert uow.orders.verify_chain(order.id)
        level = uow.stock.level("S1", "main")
    assert (level.on_hand, level.reserved) == (0, 0)


def test_orders_are_sorted_by_the_time_that_the_user_chooses(desk: Desk) -> None:
    """R2: the batch's order gives the numbers, and lists can be sorted by each of the three times."""
    early, late = CREATED, datetime(2026, 10, 2, tzinfo=UTC)
    imported(
        desk,
        batch(
            imported_order("b", created_at=late, updated_at=late, paid_at=early),
            imported_order("a", created_at=early, updated_at=datetime(2026, 10, 3, tzinfo=UTC), paid_at=late),
        ),
    )

    with desk.unit_of_work(TENANT) as uow:
        pages = {
            sort: [each.external_number for each in uow.orders.list(sort=sort, newest_first=False).items]
            for sort in ("created_at", "updated_at", "paid_at")
        }
    assert order_of(desk, "b").number == "SO-1001"
    assert pages == {"created_at": ["a", "b"], "updated_at": ["b", "a"], "paid_at": ["b", "a"]}


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    imported(desk, batch(*(imported_order(str(number)) for number in range(25))))

    seen: list[str] = []
    cursor = None
    with desk.unit_of_work(TENANT) as uow:
        while True:
            page = uow.orders.list(cursor=cursor, limit=10)
            seen += [order.number for order in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        with pytest.raises(ValueError, match="cursor"):
            uow.orders.list(cursor="nonsense")

    assert len(seen) == len(set(seen)) == 25


def test_the_report_of_an_import_is_kept(desk: Desk, clock: FakeClock) -> None:
    run = ImportRun("shop", "2010-12-01.csv", clock.now, clock.now, {"orders": 1})
    with desk.unit_of_work(TENANT) as uow:
        uow.import_runs.add(run)

        assert uow.import_runs.list() == [run]


def test_the_event_of_an_import_names_no_order(desk: Desk) -> None:
    imported(desk, batch())

    with desk.unit_of_work(TENANT) as uow:
        deliveries = uow.outbox.claim("notify")
    assert [(each.event.name, each.event.order_id) for each in deliveries] == [(EventName.ORDERS_IMPORTED, None)]


def test_open_orders_that_look_like_one_placed_shortly_before_are_listed(desk: Desk) -> None:
    later, much_later = CREATED + timedelta(hours=23), CREATED + timedelta(hours=50)
    orders = (
        imported_order("1"),
        imported_order("2", created_at=later),
        imported_order("3", created_at=much_later),
        imported_order("4", created_at=later, total=Decimal("16.00"), lines=()),
    )

    open_ = imported(desk, batch(*orders, start_status=OrderStatus.PENDING_CONFIRMATION))

    assert open_.inserted == 4 and open_.like == {open_.numbers["2"]: open_.numbers["1"]}


def test_of_closed_history_nothing_is_asked(desk: Desk) -> None:
    assert imported(desk, batch(imported_order("1"), imported_order("2"))).like == {}


def test_an_import_knows_what_an_earlier_one_brought(desk: Desk) -> None:
    first = imported(desk, batch(imported_order("1"), start_status=OrderStatus.PENDING_CONFIRMATION))

    second = imported(desk, batch(imported_order("2"), start_status=OrderStatus.PENDING_CONFIRMATION))

    assert second.like == {second.numbers["2"]: first.numbers["1"]}
