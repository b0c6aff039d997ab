"""R1 to R8 of the order process, on real databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    ChangeShipmentInformation,
    CompleteShipment,
    GiveShipmentInformation,
    RecordPayment,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    StartAccountPeriod,
)
from deskhand.orders.errors import DataMissing, NotAwaitingShipment, NotPossibleNow
from deskhand.orders.events import DELIVERY_NOTE, FREIGHT, INVOICE, NOTIFY, EventName
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store import Desk
from tests.support.desks import (
    CLERK,
    FINANCE,
    TENANT,
    WAREHOUSE,
    FakeClock,
    done,
    fresh,
    order_in,
    told,
)

PARCEL = ("SF", "SF1001")


@pytest.mark.parametrize("where", ["pending_confirmation", "confirmed", "shipped", "in_account_period"])
def test_r1_shipment_information_is_refused_unless_the_order_awaits_shipment(desk: Desk, where: str) -> None:
    order = order_in(desk, where)
    told_before = told(desk, "role:warehouse", "customer:huaxing")

    with pytest.raises(NotAwaitingShipment) as refused:
        desk.handle(GiveShipmentInformation(order.number, *PARCEL), WAREHOUSE)

    assert refused.value.data["status"] == where
    assert refused.value.data["next"]
    assert fresh(desk, order.number) == fresh(desk, order.number)
    assert fresh(desk, order.number).row_version == order.row_version
    assert told(desk, "role:warehouse", "customer:huaxing") == told_before


def test_r1_a_refusal_leaves_exactly_one_audit_row_and_nothing_else(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    with pytest.raises(NotAwaitingShipment):
        desk.handle(GiveShipmentInformation(order.number, *PARCEL), WAREHOUSE)

    with desk.unit_of_work(TENANT) as uow:
        audit = uow.audit.list()
        assert [(row.action, row.outcome, row.target) for row in audit] == [
            ("GiveShipmentInformation", "refused", order.number)
        ]
        assert audit[0].detail["code"] == "not_awaiting_shipment"
        assert len(uow.orders.history(order.id)) == 2
        assert len(uow.outbox.events_of(order.id)) == 3  # placed, confirmed, invoice requested


def test_r1_giving_shipment_information_does_not_ship_the_order(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")

    given = done(desk, GiveShipmentInformation(order.number, *PARCEL), WAREHOUSE)
    given = done(desk, GiveShipmentInformation(order.number, "YTO", "YT2", "别的地址"), CLERK)

    assert given.status is OrderStatus.AWAITING_SHIPMENT
    assert [parcel.tracking_number for parcel in fresh(desk, order.number).parcels] == ["SF1001", "YT2"]


def test_r1_the_order_ships_by_an_event_of_its_own_once_there_is_a_parcel(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")

    with pytest.raises(DataMissing) as refused:
        desk.handle(CompleteShipment(order.number), WAREHOUSE)
    done(desk, GiveShipmentInformation(order.number, *PARCEL), WAREHOUSE)
    shipped = done(desk, CompleteShipment(order.number), WAREHOUSE)

    assert refused.value.data["missing"] == "carrier, tracking_number"
    assert shipped.status is OrderStatus.SHIPPED
    assert all(line.shipped == line.quantity for line in fresh(desk, order.number).lines)


def test_r3_each_change_of_status_tells_the_customer_of_the_order(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "in_account_period")
    done(desk, SettlePayments(date(2026, 11, 20), (order.number,)), FINANCE)

    with desk.unit_of_work(TENANT) as uow:
        changes = [row for row in uow.orders.history(order.id) if row.before != row.after]
    heard = [kind for kind, _ in told(desk, "customer:huaxing")]

    assert len(changes) == 6
    for kind in ("OrderPlaced", "OrderConfirmed", "GoodsReceived", "ShipmentCompleted", "AccountPeriodStarted"):
        assert heard.count(kind) == 1
    assert heard.count("PaymentSettled") == 1
    assert not told(desk, "customer:acme-ltd")


def test_r4_giving_shipment_information_tells_the_warehouse_and_sends_the_invoice_again(desk: Desk) -> None:
    order = order_in(desk, "packed")

    texts = [text for kind, text in told(desk, "role:warehouse") if kind == "ShipmentInformationGiven"]

    assert len(texts) == 1
    assert "承运商：顺丰；运单号：SF1001" in texts[0]
    assert invoice_requests(desk, order.id) == [("INV-1001", False), ("INV-1001", True)]


@pytest.mark.parametrize("where", ["packed", "shipped", "in_account_period"])
def test_r4_a_correction_tells_the_warehouse_old_and_new_and_sends_the_same_invoice(desk: Desk, where: str) -> None:
    order = order_in(desk, where)

    changed = done(desk, ChangeShipmentInformation(order.number, tracking_number="SF2002"), WAREHOUSE)

    assert changed.status is order.status
    assert fresh(desk, order.number).parcels[0].tracking_number == "SF2002"
    texts = [text for kind, text in told(desk, "role:warehouse") if kind == "ShipmentInformationChanged"]
    assert len(texts) == 1
    assert "SF1001 → SF2002" in texts[0]
    assert invoice_requests(desk, order.id)[-1] == ("INV-1001", True)
    with desk.unit_of_work(TENANT) as uow:
        row = uow.orders.history(order.id)[-1]
    assert row.event == "change_shipment_information"
    assert (row.detail["old"]["tracking_number"], row.detail["new"]["tracking_number"]) == ("SF1001", "SF2002")  # type: ignore[index]


def test_r4_a_correction_before_there_is_a_parcel_is_refused(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    with pytest.raises(NotAwaitingShipment):
        desk.handle(ChangeShipmentInformation(order.number, carrier="YTO"), WAREHOUSE)


def test_r5_confirming_sends_the_invoice_at_the_end_of_the_undo_window(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")

    with desk.unit_of_work(TENANT) as uow:
        assert uow.outbox.claim(INVOICE) == []
        clock.forward(seconds=15)
        sent = uow.outbox.claim(INVOICE)

    assert [(each.event.name, each.event.payload["invoice"]) for each in sent] == [
        (EventName.INVOICE_REQUESTED, "INV-1001")
    ]
    assert fresh(desk, order.number).invoice is not None


def test_r5_the_invoice_can_be_sent_again_under_the_same_number(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    desk.handle(SendInvoiceAgain(order.number), FINANCE)

    assert invoice_requests(desk, order.id) == [("INV-1001", False), ("INV-1001", True)]


def test_r5_an_order_that_was_never_confirmed_has_no_invoice_to_send_again(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation")

    with pytest.raises(NotPossibleNow):
        desk.handle(SendInvoiceAgain(order.number), FINANCE)


def test_r6_completing_the_shipment_computes_freight_and_asks_for_the_delivery_note(desk: Desk) -> None:
    order = order_in(desk, "packed")

    outcome = desk.handle(CompleteShipment(order.number), WAREHOUSE)

    shipment = fresh(desk, order.number).shipments[0]
    assert shipment.freight == Decimal("1068.80")  # courier: 12 + 2 for each kilogram above the first of 529.4
    assert shipment.completed_at is not None
    assert [event.name for event in outcome.events] == [EventName.SHIPMENT_COMPLETED, EventName.FREIGHT_COMPUTED]
    assert consumers(desk, order.id, EventName.SHIPMENT_COMPLETED) == {NOTIFY, FREIGHT, DELIVERY_NOTE}


def test_r7_orders_due_enter_the_settlement_of_the_day_once_at_the_cut_off(desk: Desk, clock: FakeClock) -> None:
    due, later = order_in(desk, "shipped", customer_id="dongfang"), order_in(desk, "shipped")
    for order in (due, later):
        done(desk, StartAccountPeriod(order.number), FINANCE)

    before_cut_off = desk.settle_due(TENANT)
    clock.forward(hours=8)
    settled = desk.settle_due(TENANT)
    again = desk.settle_due(TENANT)

    assert before_cut_off is None
    assert settled is not None
    assert settled.orders == (due.number,)
    assert again is None
    assert fresh(desk, due.number).status is OrderStatus.SETTLED
    assert fresh(desk, later.number).status is OrderStatus.IN_ACCOUNT_PERIOD
    with desk.unit_of_work(TENANT) as uow:
        assert [line.order_id for line in uow.settlements.lines(date(2026, 11, 20))] == [due.id]
    assert [kind for kind, _ in told(desk, "role:finance")].count("SettlementPosted") == 1


def test_r7_settling_is_not_paying(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")

    settled = done(desk, SettlePayments(date(2026, 11, 20), (order.number,)), FINANCE)

    assert settled.payment_status is PaymentStatus.OVERDUE
    with desk.unit_of_work(TENANT) as uow:
        line = uow.settlements.of_order(order.id)
    assert line is not None
    assert line.outcome is PaymentStatus.OVERDUE


def test_r7_an_order_is_paid_only_with_a_recorded_payment_of_the_whole(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")

    part = done(desk, RecordPayment(order.number, order.total - 1, "bank-1"), FINANCE)
    repeated = done(desk, RecordPayment(order.number, order.total - 1, "bank-1"), FINANCE)
    paid = done(desk, RecordPayment(order.number, Decimal(1), "bank-2"), FINANCE)
    settled = done(desk, SettlePayments(date(2026, 11, 20), (order.number,)), FINANCE)

    assert part.payment_status is PaymentStatus.UNPAID
    assert repeated.payment_status is PaymentStatus.UNPAID
    assert (paid.payment_status, settled.payment_status) == (PaymentStatus.PAID, PaymentStatus.PAID)


def test_r7_an_order_inside_its_account_period_waits_for_its_day(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "in_account_period")
    assert order.payment_due_on == date(2026, 12, 20)

    clock.forward(days=29, hours=9)
    desk.settle_due(TENANT)
    status_the_day_before = fresh(desk, order.number).status
    clock.forward(days=1)
    desk.settle_due(TENANT)

    assert status_the_day_before is OrderStatus.IN_ACCOUNT_PERIOD
    assert fresh(desk, order.number).status is OrderStatus.SETTLED


def test_r7_finance_settles_at_once_but_not_twice(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    command = SettlePayments(date(2026, 11, 20), (order.number,))

    done(desk, command, FINANCE)

    with pytest.raises(NotPossibleNow):
        desk.handle(command, FINANCE)
    with desk.unit_of_work(TENANT) as uow:
        assert len(uow.settlements.lines(date(2026, 11, 20))) == 1


def test_r8_freight_is_a_record_of_its_own_that_finance_closes_at_the_end(desk: Desk) -> None:
    order = order_in(desk, "in_account_period")
    with desk.unit_of_work(TENANT) as uow:
        before = uow.freight.of_order(order.id)
    with pytest.raises(NotPossibleNow):
        desk.handle(SettleFreight(order.number), FINANCE)
    done(desk, SettlePayments(date(2026, 11, 20), (order.number,)), FINANCE)

    done(desk, SettleFreight(order.number), FINANCE)

    with desk.unit_of_work(TENANT) as uow:
        after = uow.freight.of_order(order.id)
        case = uow.cases.many([order.id])[order.id]
    assert [(row["amount"], row["closed_at"]) for row in before] == [(Decimal("1068.8"), None)]
    assert [row["closed_by"] for row in after] == ["finance"]
    assert case.marking == frozenset()
    assert fresh(desk, order.number).shipments[0].freight_settled_at is not None


def invoice_requests(desk: Desk, order_id: str) -> list[tuple[object, object]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        events = [stored.event for stored in uow.outbox.events_of(order_id)]
    wanted = [event for event in events if event.name is EventName.INVOICE_REQUESTED]
    return [(event.payload["invoice"], event.payload["again"]) for event in wanted]


def consumers(desk: Desk, order_id: str, name: EventName) -> set[str]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        ids = [stored.id for stored in uow.outbox.events_of(order_id) if stored.event.name is name]
        return {consumer for _, consumer in uow.outbox.states_of(ids)}
