"""Approve or reject an order that was confirmed above a limit. What is said of tasks in general is read elsewhere."""

from __future__ import annotations

import re

from actions.order_command import begin, proceed
from actions.order_reference import visible_order
from actions.order_step import STEPS, OrderStep, Said
from actions.turn import Event, Turn
from deskhand.language import normalise, read_order_numbers, read_reason
from deskhand.orders.model import Order

APPROVE, REJECT = "approve_order", "reject_order"
_BARE = re.compile(r"(?<![A-Za-z0-9-])\d{3,9}(?![A-Za-z0-9-])")


def of_named(turn: Turn, rejected: bool, reason: str | None = None) -> list[Event] | None:
    """The card for the order that is named; None where no order is."""
    step = _step(rejected)
    order = _named(turn, step)
    if order is None:
        return None
    turn.void_command_card()
    said = Said(reason or read_reason(turn.text)) if rejected else Said()
    return proceed(turn, step, order, said)


def of_waiting(turn: Turn, rejected: bool) -> list[Event] | None:
    """For the orders that wait for approval, where nothing is named; None where none does."""
    step = _step(rejected)
    waiting = turn.uow.orders.list(turn.own_customer, step.states, limit=1).items
    return begin(turn, step) if waiting else None


def _step(rejected: bool) -> OrderStep:
    return STEPS[REJECT if rejected else APPROVE]


def _named(turn: Turn, step: OrderStep) -> Order | None:
    """By its number; bare digits are an order only where such a one waits."""
    for number in read_order_numbers(turn.text):
        return visible_order(turn, number)
    found = [
        order
        for digits in _BARE.findall(normalise(turn.text))
        for order in turn.uow.orders.find(digits, turn.own_customer)
        if order.status in step.states
    ]
    return found[0] if len(found) == 1 else None
