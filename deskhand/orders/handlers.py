"""What each command does: one sentence each. The table at the foot is the table of contents. Knows no SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deskhand.orders.amending import amend_order
from deskhand.orders.cancelling import cancel_line
from deskhand.orders.commands import (
    AmendOrder,
    ApproveOrder,
    CancelLine,
    CancelOrder,
    ChangeShipmentInformation,
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    HoldOrder,
    PlaceOrder,
    ReceiveGoods,
    RecordPayment,
    RejectOrder,
    ReleaseOrder,
    ReturnGoods,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.effects import ask_for_invoice
from deskhand.orders.errors import DataMissing, NotPossibleNow
from deskhand.orders.model import Order
from deskhand.orders.moving import expect_version, move_one, refusal_error, stepped
from deskhand.orders.placing import place_order
from deskhand.orders.receiving import expect_back_order, said_to_come_in
from deskhand.orders.refusals import next_event
from deskhand.orders.settling import record_payment, settle_payments
from deskhand.orders.shipping import GIVE, change_shipment_information, give, parcel_of
from deskhand.orders.status import OrderStatus
from deskhand.orders.taking_back import return_goods
from deskhand.orders.undoing import undo_last_change
from deskhand.orders.work import Outcome, Step, Work, fire, outcome_of, store


def confirm_order(work: Work, command: ConfirmOrder, order: Order) -> Outcome:
    """R5: stock is reserved and the invoice goes out."""
    return move_one(work, order, "confirm_order")


def approve_order(work: Work, command: ApproveOrder, order: Order) -> Outcome:
    """The confirmation takes effect, as it would have without a limit."""
    return move_one(work, order, "approve_order")


def reject_order(work: Work, command: RejectOrder, order: Order) -> Outcome:
    """It is to be confirmed once more; whoever did it hears why."""
    return move_one(work, order, "reject_order", reason=_given(command, order))


def receive_goods(work: Work, command: ReceiveGoods, order: Order) -> Outcome:
    """What is missing of the order has come in, or a part of it; R1 opens."""
    expect_back_order(order)
    return outcome_of(stepped(work, order, "receive_goods", {}, came_in=said_to_come_in(work, command, order)))


def give_shipment_information(work: Work, command: GiveShipmentInformation, order: Order) -> Outcome:
    """R1: one more parcel, while the order awaits shipment; it does not ship by this."""
    steps, refused = fire(work, [order], GIVE)
    if refused:
        raise refusal_error(work, refused[0], order, GIVE)
    give(work, steps, [parcel_of(work, order, command)])
    return outcome_of(steps)


def complete_shipment(work: Work, command: CompleteShipment, order: Order) -> Outcome:
    """R1 and R6: the parcels have left; freight is computed and the delivery note goes out, for each shipment."""
    return move_one(work, order, "complete_shipment")


def start_account_period(work: Work, command: StartAccountPeriod, order: Order) -> Outcome:
    """The customer's days to pay begin."""
    return move_one(work, order, "start_account_period")


def settle_freight(work: Work, command: SettleFreight, order: Order) -> Outcome:
    """R8: finance closes the freight of each shipment; the process is over."""
    return move_one(work, order, "settle_freight")


def cancel_order(work: Work, command: CancelOrder, order: Order) -> Outcome:
    """Whole; what was reserved is free again, what was invoiced is credited."""
    return move_one(work, order, "cancel_order", reason=_given(command, order))


def hold_order(work: Work, command: HoldOrder, order: Order) -> Outcome:
    """Nothing happens to it until it is released, at the same place."""
    return move_one(work, order, "hold_order", reason=_given(command, order))


def release_order(work: Work, command: ReleaseOrder, order: Order) -> Outcome:
    """It goes on where it was held."""
    return move_one(work, order, "release_order")


def send_invoice_again(work: Work, command: SendInvoiceAgain, order: Order) -> Outcome:
    """R5: the same number, once more."""
    if order.invoice is None or order.status is OrderStatus.CANCELLED:
        event, next_ = "send_invoice_again", next_event(work, order)
        raise NotPossibleNow(number=order.number, status=str(order.status), event=event, next=next_)
    step = Step(order, order, None, detail={"invoice": order.invoice.number})
    ask_for_invoice(step, again=True)
    store(work, [step], "send_invoice_again")
    return outcome_of([step])


def _given(command: RejectOrder | CancelOrder | HoldOrder, order: Order) -> str:
    if not command.reason.strip():
        event = _WITH_REASON[type(command)]
        raise DataMissing(number=order.number, missing="reason", status=str(order.status), event=event, next=event)
    return command.reason.strip()


_WITH_REASON: Mapping[type[Any], str] = {
    RejectOrder: "reject_order",
    CancelOrder: "cancel_order",
    HoldOrder: "hold_order",
}


def handle(work: Work, command: Command) -> Outcome:
    """Does what the command says.

    Raises:
        DeskhandError: nothing may be stored then.
    """
    if type(command) in ON_ORDERS:
        (order,) = work.named
        expect_version(order, getattr(command, "expected_version", None))
        return ON_ORDERS[type(command)](work, command, order)
    return ON_THE_DESK[type(command)](work, command)


ON_ORDERS: Mapping[type[Any], Callable[[Work, Any, Order], Outcome]] = {
    ConfirmOrder: confirm_order,
    ApproveOrder: approve_order,
    RejectOrder: reject_order,
    ReceiveGoods: receive_goods,
    GiveShipmentInformation: give_shipment_information,
    ChangeShipmentInformation: change_shipment_information,
    CompleteShipment: complete_shipment,
    StartAccountPeriod: start_account_period,
    RecordPayment: record_payment,
    SettleFreight: settle_freight,
    CancelOrder: cancel_order,
    CancelLine: cancel_line,
    ReturnGoods: return_goods,
    AmendOrder: amend_order,
    HoldOrder: hold_order,
    ReleaseOrder: release_order,
    SendInvoiceAgain: send_invoice_again,
}

ON_THE_DESK: Mapping[type[Any], Callable[[Work, Any], Outcome]] = {
    PlaceOrder: place_order,
    SettlePayments: settle_payments,
    UndoLastChange: undo_last_change,
}
