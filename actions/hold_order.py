"""Hold an order: nothing happens to it until it is released."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class HoldOrderAction(OrderCommandAction):
    """Put SO-1001 on hold until ..."""

    action_name = "action_hold_order"
    step = STEPS["hold_order"]
