"""Settle the freight of an order, which ends its process."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class SettleFreightAction(OrderCommandAction):
    """Settle the freight of SO-1001."""

    action_name = "action_settle_freight"
    step = STEPS["settle_freight"]
