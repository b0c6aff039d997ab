"""Which rule of a decision table holds an order, in the words of those who wrote the table."""

from __future__ import annotations

from actions.turn import Turn
from deskhand.orders.credit import APPROVAL, in_language, reason_of
from deskhand.orders.model import Order
from deskhand.orders.status import OrderStatus


def why_waiting(turn: Turn, order: Order) -> str | None:
    """The rule by which an order is held for credit or waits for approval, as the table says it; None: no rule did.

    Customers are not told what the desk thinks of their credit.
    """
    if turn.is_customer:
        return None
    if order.status is OrderStatus.ON_HOLD:
        return in_language(order.hold_reason, turn.language) if order.hold_reason else None
    if order.status is not OrderStatus.PENDING_APPROVAL:
        return None
    for row in reversed(turn.uow.orders.history(order.id)):
        decided = row.detail.get("decided")
        reason = reason_of(decided, APPROVAL) if isinstance(decided, list) else None
        if reason is not None:
            return in_language(reason, turn.language)
    return None
