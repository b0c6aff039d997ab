"""Record a payment: its amount and its reference are asked for."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class RecordPaymentAction(OrderCommandAction):
    """SO-1001 was paid: 3000, reference TX1."""

    action_name = "action_record_payment"
    step = STEPS["record_payment"]
