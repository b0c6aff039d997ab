"""Orders held for credit are looked at again when their customer has paid: whoever may release them is told.

They are not released by themselves: they were held so that a person looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from deskhand.orders.credit import CREDIT, standing_of
from deskhand.orders.errors import ProcessVersionUnknown
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Order
from deskhand.orders.process import Process
from deskhand.orders.work import Work, about

HELD_FOR_CREDIT = "held_credit"  # the node of the diagram
_GOES_ON = "go_on"


def tell_of_credit(work: Work, customer_id: str) -> tuple[DomainEvent, ...]:
    """Says of each of the customer's held orders, the oldest first, that the table would let it go on by now."""
    held = work.uow.orders.on_hold_of(customer_id)
    told = tuple(
        DomainEvent(EventName.CREDIT_CLEARED, order.id, about(order, order) | {"reason": order.hold_reason})
        for order in _cleared(work, held)
    )
    if told:
        work.uow.outbox.publish(told, work.actor)
    return told


def _cleared(work: Work, held: Sequence[Order]) -> Iterator[Order]:
    """Those that fit one after the other: what the first takes of the limit is not there for the next."""
    cases = work.uow.cases.many([order.id for order in held])
    customers = work.uow.customers.many({order.customer_id for order in held})
    taken = Decimal(0)
    for order in held:
        process = _process_of(work, cases[order.id].version)
        if HELD_FOR_CREDIT not in cases[order.id].marking or process is None:
            continue
        facts = standing_of(work.uow, work.tenant, [order], work.actor.role, customers)[order.id]
        if facts["over_limit"] is not None:
            facts["over_limit"] += taken
        if process.decide(CREDIT, facts).outputs.get(CREDIT) == _GOES_ON:
            taken += order.total if facts["over_limit"] is not None else 0
            yield order


def _process_of(work: Work, version: int) -> Process | None:
    try:
        return work.process_of(version)
    except ProcessVersionUnknown:  # it can't be released either before somebody has looked after the version
        return None
