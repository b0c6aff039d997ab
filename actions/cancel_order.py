"""Cancel an order, with a reason."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class CancelOrderAction(OrderCommandAction):
    """Cancel SO-1001, because ..."""

    action_name = "action_cancel_order"
    step = STEPS["cancel_order"]
