"""Which rule of a decision table holds an order, in the words of those who wrote the table."""

from __future__ import annotations

from actions.refusal_words import roles
from actions.turn import Turn
from deskhand.engine import WaitNode
from deskhand.orders.clearing import HELD_FOR_CREDIT
from deskhand.orders.credit import APPROVAL, in_language, reason_of
from deskhand.orders.events import EventName
from deskhand.orders.model import Order
from deskhand.orders.status import OrderStatus
from deskhand.orders.work import Outcome


def say_why_waiting(turn: Turn, order: Order) -> None:
    """The rule, who goes on with the order, and of a hold for credit that a payment has it looked at again."""
    rule = why_waiting(turn, order)
    if rule is None:
        return
    node = _waits_at(turn, order)
    step = turn.wording.say("steps", node.event, turn.language) if node else ""
    able = roles(turn, ", ".join(node.role.split())) if node else ""
    turn.say("utter_waits_by_rule", number=order.number, rule=rule, step=step, able=able)
    if node is not None and node.id == HELD_FOR_CREDIT:
        turn.say("utter_credit_is_looked_at")


def say_cleared(turn: Turn, outcome: Outcome) -> None:
    """Which orders, held for credit before, a payment has made room for."""
    for event in outcome.events:
        if event.name is EventName.CREDIT_CLEARED:
            turn.say("utter_credit_cleared", number=event.payload["number"])


def _waits_at(turn: Turn, order: Order) -> WaitNode | None:
    case = turn.uow.cases.many([order.id]).get(order.id)
    nodes = turn.services.desk.process_of(turn.claims.tenant, case.version).waiting(case) if case else ()
    return nodes[0] if nodes else None


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
