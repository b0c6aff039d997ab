"""A line is cancelled before it leaves: stock, total, invoice and credit note follow; undo puts all of it back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    AmendOrder,
    CancelLine,
    CancelOrder,
    ConfirmOrder,
    GiveShipmentInformation,
    NewLine,
    RecordPayment,
    SomeOf,
    UndoLastChange,
)
from deskhand.orders.errors import (
    DataMissing,
    LastLine,
    NotPossibleNow,
    ParcelAlreadyGiven,
    RoleNotAllowed,
    UnknownLine,
    VersionConflict,
)
from deskhand.orders.events import CREDIT_NOTE, INVOICE
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store import Desk
from tests.support.credited import amounts, credit_notes, sent_invoice, stock
from tests.support.desks import (
    CLERK,
    CUSTOMER,
    FINANCE,
    TENANT,
    WAREHOUSE,
    FakeClock,
    done,
    fresh,
    order_in,
    told,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what SQL is new: tests/store

PRINTERS = 2  # the line of them


def cancel(number: str, *lines: int) -> CancelLine:
    return CancelLine(number, "not needed", lines or (PRINTERS,))


def test_a_line_is_cancelled_and_the_order_costs_less(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    after = done(desk, cancel(order.number), CLERK)

    assert [line.cancelled for line in fresh(desk, order.number).lines] == [False, True]
    assert after.total == order.total - order.lines[1].amount
    assert (after.status, stock(desk, "PRN-L100").reserved, stock(desk).reserved) == ("confirmed", 0, 200)


def test_an_invoice_that_has_not_left_says_the_new_total_and_nothing_is_credited(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    after = done(desk, cancel(order.number), CLERK)

    assert after.invoice is not None and fresh(desk, order.number).invoice == after.invoice
    assert after.invoice.total == after.total
    assert credit_notes(desk, order) == ()


def test_an_invoice_that_has_left_is_credited_by_what_was_cancelled(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "awaiting_shipment"))
    assert order.invoice is not None

    after = done(desk, cancel(order.number), CLERK)

    (note,) = credit_notes(desk, order)
    assert (note.number, note.invoice, note.amount) == ("CN-1001", order.invoice.number, order.lines[1].amount)
    assert (note.reason, note.kind) == ("not needed", "lines_cancelled")
    assert [(line.sku, line.quantity) for line in note.lines] == [("PRN-L100", 3)]
    assert after.invoice is not None and after.invoice.total == order.total


def test_a_credit_note_leaves_when_the_undo_window_is_over_and_only_once(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))
    done(desk, cancel(order.number), CLERK)

    with desk.unit_of_work(TENANT) as uow:
        early = uow.outbox.claim(CREDIT_NOTE)
        late = uow.outbox.claim(CREDIT_NOTE, now=clock.now.replace(second=59))
        first, second = uow.credit_notes.mark_sent("CN-1001"), uow.credit_notes.mark_sent("CN-1001")

    assert (len(early), len(late)) == (0, 1)
    assert (first, second) == (True, False)


def test_goods_are_named_by_sku_as_well(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation")

    after = done(desk, CancelLine(order.number, "not needed", sku="PRN-L100"), CUSTOMER)

    assert (after.status, [line.cancelled for line in after.lines]) == ("pending_confirmation", [False, True])
    assert done(desk, ConfirmOrder(order.number), CLERK).total == order.lines[0].amount
    assert stock(desk, "PRN-L100").reserved == 0


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (CancelLine("SO-1001", "not needed", (7,)), UnknownLine),
        (CancelLine("SO-1001", "not needed"), UnknownLine),
        (CancelLine("SO-1001", "not needed", sku="CHR-200"), UnknownLine),
        (CancelLine("SO-1001", "  ", (1,)), DataMissing),
        (CancelLine("SO-1001", "not needed", (1, 2)), LastLine),
        (CancelLine("SO-1001", "not needed", (1,), expected_version=7), VersionConflict),
    ],
)
def test_what_can_not_be_cancelled_is_refused_and_nothing_changes(
    desk: Desk, command: CancelLine, error: type[Exception]
) -> None:
    order = order_in(desk, "confirmed")

    with pytest.raises(error):
        desk.handle(command, CLERK)

    assert fresh(desk, order.number) == order
    assert stock(desk).reserved == 200


def test_the_last_live_line_is_the_whole_orders_to_cancel(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, cancel(order.number), CLERK)

    with pytest.raises(LastLine) as refused:
        desk.handle(cancel(order.number, 1), CLERK)

    assert refused.value.data["next"] == "cancel_order"


def test_goods_in_a_parcel_are_not_cancelled(desk: Desk) -> None:
    order = order_in(desk, "packed")

    with pytest.raises(ParcelAlreadyGiven):
        desk.handle(cancel(order.number), CLERK)


def test_what_is_not_in_the_parcel_can_be_cancelled(desk: Desk) -> None:
    order = order_in(desk, "awaiting_shipment")

    done(
        desk,
        GiveShipmentInformation(order.number, "SF", "SF1", lines=(SomeOf(Decimal(20), line=1),)),
        WAREHOUSE,
    )

    assert done(desk, cancel(order.number), CLERK).lines[1].cancelled


@pytest.mark.parametrize("where", ["shipped", "in_account_period"])
def test_what_has_left_is_not_cancelled(desk: Desk, where: str) -> None:
    order = order_in(desk, where)

    with pytest.raises(UnknownLine):
        desk.handle(cancel(order.number), CLERK)


def test_a_cancelled_order_has_no_line_to_cancel(desk: Desk) -> None:
    order = order_in(desk, "confirmed")
    done(desk, CancelOrder(order.number, "all of it"), CLERK)

    with pytest.raises(NotPossibleNow):
        desk.handle(cancel(order.number), CLERK)


def test_the_warehouse_cancels_no_line(desk: Desk) -> None:
    order = order_in(desk, "confirmed")

    with pytest.raises(RoleNotAllowed):
        desk.handle(cancel(order.number), WAREHOUSE)


def test_customer_warehouse_and_finance_hear_of_it(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))

    done(desk, cancel(order.number), CLERK)

    assert told(desk, "role:warehouse")[-1] == (
        "LineCancelled",
        f"订单 {order.number}（华星科技有限公司）已取消其中的 激光打印机 3台，原因：not needed。",
    )
    assert [kind for kind, _ in told(desk, "role:finance")[-2:]] == ["LineCancelled", "CreditNoteIssued"]
    assert "激光打印机 3台" in told(desk, "customer:huaxing")[-1][1]


@pytest.mark.parametrize("where", ["pending_confirmation", "confirmed", "awaiting_shipment"])
def test_undo_puts_the_line_its_stock_and_the_invoice_back(desk: Desk, where: str) -> None:
    order = order_in(desk, where)
    reserved = stock(desk, "PRN-L100").reserved
    done(desk, cancel(order.number), CLERK)

    undone = done(desk, UndoLastChange(order.number), CLERK)

    assert fresh(desk, order.number).lines == order.lines
    assert (undone.total, undone.status, undone.invoice) == (order.total, order.status, order.invoice)
    assert stock(desk, "PRN-L100").reserved == reserved


def test_undo_takes_the_credit_note_back_and_its_number_is_not_given_again(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))
    done(desk, cancel(order.number), CLERK)
    done(desk, UndoLastChange(order.number), CLERK)
    clock.forward(minutes=1)

    with desk.unit_of_work(TENANT) as uow:
        assert uow.outbox.claim(CREDIT_NOTE) == []
        assert uow.credit_notes.get("CN-1001").withdrawn_at is not None
    assert credit_notes(desk, order) == ()
    done(desk, cancel(order.number), CLERK)
    assert [note.number for note in credit_notes(desk, order)] == ["CN-1002"]


def test_an_amendment_after_a_credit_note_bills_what_is_credited_as_well(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))
    after = done(desk, cancel(order.number), CLERK)

    amended = done(desk, AmendOrder(order.number, (NewLine("PAPER-A4", Decimal(30), "box"),)), CLERK)

    assert amended.invoice is not None
    assert amended.invoice.total - sum(amounts(credit_notes(desk, order))) == amended.total > after.total


def test_a_paid_order_stays_paid_and_a_partly_paid_one_may_become_so(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    done(desk, RecordPayment(order.number, order.lines[0].amount, "bank-1"), FINANCE)

    after = done(desk, cancel(order.number), CLERK)

    assert (after.payment_status, fresh(desk, order.number).payment_status) == ("paid", "paid")
    undone = done(desk, UndoLastChange(order.number), CLERK)
    assert (undone.payment_status, undone.paid_at) == (PaymentStatus.UNPAID, None)


def test_cancelling_the_whole_order_credits_what_is_left_of_the_invoice(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))
    done(desk, cancel(order.number), CLERK)

    done(desk, CancelOrder(order.number, "all of it"), CLERK)

    notes = credit_notes(desk, order)
    assert amounts(notes) == [order.lines[1].amount, order.lines[0].amount]
    assert [note.kind for note in notes] == ["lines_cancelled", "order_cancelled"]
    clock.forward(minutes=1)
    with desk.unit_of_work(TENANT) as uow:
        assert len(uow.outbox.claim(CREDIT_NOTE)) == 2


def test_a_cancelled_order_whose_invoice_never_left_has_no_credit_note(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    done(desk, CancelOrder(order.number, "all of it"), CLERK)
    clock.forward(minutes=1)

    with desk.unit_of_work(TENANT) as uow:
        assert uow.outbox.claim(INVOICE) == []
    assert credit_notes(desk, order) == ()


def test_a_paid_order_that_is_cancelled_is_refunded_and_undo_makes_it_paid_again(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))
    done(desk, RecordPayment(order.number, order.total, "bank-1"), FINANCE)

    cancelled = done(desk, CancelOrder(order.number, "all of it"), CLERK)
    undone = done(desk, UndoLastChange(order.number), CLERK)

    assert (cancelled.payment_status, undone.payment_status) == (PaymentStatus.REFUNDED, PaymentStatus.PAID)
    assert credit_notes(desk, order) == ()


def test_undoing_a_cancellation_sends_the_invoice_that_was_kept_back(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    done(desk, CancelOrder(order.number, "by mistake"), CLERK)
    undone = done(desk, UndoLastChange(order.number), CLERK)
    clock.forward(minutes=1)

    with desk.unit_of_work(TENANT) as uow:
        assert len(uow.outbox.claim(INVOICE)) == 1
    assert undone.status is OrderStatus.CONFIRMED


def test_the_chain_of_the_history_holds(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))
    done(desk, cancel(order.number), CLERK)
    done(desk, UndoLastChange(order.number), CLERK)

    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.verify_chain(order.id)
        assert [row.event for row in uow.orders.history(order.id)][-2:] == ["cancel_line", "undo"]
