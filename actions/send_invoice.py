"""Send the invoice of an order once more, under its number."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class SendInvoiceAction(OrderCommandAction):
    """Send the invoice of SO-1001 again."""

    action_name = "action_send_invoice"
    step = STEPS["send_invoice"]
