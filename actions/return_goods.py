"""Goods of an order have come back: which, how many, why; then a card, and the credit note after its yes."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class ReturnGoodsAction(OrderCommandAction):
    """Return 2 boxes of SO-1001, damaged."""

    action_name = "action_return_goods"
    step = STEPS["return_goods"]
