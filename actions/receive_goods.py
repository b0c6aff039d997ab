"""Receive the goods of an order into stock."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class ReceiveGoodsAction(OrderCommandAction):
    """The goods for SO-1001 are here."""

    action_name = "action_receive_goods"
    step = STEPS["receive_goods"]
