"""The projector and the rows it writes."""

from __future__ import annotations

from deskhand.orders.commands import ConfirmOrder, GiveShipmentInformation
from deskhand.orders.events import EventName
from deskhand.store import Desk
from deskhand.store.projector import audience_of
from deskhand.store.texts import filled
from tests.support.desks import CLERK, TENANT, WAREHOUSE, done, order_in, placed, told

SALES = ("role:sales",)


def test_an_event_becomes_one_row_for_each_audience_with_both_languages(desk: Desk) -> None:
    order = placed(desk)

    desk.project_notifications(TENANT)

    with desk.unit_of_work(TENANT) as uow:
        rows = uow.notifications.since(0)
    assert {(row.audience, row.receiver) for row in rows} == {
        ("customer:huaxing", "customer"),
        ("role:sales", "sales"),
    }
    customer = next(row for row in rows if row.receiver == "customer")
    assert customer.payload["text"] == {
        "zh": "您的订单 SO-1001 已收到，合计 8,897.00 元，当前状态：待确认。",
        "en": "We have your order SO-1001, CNY 8,897.00 in total. It is pending confirmation.",
    }
    assert (customer.sender, customer.order_number, customer.payload["by"]) == (
        "林晓 Lin Xiao",
        order.number,
        "clerk",
    )


def test_projecting_twice_tells_nothing_twice(desk: Desk) -> None:
    placed(desk)

    assert desk.project_notifications(TENANT) == 2
    assert desk.project_notifications(TENANT) == 0


def test_numbers_grow_and_a_cursor_counts_what_is_unread(desk: Desk) -> None:
    order_in(desk, "awaiting_shipment")
    desk.project_notifications(TENANT)

    with desk.unit_of_work(TENANT) as uow:
        rows = uow.notifications.after(SALES, 0)
        assert [row.seq for row in rows] == sorted({row.seq for row in rows})
        assert uow.notifications.unread("clerk", SALES) == len(rows)
        assert uow.notifications.ack("clerk", rows[0].seq) == rows[0].seq
        assert uow.notifications.ack("clerk", 0) == rows[0].seq
        assert uow.notifications.unread("clerk", SALES) == len(rows) - 1
        assert uow.notifications.after(SALES, rows[0].seq) == rows[1:]
        assert uow.notifications.latest(SALES, 1) == rows[-1:]
        assert uow.notifications.latest_seq() >= rows[-1].seq


def test_what_changed_is_named_field_by_field(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")
    done(desk, GiveShipmentInformation(order.number, "SF", "SF1", "北京"), WAREHOUSE)

    texts = [text for kind, text in told(desk, "role:warehouse") if kind == "ShipmentInformationGiven"]

    assert texts == ["订单 SO-1001 已登记发运信息：承运商：顺丰；运单号：SF1；地址：北京；发货日期：2026-11-20。"]


def test_finance_hears_which_invoice_goes_out(desk: Desk) -> None:
    order = placed(desk)
    done(desk, ConfirmOrder(order.number), CLERK)

    assert "发票 INV-1001" in dict(told(desk, "role:finance"))["OrderConfirmed"]


def test_a_customer_hears_of_an_undo_only_if_its_order_stands_elsewhere_now() -> None:
    who = "customer_when_status_changes"

    assert audience_of(who, {"customer_id": "c1", "before": "confirmed"}) == "customer:c1"
    assert audience_of(who, {"customer_id": "c1"}) is None
    assert audience_of("warehouse", {}) == "role:warehouse"


def test_every_event_that_is_told_has_its_texts_in_both_languages(desk: Desk) -> None:
    keys = {key for audiences in desk.process.notify.values() for key in audiences.values()}

    assert set(desk.process.notify) <= {str(name) for name in EventName}
    for key in keys:
        assert {"zh", "en"} <= set(desk.versions.active(TENANT).texts.texts[key]), key


def test_a_fact_cannot_reach_into_the_program() -> None:
    assert filled("{number} {number.__class__} {0} {missing}!", {"number": "SO-1"}) == "SO-1 {number.__class__}  !"
