"""An amendment is undone: lines, fields, money and goods are as before, or it is too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    AmendOrder,
    RecordPayment,
    UndoLastChange,
)
from deskhand.orders.errors import (
    InsufficientStock,
    UndoWindowOver,
)
from deskhand.orders.events import INVOICE
from deskhand.orders.status import DeliveryMode, PaymentStatus
from deskhand.store import Desk
from tests.orders.amended import AMENDABLE, FEWER, THIRTY, reserved
from tests.support.desks import (
    CLERK,
    FINANCE,
    TENANT,
    FakeClock,
    done,
    fresh,
    order_in,
    placed,
    told,
)


@pytest.mark.parametrize("where", AMENDABLE)
def test_undo_restores_lines_fields_and_reservation(desk: Desk, clock: FakeClock, where: str) -> None:
    order = order_in(desk, where)
    before = reserved(desk)
    clock.forward(minutes=1)
    more = {"address": "新地址", "delivery_date": date(2026, 12, 1), "delivery_mode": DeliveryMode.OWN}
    done(desk, AmendOrder(order.number, THIRTY, appointment=True, **more), CLERK)  # type: ignore[arg-type]

    done(desk, UndoLastChange(order.number), CLERK)

    stored = fresh(desk, order.number)
    assert replace(stored, row_version=order.row_version, updated_at=order.updated_at) == order
    assert reserved(desk) == before
    with desk.unit_of_work(TENANT) as uow:
        assert uow.orders.verify_chain(order.id)
        clock.forward(minutes=1)
        again = [each.event.payload["again"] for each in uow.outbox.claim(INVOICE)]
    assert again == ([] if where == "pending_confirmation" else [False])
    assert [text for kind, text in told(desk, "customer:huaxing") if kind == "OrderAmended"][-1].startswith(
        "您的订单 SO-1001 已修改：A4纸：30箱 → 20箱"
    )


def test_undo_restores_the_payment_and_an_order_without_lines(desk: Desk) -> None:
    order = placed(desk, lines=(), total=Decimal("1000.00"))
    done(desk, RecordPayment(order.number, Decimal("1000.00"), "bank-1"), FINANCE)
    paid = fresh(desk, order.number)
    done(desk, AmendOrder(order.number, FEWER), CLERK)

    done(desk, UndoLastChange(order.number), CLERK)

    stored = fresh(desk, order.number)
    assert (stored.header_only, stored.lines, stored.total) == (True, (), paid.total)
    assert (stored.payment_status, stored.paid_at) == (PaymentStatus.PAID, paid.paid_at)


def test_an_amendment_that_left_with_an_earlier_invoice_is_corrected_by_one_more(desk: Desk, clock: FakeClock) -> None:
    order = order_in(desk, "confirmed")
    clock.forward(seconds=10)
    done(desk, AmendOrder(order.number, FEWER), CLERK)
    clock.forward(seconds=6)  # the invoice of the confirmation goes out, with the amended total
    with desk.unit_of_work(TENANT) as uow:
        (first,) = uow.outbox.claim(INVOICE)
        uow.invoices.mark_sent("INV-1001")
        uow.outbox.done(first)
        uow.commit()

    undone = done(desk, UndoLastChange(order.number), CLERK)
    clock.forward(seconds=15)

    assert undone.invoice is not None and undone.invoice.total == order.total
    with desk.unit_of_work(TENANT) as uow:
        assert [each.event.payload["again"] for each in uow.outbox.claim(INVOICE)] == [True]


def test_undo_is_refused_when_the_window_is_over_or_the_goods_are_promised_to_others(
    desk: Desk, clock: FakeClock
) -> None:
    late = order_in(desk, "confirmed", quantity="1")
    done(desk, AmendOrder(late.number, FEWER), CLERK)
    clock.forward(seconds=15)
    with pytest.raises(UndoWindowOver):
        desk.handle(UndoLastChange(late.number), CLERK)

    order = order_in(desk, "awaiting_shipment", quantity="45")
    done(desk, AmendOrder(order.number, FEWER), CLERK)
    order_in(desk, "confirmed", quantity="40")
    with pytest.raises(InsufficientStock):
        desk.handle(UndoLastChange(order.number), CLERK)
    assert len(fresh(desk, order.number).lines) == 1
