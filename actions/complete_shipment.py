"""Complete the shipment of an order: everything has left the house."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class CompleteShipmentAction(OrderCommandAction):
    """SO-1001 has shipped."""

    action_name = "action_complete_shipment"
    step = STEPS["complete_shipment"]
