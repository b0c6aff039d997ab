"""From event to stored orders: the way that every step of the process goes, for one order or for many."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from deskhand.engine import TIMER, Refusal
from deskhand.orders.credit import CONFIRMING, CREDIT, CREDIT_GATEWAY, credit_facts
from deskhand.orders.effects import EFFECTS, REACTIONS, settlement_summary
from deskhand.orders.errors import CreditRefused, VersionConflict
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Order
from deskhand.orders.refusals import error_of
from deskhand.orders.status import OrderStatus
from deskhand.orders.work import Outcome, Step, Work, fire, let_happen, outcome_of, store

TOLD: Mapping[str, EventName] = {
    "confirm_order": EventName.ORDER_CONFIRMED,
    "receive_goods": EventName.GOODS_RECEIVED,
    "complete_shipment": EventName.SHIPMENT_COMPLETED,
    "start_account_period": EventName.ACCOUNT_PERIOD_STARTED,
    "settle_payment": EventName.PAYMENT_SETTLED,
    "settle_freight": EventName.FREIGHT_SETTLED,
    "cancel_order": EventName.ORDER_CANCELLED,
    "reject_order": EventName.ORDER_REJECTED,
    "approve_order": EventName.ORDER_CONFIRMED,
    "reservation_expired": EventName.RESERVATION_EXPIRED,
    "hold_order": EventName.ORDER_HELD,
    "release_order": EventName.ORDER_RELEASED,
}


def expect_version(order: Order, expected: int | None) -> None:
    """Raises VersionConflict, with the fresh status, if the order is not what the asker saw."""
    if expected is not None and order.row_version != expected:
        raise VersionConflict(number=order.number, status=str(order.status), version=order.row_version)


def move_one(work: Work, order: Order, event: str, **params: Any) -> Outcome:
    """One order's step.

    Raises:
        OrderError, RoleNotAllowed: the engine's refusal, in words of the order.
    """
    return outcome_of(stepped(work, order, event, params))


def stepped(work: Work, order: Order, event: str, params: Mapping[str, Any], **facts: Any) -> list[Step]:
    steps, refused = moved(work, [order], event, params, facts)
    if refused:
        raise refusal_error(work, refused[0], order, event)
    return steps


def refusal_error(work: Work, refusal: Refusal, order: Order, event: str) -> Exception:
    """In words of the order; where somebody else has moved it since it was read, that it was changed.

    Raises:
        ProcessVersionUnknown: the version that it runs on is not here.
    """
    for fresh in work.uow.orders.by_ids([order.id]):
        if fresh.row_version != order.row_version:
            return VersionConflict(number=fresh.number, status=str(fresh.status), version=fresh.row_version)
    case = work.uow.cases.many([order.id]).get(order.id)
    process = None if case is None else work.process_of(case.version)
    if refusal.node == CREDIT_GATEWAY and process is not None:
        facts = credit_facts(work.uow, work.tenant, [order], work.actor.role)[order.id]
        (rule, *_) = process.decide(CREDIT, facts).applied
        return CreditRefused(
            number=order.number, status=str(order.status), reason=rule.annotation, next="record_payment"
        )
    return error_of(refusal, order, event, work.actor, process, case)


def moved(
    work: Work,
    orders: Sequence[Order],
    event: str,
    params: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    automatic: Collection[str] = (),
) -> tuple[list[Step], tuple[Refusal, ...]]:
    """Fires the event at all of them; those that can move are stored, the others refused."""
    steps, refused = fire(work, orders, event, params, facts, automatic)
    if steps:
        carry_out(work, steps, _event_of(steps[0], event))
    return steps, refused


def carry_out(work: Work, steps: Sequence[Step], event: str) -> None:
    """What the order does itself, what the diagram says follows, what is told; then it is stored."""
    if event in REACTIONS:
        REACTIONS[event](work, steps)
    let_happen(work, steps, EFFECTS)
    for step in steps:
        consequences, step.events = step.events, []
        for name in _told(step, event):
            step.tell(name, **step.detail)
        step.events += consequences  # people hear of the step before them
    store(work, steps, event)
    if event == "settle_payment":
        summary = settlement_summary(work.tenant.today(work.now), steps)
        work.uow.outbox.publish(DomainEvent(EventName.SETTLEMENT_POSTED, None, summary), work.actor)


def _event_of(step: Step, event: str) -> str:
    """Of a timer, what it stands for: those that are fired together are of one node."""
    return step.change.event if event == TIMER and step.change else event


def _told(step: Step, event: str) -> tuple[EventName, ...]:
    """What people hear of the step; of a confirmation, what has become of it."""
    if event == "complete_shipment" and step.order.status is not OrderStatus.SHIPPED:
        return (EventName.PART_SHIPPED,)
    if event not in CONFIRMING:
        return (TOLD[event],)
    released = (EventName.ORDER_RELEASED,) if event == "release_order" else ()
    if step.order.status is OrderStatus.PENDING_APPROVAL:
        return (*released, EventName.APPROVAL_NEEDED)
    if step.order.status is OrderStatus.ON_HOLD:
        return (EventName.ORDER_HELD,)
    if not any(effect.name == "reserve_stock" for effect in step.effects):  # it goes on where it was held
        return (TOLD[event],)
    approved = (EventName.ORDER_APPROVED,) if event == "approve_order" else ()
    return (*released, *approved, EventName.ORDER_CONFIRMED)
