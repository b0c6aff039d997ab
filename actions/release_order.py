"""Release an order that is on hold: it goes on where it was held."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class ReleaseOrderAction(OrderCommandAction):
    """Take SO-1001 off hold."""

    action_name = "action_release_order"
    step = STEPS["release_order"]
