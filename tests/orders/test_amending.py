"""An order is amended before shipment: what changes, what stays agreed, and where it is too late."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    AmendOrder,
    CancelOrder,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    HoldOrder,
    NewLine,
    ReceiveGoods,
    RecordPayment,
    UndoLastChange,
)
from deskhand.orders.errors import (
    DateInPast,
    InsufficientStock,
    InvalidQuantity,
    NothingAmended,
    NothingOrdered,
    NotPossibleNow,
    ParcelAlreadyGiven,
    RoleNotAllowed,
    UnknownOrder,
    UnknownProduct,
    UnknownUnit,
    VersionConflict,
)
from deskhand.orders.events import INVOICE
from deskhand.orders.status import DeliveryMode, OrderStatus, PaymentStatus
from deskhand.store import Desk
from tests.orders.amended import AMENDABLE, FEWER, THIRTY, invoice_requests, reprice, reserved
from tests.support.desks import (
    ACME,
    CLERK,
    CUSTOMER,
    FINANCE,
    MANAGER,
    TENANT,
    WAREHOUSE,
    FakeClock,
    done,
    fresh,
    order_in,
    placed,
    take_out_personal,
    told,
)


@pytest.mark.parametrize("where", AMENDABLE)
def test_lines_are_replaced_and_the_total_follows_while_the_status_stays(desk: Desk, where: str) -> None:
    order = order_in(desk, where)

    amended = done(desk, AmendOrder(order.number, THIRTY), CLERK)

    stored = fresh(desk, order.number)
    assert [(line.number, line.sku, line.quantity, line.amount) for line in stored.lines] == [
        (1, "PAPER-A4", Decimal(30), Decimal("7500.00")),
        (2, "PRN-L100", Decimal(3), Decimal("3897.00")),
    ]
    assert (str(stored.total), stored.status) == ("11397.00", order.status)
    assert stored.row_version == amended.row_version == order.row_version + 1


def test_each_field_is_amended_alone_and_the_rest_stays(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    number = order.number

    done(desk, AmendOrder(number, address=" 杭州市文三路1号 "), CLERK)
    done(desk, AmendOrder(number, delivery_date=date(2026, 12, 1)), CLERK)
    done(desk, AmendOrder(number, delivery_mode=DeliveryMode.PICKUP, appointment=True), CLERK)

    stored = fresh(desk, number)
    assert (stored.address, stored.delivery_date) == ("杭州市文三路1号", date(2026, 12, 1))
    assert (stored.delivery_mode, stored.appointment) == (DeliveryMode.PICKUP, True)
    assert (stored.lines, stored.total) == (order.lines, order.total)
    assert done(desk, AmendOrder(number, appointment=False), CLERK).appointment is False


def test_agreed_prices_stay_and_new_goods_take_the_price_of_the_catalogue(desk: Desk) -> None:
    order = placed(desk)
    reprice(desk, "PAPER-A4", "99.00")
    reprice(desk, "CHR-200", "500.00")
    wanted = (
        NewLine("PAPER-A4", Decimal(30), "box", unit_price=Decimal("0.01")),
        NewLine("PAPER-A4", Decimal(2), "pack"),
        NewLine("CHR-200", Decimal(2), unit_price=Decimal("0.01")),
    )

    amended = done(desk, AmendOrder(order.number, wanted), CLERK)

    assert [line.unit_price for line in amended.lines] == [Decimal("250.00"), Decimal("99.00"), Decimal("500.00")]
    assert str(amended.total) == "8698.00"


def test_a_header_only_order_becomes_an_ordinary_one_by_getting_lines(desk: Desk) -> None:
    order = placed(desk, lines=(), total=Decimal("1234.50"))
    done(desk, ConfirmOrder(order.number), CLERK)

    amended = done(desk, AmendOrder(order.number, FEWER), CLERK)

    assert (amended.header_only, str(amended.total), reserved(desk)) == (False, "1250.00", Decimal(50))
    assert amended.invoice is not None and amended.invoice.total == amended.total


def test_a_header_only_order_keeps_its_total_when_only_the_address_changes(desk: Desk) -> None:
    order = placed(desk, lines=(), total=Decimal("1234.50"))

    amended = done(desk, AmendOrder(order.number, address="another"), CLERK)

    assert (amended.header_only, str(amended.total)) == (True, "1234.50")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"lines": (NewLine("NOTHING", Decimal(1)),)}, UnknownProduct),
        ({"lines": (NewLine("PAPER-A4", Decimal(1), "pallet"),)}, UnknownUnit),
        ({"lines": (NewLine("PAPER-A4", Decimal(0), "box"),)}, InvalidQuantity),
        ({"lines": (NewLine("PAPER-A4", Decimal("NaN"), "box"),)}, InvalidQuantity),
        ({"lines": (NewLine("CHR-200", Decimal(1_000_001)),)}, InvalidQuantity),
        ({"lines": ()}, NothingOrdered),
        ({"delivery_date": date(2026, 11, 19)}, DateInPast),
        ({}, NothingAmended),
        ({"lines": (NewLine("PAPER-A4", Decimal("20.0"), "box"), NewLine("PRN-L100", Decimal(3)))}, NothingAmended),
        ({"address": "  ", "delivery_mode": DeliveryMode.COURIER, "appointment": False}, NothingAmended),
        ({"lines": THIRTY, "expected_version": 1}, VersionConflict),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(desk: Desk, wrong: dict[str, object], error: type) -> None:
    order = order_in(desk, "confirmed")

    with pytest.raises(error):
        desk.handle(AmendOrder(order.number, **wrong), CLERK)  # type: ignore[arg-type]

    assert fresh(desk, order.number) == order
    assert reserved(desk) == 200


def test_a_past_date_that_stands_already_does_not_stop_an_amendment(desk: Desk, clock: FakeClock) -> None:
    order = placed(desk, delivery_date=date(2026, 11, 21))
    clock.forward(days=3)

    amended = done(desk, AmendOrder(order.number, FEWER, delivery_date=date(2026, 11, 21)), CLERK)

    assert amended.delivery_date == date(2026, 11, 21)


@pytest.mark.parametrize("where", ["shipped", "in_account_period"])
def test_after_shipping_it_is_too_late_and_the_refusal_says_what_is_next(desk: Desk, where: str) -> None:
    order = order_in(desk, where)

    with pytest.raises(NotPossibleNow) as refused:
        desk.handle(AmendOrder(order.number, FEWER), CLERK)

    assert (refused.value.code, refused.value.data["status"]) == ("not_possible_now", where)
    assert refused.value.data["next"]


def test_a_held_or_cancelled_order_is_not_amended(desk: Desk) -> None:
    held, gone = order_in(desk, "confirmed"), order_in(desk, "confirmed")
    done(desk, HoldOrder(held.number, "credit"), MANAGER)
    done(desk, CancelOrder(gone.number, "by mistake"), MANAGER)

    for order, following in ((held, "release_order"), (gone, "")):
        with pytest.raises(NotPossibleNow) as refused:
            desk.handle(AmendOrder(order.number, FEWER), CLERK)
        assert refused.value.data["next"] == following


def test_a_parcel_ends_it_with_a_refusal_of_its_own(desk: Desk) -> None:
    order = order_in(desk, "packed")

    with pytest.raises(ParcelAlreadyGiven):
        desk.handle(AmendOrder(order.number, address="another"), CLERK)

    done(desk, UndoLastChange(order.number), WAREHOUSE)
    assert done(desk, AmendOrder(order.number, address="another"), CLERK).address == "another"


def test_customers_amend_their_own_orders_and_warehouse_and_finance_none(desk: Desk) -> None:
    order = placed(desk)

    assert done(desk, AmendOrder(order.number, FEWER), CUSTOMER).total == Decimal("1250.00")
    with pytest.raises(UnknownOrder):
        desk.handle(AmendOrder(order.number, THIRTY), ACME)
    for actor in (WAREHOUSE, FINANCE):
        with pytest.raises(RoleNotAllowed):
            desk.handle(AmendOrder(order.number, THIRTY), actor)


def test_the_reservation_follows_the_lines_from_confirmation_on(desk: Desk) -> None:
    order = placed(desk)
    done(desk, AmendOrder(order.number, THIRTY), CLERK)
    assert reserved(desk) == 0
    done(desk, ConfirmOrder(order.number), CLERK)
    assert reserved(desk) == 300

    done(desk, AmendOrder(order.number, FEWER), CLERK)
    assert (reserved(desk), reserved(desk, "PRN-L100")) == (50, 0)
    done(desk, AmendOrder(order.number, (NewLine("PAPER-A4", Decimal(90), "box"),)), CLERK)

    assert reserved(desk) == 900  # 500 are there: the rest is what comes in
    assert done(desk, ReceiveGoods(order.number), WAREHOUSE).status is OrderStatus.AWAITING_SHIPMENT


def test_an_order_that_awaits_shipment_grows_only_as_far_as_goods_are_free(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")  # 200 of 500
    other = order_in(desk, "confirmed", quantity="20")  # 200 more are promised

    with pytest.raises(InsufficientStock) as refused:
        desk.handle(AmendOrder(order.number, (NewLine("PAPER-A4", Decimal(31), "box"),)), CLERK)
    assert refused.value.data == {"product": "PAPER-A4", "warehouse": "main", "available": "300", "wanted": "310"}
    assert fresh(desk, order.number) == order

    done(desk, AmendOrder(order.number, (NewLine("PAPER-A4", Decimal(30), "box"),)), CLERK)
    done(desk, GiveShipmentInformation(order.number, "SF", "SF1"), WAREHOUSE)
    shipped = done(desk, CompleteShipment(order.number), WAREHOUSE)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        level = uow.stock.level("PAPER-A4", "main")
    assert shipped.status is OrderStatus.SHIPPED
    assert (level.on_hand, level.reserved) == (Decimal(200), Decimal(200))
    assert done(desk, ReceiveGoods(other.number), WAREHOUSE).status is OrderStatus.AWAITING_SHIPMENT


def test_the_invoice_goes_out_again_with_its_number_and_the_new_total(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")

    amended = done(desk, AmendOrder(order.number, FEWER), CLERK)

    stored = fresh(desk, order.number)
    assert amended.invoice is not None and stored.invoice is not None
    assert (stored.invoice.number, stored.invoice.total) == ("INV-1001", stored.total)
    assert invoice_requests(desk, order) == [("INV-1001", False), ("INV-1001", True)]
    with desk.unit_of_work(TENANT) as uow:
        assert uow.outbox.claim(INVOICE) == []  # only when it can't be undone any more
    clock.forward(seconds=15)
    with desk.unit_of_work(TENANT) as uow:
        assert len(uow.outbox.claim(INVOICE)) == 2


def test_before_confirmation_nothing_is_sent_but_an_invoice_from_before_shows_the_new_total(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, UndoLastChange(order.number), CLERK)

    done(desk, AmendOrder(order.number, FEWER), CLERK)
    assert invoice_requests(desk, order) == [("INV-1001", False)]
    confirmed = done(desk, ConfirmOrder(order.number), CLERK)

    assert confirmed.invoice is not None
    assert (confirmed.invoice.number, str(confirmed.invoice.total)) == ("INV-1001", "1250.00")


def test_a_paid_order_that_grows_is_unpaid_and_one_that_shrinks_to_what_was_paid_is_paid(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, RecordPayment(order.number, order.total, "bank-1"), FINANCE)

    assert done(desk, AmendOrder(order.number, THIRTY), CLERK).payment_status is PaymentStatus.UNPAID
    assert fresh(desk, order.number).paid_at is None
    assert done(desk, AmendOrder(order.number, FEWER), CLERK).payment_status is PaymentStatus.PAID


def test_customer_warehouse_and_sales_hear_what_has_changed(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    wanted = (NewLine("PAPER-A4", Decimal(30), "box"), NewLine("CHR-200", Decimal(2)))

    done(desk, AmendOrder(order.number, wanted, "新地址", delivery_mode=DeliveryMode.PICKUP, appointment=True), CLERK)

    changes = (
        "A4纸：20箱 → 30箱；激光打印机：3台 → 无；办公椅：无 → 2把；地址：上海市浦东新区张江路1号 → 新地址；"
        "合计：8,897.00 元 → 8,418.00 元；送货方式：快递 → 自提；送货时间：即时 → 预约"
    )
    assert ("OrderAmended", f"您的订单 SO-1001 已修改：{changes}。") in told(desk, "customer:huaxing")
    for role in ("role:warehouse", "role:sales"):
        heard = [text for kind, text in told(desk, role) if kind == "OrderAmended"]
        assert heard == [f"林晓 Lin Xiao 修改了订单 SO-1001（华星科技有限公司）：{changes}。"]
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        english = uow.notifications.after(["customer:huaxing"], 0, limit=100)[-1].payload["text"]["en"]  # type: ignore[index]
    assert english.startswith("Your order SO-1001 was amended: A4 paper: 20 boxes → 30 boxes; laser printer: 3 units")


def test_the_history_keeps_both_versions_and_no_address_in_what_is_hashed(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, AmendOrder(order.number, FEWER, address="新地址"), CLERK)

    with desk.unit_of_work(TENANT) as uow:
        row = uow.orders.history(order.id)[-1]
        assert uow.orders.verify_chain(order.id)
        assert (row.event, row.before, row.after) == ("amend_order", "confirmed", "confirmed")
        assert [len(row.detail[side]["lines"]) for side in ("old", "new")] == [2, 1]  # type: ignore[index, call-overload]
        assert (row.detail["old_address"], row.detail["new_address"]) == ("上海市浦东新区张江路1号", "新地址")
        take_out_personal(uow, order.id)
        assert uow.orders.verify_chain(order.id)
        assert "新地址" not in str(uow.orders.history(order.id)[-1].detail)
