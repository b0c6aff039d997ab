"""Settle payments: of one order at once, or of every order that is due today."""

from __future__ import annotations

from decimal import Decimal

from actions import cards
from actions.order_command import OrderCommandAction
from actions.order_reference import named_customers, named_orders, says_last
from actions.order_step import STEPS, to_payload
from actions.turn import Event, Turn
from deskhand.language import is_question
from deskhand.orders.commands import SettlePayments
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.status import PaymentStatus
from deskhand.orders.work import Outcome

DAY = "settle_day"


class SettlePaymentAction(OrderCommandAction):
    """Settle SO-1001; run today's settlement."""

    action_name = "action_settle_payment"
    step = STEPS["settle_payment"]

    def act(self, turn: Turn) -> list[Event]:
        """Without an order, whoever's, it is the day's settlement."""
        if is_question(turn.text) or named_orders(turn) or named_customers(turn) or says_last(turn):
            return super().act(turn)
        turn.void_command_card()
        command = SettlePayments(turn.today)
        outcome = turn.rehearse(command)
        if not outcome.orders:
            turn.say("utter_nothing_due")
            return []
        turn.say("utter_card_check")
        face = cards.face(turn, "command", cards.title(turn, DAY), _facts(turn, outcome))
        cards.issue(turn, face, {**to_payload(command), "kind": DAY}, cards.yes_or_no(turn))
        return []


def _facts(turn: Turn, outcome: Outcome) -> list[cards.Fact]:
    """The day, how many orders, and what they come to."""
    return [
        ("settlement_day", turn.wording.day(turn.today, turn.language)),
        ("report_orders", str(len(outcome.orders))),
        ("settled_paid", str(_paid(outcome))),
        ("total", totals(turn, outcome)),
        ("effect", turn.wording.say("effects", DAY, turn.language)),
    ]


def _paid(outcome: Outcome) -> int:
    """How many of them leave the settlement paid; the others are posted to the account."""
    return sum(event.payload.get("payment_status") == str(PaymentStatus.PAID) for event in _of_orders(outcome))


def totals(turn: Turn, outcome: Outcome) -> str:
    """What the orders that were settled came to, for each currency."""
    sums: dict[str, Decimal] = {}
    for event in _of_orders(outcome):
        currency = str(event.payload["currency"])
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(str(event.payload["owed"]))
    return ", ".join(turn.wording.money(amount, currency, turn.language) for currency, amount in sums.items())


def _of_orders(outcome: Outcome) -> list[DomainEvent]:
    return [event for event in outcome.events if event.name is EventName.PAYMENT_SETTLED]


def say_settled(turn: Turn, outcome: Outcome) -> None:
    """What became of the day's settlement."""
    paid = _paid(outcome)
    turn.say("utter_day_settled", count=len(outcome.orders), paid=paid, overdue=len(outcome.orders) - paid)
