"""Cancel an order, or some goods of one, with a reason."""

from __future__ import annotations

from actions import amend_order
from actions.cards import reject_waiting
from actions.order_command import OrderCommandAction, begin
from actions.order_goods import readings_in
from actions.order_step import STEPS
from actions.turn import Event, Turn
from deskhand.language import cancels_goods, is_leave


class CancelOrderAction(OrderCommandAction):
    """Cancel SO-1001, because ...; cancel the printers on SO-1001."""

    action_name = "action_cancel_order"
    step = STEPS["cancel_order"]

    def act(self, turn: Turn) -> list[Event]:
        """A bare "cancel" means the card that waits, if one does; so many of some goods fewer are an amendment."""
        if is_leave(turn.text) and reject_waiting(turn):
            return []
        goods = cancels_goods(turn.text, turn.catalogue.names)
        if goods is None:
            return super().act(turn)
        if any(each.quantity is not None for each in readings_in(turn, goods)):
            return amend_order.begin(turn)
        return begin(turn, STEPS["cancel_line"])
