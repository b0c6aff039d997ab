"""Cancel an order, with a reason."""

from __future__ import annotations

from actions.cards import reject_waiting
from actions.order_command import OrderCommandAction
from actions.order_step import STEPS
from actions.turn import Event, Turn
from deskhand.language import is_leave


class CancelOrderAction(OrderCommandAction):
    """Cancel SO-1001, because ..."""

    action_name = "action_cancel_order"
    step = STEPS["cancel_order"]

    def act(self, turn: Turn) -> list[Event]:
        """A bare "cancel" means the card that waits, if one does."""
        if is_leave(turn.text) and reject_waiting(turn):
            return []
        return super().act(turn)
