"""R7 and R8: payments, the daily settlement, freight."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from deskhand.engine import TIMER, Refusal
from deskhand.orders.clearing import tell_of_credit
from deskhand.orders.commands import RecordPayment, SettlePayments
from deskhand.orders.crediting import owed
from deskhand.orders.errors import InvalidQuantity, NotPossibleNow, PaymentAboveTotal, UnknownOrder
from deskhand.orders.events import EventName
from deskhand.orders.model import Order
from deskhand.orders.moving import moved, refusal_error
from deskhand.orders.placing import MOST_MONEY
from deskhand.orders.status import OrderStatus, PaymentStatus, Role
from deskhand.orders.work import Outcome, Step, Work, outcome_of, store

CHUNK = 500


def record_payment(work: Work, command: RecordPayment, order: Order) -> Outcome:
    """A payment is recorded once for each reference; the order is paid when the sum covers its total.

    Raises:
        InvalidQuantity: if the amount is not a sum of money.
        NotPossibleNow: on a cancelled order.
        PaymentAboveTotal: if it is more than is still to be paid.
    """
    if not command.amount.is_finite() or not 0 < command.amount <= MOST_MONEY:
        raise InvalidQuantity(quantity=str(command.amount))
    if order.status is OrderStatus.CANCELLED:
        raise NotPossibleNow(number=order.number, status=str(order.status), event="record_payment", next="")
    at = command.paid_at or work.now
    if not work.uow.payments.record(order, command.amount, command.reference, at, work.actor.user_id):
        return Outcome(order, orders=(order.number,), previous_status=order.status)
    paid = work.uow.payments.paid([order.id]).get(order.id, Decimal(0))
    if paid > owed(order):
        left = owed(order) - paid + command.amount
        said = {"owed": str(left), "amount": str(command.amount), "currency": order.currency}
        raise PaymentAboveTotal(number=order.number, status=str(order.status), **said)
    step = Step(order, order, None)
    if paid >= owed(order):
        step.order = replace(order, payment_status=PaymentStatus.PAID, paid_at=at)
    step.detail |= {"amount": str(command.amount), "reference": command.reference, "paid": str(paid)}
    step.tell(EventName.PAYMENT_RECORDED, **step.detail, open=str(owed(order) - paid))
    store(work, [step], "record_payment")
    outcome = outcome_of([step])
    return replace(outcome, events=(*outcome.events, *tell_of_credit(work, order.customer_id)))


def settle_payments(work: Work, command: SettlePayments) -> Outcome:
    """R7: with `numbers` at once, because finance asks; otherwise every order due on the day.

    Raises:
        UnknownOrder: if one of the numbers does not exist.
        NotPossibleNow: if the only one named is not in its account period.
    """
    if command.numbers is not None:
        return _at_once(work, command.numbers)
    steps: list[Step] = []
    refused: list[Refusal] = []
    while ids := work.uow.settlements.due_ids(command.day, CHUNK):
        done, left = settle_due(work, work.uow.orders.by_ids(ids))
        steps += done
        refused += left
        if left or not done:
            break
    return outcome_of(steps, refused)


def settle_due(work: Work, orders: list[Order]) -> tuple[list[Step], tuple[Refusal, ...]]:
    """Their day has come: the diagram's timer for the worker, the node itself for a person."""
    if work.actor.role is Role.SYSTEM:
        return moved(work, orders, TIMER)
    return moved(work, orders, "settle_payment", facts={"due_or_forced": True})


def _at_once(work: Work, numbers: tuple[str, ...]) -> Outcome:
    orders = work.named or work.uow.orders.by_numbers(numbers)
    if len(orders) < len(set(numbers)):
        known = {order.number for order in orders}
        raise UnknownOrder(number=", ".join(number for number in numbers if number not in known))
    steps, refused = moved(work, orders, "settle_payment", facts={"due_or_forced": True})
    if refused and not steps:
        order = next(each for each in orders if each.id == refused[0].case_id)
        raise refusal_error(work, refused[0], order, "settle_payment")
    return outcome_of(steps, refused)
