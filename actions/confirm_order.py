"""Confirm an order: the invoice goes out, the warehouse is told."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class ConfirmOrderAction(OrderCommandAction):
    """Confirm SO-1001."""

    action_name = "action_confirm_order"
    step = STEPS["confirm_order"]
