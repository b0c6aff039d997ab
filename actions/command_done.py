"""What is said of a command that was carried out. Knows nothing of cards' answers or of forms."""

from __future__ import annotations

from actions import cards
from actions.order_money import money, open_amount, paid_of
from actions.turn import Turn
from deskhand.orders.commands import (
    AmendOrder,
    CancelLine,
    ChangeShipmentInformation,
    Command,
    CompleteShipment,
    GiveShipmentInformation,
    RecordPayment,
    ReturnGoods,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    UndoLastChange,
)
from deskhand.orders.crediting import owed
from deskhand.orders.model import Order
from deskhand.orders.packing import open_of
from deskhand.orders.status import OrderStatus

Shipment = GiveShipmentInformation | ChangeShipmentInformation


def say_done(turn: Turn, command: Command, order: Order) -> None:
    """One sentence: the order as it is now."""
    status = cards.status(turn, order)["label"]
    if _said_of_goods(turn, command, order):
        return
    if isinstance(command, Shipment):
        carrier, tracking = parcel_said(turn, command, order)
        verb = "given" if isinstance(command, GiveShipmentInformation) else "changed"
        turn.say(f"utter_shipment_{verb}", number=order.number, carrier=carrier, tracking=tracking)
    elif isinstance(command, AmendOrder):
        turn.say("utter_order_amended", number=order.number, total=cards.total(turn, order)["value"])
    elif isinstance(command, UndoLastChange):
        turn.say("utter_undone", number=order.number, status=status)
    elif isinstance(command, RecordPayment | SettlePayments | SettleFreight):
        _say_of_money(turn, command, order)
    elif isinstance(command, SendInvoiceAgain):
        turn.say("utter_invoice_sent", number=order.number, invoice=order.invoice.number if order.invoice else "")
    else:
        turn.say("utter_command_done", number=order.number, status=status)


def _say_of_money(turn: Turn, command: RecordPayment | SettlePayments | SettleFreight, order: Order) -> None:
    """What became of a payment, a settlement, or the freight."""
    if isinstance(command, RecordPayment):
        _say_paid(turn, command, order)
    elif isinstance(command, SettleFreight):
        turn.say("utter_freight_settled", number=order.number)
    elif left := open_amount(turn, order):
        turn.say("utter_order_settled", number=order.number, open=money(turn, order, left))
    else:
        turn.say("utter_order_settled_paid", number=order.number)


def _say_paid(turn: Turn, command: RecordPayment, order: Order) -> None:
    """What came in; where it is not the whole, what is paid by now and what is open."""
    amount, left = money(turn, order, command.amount), open_amount(turn, order)
    if left:
        paid = money(turn, order, paid_of(turn, order))
        turn.say("utter_payment_part", number=order.number, amount=amount, paid=paid, open=money(turn, order, left))
        return
    payment = turn.wording.say("statuses", str(order.payment_status), turn.language)
    turn.say("utter_payment_recorded", number=order.number, amount=amount, status=payment)


def _said_of_goods(turn: Turn, command: Command, order: Order) -> bool:
    """Of a part of the order: cancelled, come back, or shipped while the rest waits."""
    if isinstance(command, CancelLine):
        turn.say("utter_line_cancelled", number=order.number, total=cards.total(turn, order)["value"])
    elif isinstance(command, ReturnGoods):
        amount = turn.wording.money(owed(order), order.currency, turn.language)
        turn.say("utter_goods_returned", number=order.number, owed=amount)
    elif isinstance(command, CompleteShipment) and order.status is not OrderStatus.SHIPPED:
        rest = cards.goods_said(turn, order, {line.number: open_of(line) for line in order.lines})
        turn.say("utter_part_shipped", number=order.number, rest=rest)
    else:
        return False
    return True


def parcel_said(turn: Turn, command: Shipment, order: Order) -> tuple[str, str]:
    """Carrier in words and number of the parcel, as they are now."""
    wanted = command.parcel_id if isinstance(command, ChangeShipmentInformation) else None
    found = [parcel for parcel in order.parcels if wanted in {None, parcel.id}]
    carrier = found[-1].carrier if found else command.carrier or ""
    tracking = found[-1].tracking_number if found else command.tracking_number or ""
    return turn.wording.carrier(carrier, turn.language), tracking
