"""Start the customer's days to pay, where a person does it."""

from __future__ import annotations

from actions.order_command import OrderCommandAction
from actions.order_step import STEPS


class StartAccountPeriodAction(OrderCommandAction):
    """Start the account period of SO-1001."""

    action_name = "action_start_account_period"
    step = STEPS["start_account_period"]
