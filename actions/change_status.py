"""Change the status of an order: nobody sets a status, so the step that leads to it is said and offered."""

from __future__ import annotations

from actions.desk_action import DeskAction
from actions.order_command import begin
from actions.order_step import STEPS
from actions.query_order import asked_for, tell
from actions.turn import Event, Turn
from deskhand.language import is_question, normalise
from deskhand.orders.status import OrderStatus, PaymentStatus

_LEADS_TO = {
    str(OrderStatus.CONFIRMED): "confirm_order",
    str(OrderStatus.AWAITING_SHIPMENT): "receive_goods",
    str(OrderStatus.SHIPPED): "complete_shipment",
    str(OrderStatus.IN_ACCOUNT_PERIOD): "start_account_period",
    str(OrderStatus.SETTLED): "settle_payment",
    str(OrderStatus.CANCELLED): "cancel_order",
    str(OrderStatus.ON_HOLD): "hold_order",
    "released": "release_order",
    str(PaymentStatus.PAID): "record_payment",
}


class ChangeStatusAction(DeskAction):
    """ "Set SO-1001 to shipped": completing its shipment leads there."""

    action_name = "action_change_status"

    def act(self, turn: Turn) -> list[Event]:
        if is_question(turn.text):
            tell(turn, asked_for(turn))
            return []
        wanted = next(iter(turn.wording.codes_in("status_targets", normalise(turn.text))), None)
        if wanted is None:
            turn.void_command_card()
            turn.say("utter_which_status")
            return []
        kind = _LEADS_TO[wanted]
        if turn.wording.codes_in("status_asked", normalise(turn.text)):
            turn.say("utter_status_by_step", step=turn.wording.say("meanings", kind, turn.language))
        return begin(turn, STEPS[kind])
