"""One piece of work on orders: fire an event at their cases, let the effects happen, store it all. Set-based.

The same code carries one order of a conversation and five hundred of an import.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from deskhand.engine import Case, Change, Effect, Event, Plan, Refusal
from deskhand.orders.changes import changed, changed_personal, parted, stock_said
from deskhand.orders.errors import ProcessVersionUnknown, VersionConflict
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.facts import facts_of
from deskhand.orders.history import Entry
from deskhand.orders.model import Actor, Order
from deskhand.orders.ports import UnitOfWork
from deskhand.orders.process import Process
from deskhand.orders.scenario import Scenario, of_orders
from deskhand.orders.status import OrderStatus, Role
from deskhand.orders.stock import StockMove
from deskhand.orders.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Work:
    """What every handler gets: the transaction, the process, the company, who acts and when.

    `process_of` gives the process that a case of some version runs on, or (None) that one runs on which begins now.
    `named`: the orders that the command names, where the right to it had them loaded; they are not loaded twice.
    """

    uow: UnitOfWork
    process_of: Callable[[int | None], Process]
    tenant: Tenant
    actor: Actor
    named: Sequence[Order] = ()

    @property
    def now(self) -> datetime:
        return self.uow.now

    @property
    def process(self) -> Process:
        """What new cases begin on."""
        return self.process_of(None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command has done. `orders`: the numbers of all it touched; `refused`: those of a batch that stayed.

    `on_behalf_of`: the colleague who is away and whose role it took; None: the actor's own sufficed.
    """

    order: Order | None
    events: tuple[DomainEvent, ...] = ()
    orders: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    previous_status: OrderStatus | None = None
    on_behalf_of: str | None = None


@dataclass(slots=True)
class Step:
    """One order's way through one event: as it was, as it will be, and what is to be told."""

    before: Order
    order: Order
    change: Change | None  # None: the case stays where it is
    facts: Mapping[str, Any] = field(default_factory=dict)
    detail: dict[str, object] = field(default_factory=dict)
    personal: dict[str, object] | None = None
    events: list[DomainEvent] = field(default_factory=list)

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.change.effects if self.change else ()

    def alter(self, **values: Any) -> None:
        self.order = replace(self.order, **values)

    def tell(self, name: EventName, **more: object) -> None:
        """Adds an event about this order; every event says number, customer and both statuses."""
        self.events.append(DomainEvent(name, self.order.id, {**about(self.order, self.before), **more}))


Reaction = Callable[[Work, Sequence[Step]], None]


def about(order: Order, before: Order | None = None) -> dict[str, object]:
    """What every event says of its order; `before` is left out where the status stays."""
    said: dict[str, object] = {
        "number": order.number,
        "status": str(order.status),
        "customer_id": order.customer_id,
        "customer_name": order.customer_name,
        "total": str(order.total),
        "currency": order.currency,
        "payment_status": str(order.payment_status),
    }
    if before is None or before.status is not order.status:
        said["before"] = None if before is None else str(before.status)
    return said


def fire(
    work: Work,
    orders: Sequence[Order],
    event: str,
    params: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    automatic: Collection[str] = (),
) -> tuple[list[Step], tuple[Refusal, ...]]:
    """Asks the engine and moves the cases; the orders themselves are stored by `store`.

    The cases come first: of two who do the same at once, one waits here and learns that the order has changed.

    Args:
        facts: those that the caller states for all of them.
    """
    cases = work.uow.cases.many([order.id for order in orders])
    known = facts_of(work.uow, work.tenant, orders, event, work.actor.role, scenarios_of(work, orders, cases))
    stated = {order_id: {**each, **(facts or {})} for order_id, each in known.items()}
    plan = planned(work, list(cases.values()), Event(event, params or {}), stated, automatic)
    by_id = {order.id: order for order in orders}
    take(work, plan.changes, by_id)
    return [step_of(by_id[change.case_id], change, stated[change.case_id]) for change in plan.changes], plan.refusals


def scenarios_of(work: Work, orders: Sequence[Order], cases: Mapping[str, Case]) -> dict[str, Scenario]:
    """How each is fulfilled, by the version of the process that it began with."""
    versions: dict[int | None, list[Order]] = {}
    for order in orders:
        case = cases.get(order.id)
        versions.setdefault(case.version if case else None, []).append(order)
    found: dict[str, Scenario] = {}
    for version, some in versions.items():
        try:
            process = work.process_of(version)
        except ProcessVersionUnknown:  # it is refused for that, whatever the facts are
            process = work.process
        found |= of_orders(process.decide, some)
    return found


def planned(
    work: Work, cases: Sequence[Case], event: Event, facts: Mapping[str, Mapping[str, Any]], automatic: Collection[str]
) -> Plan:
    """Each case on the version that it began with. One whose version is not here is refused, the others go on."""
    versions: dict[int, list[Case]] = {}
    for case in cases:
        versions.setdefault(case.version, []).append(case)
    changes: list[Change] = []
    refusals: list[Refusal] = []
    for version, some in versions.items():
        try:
            process = work.process_of(version)
        except ProcessVersionUnknown as error:
            refusals += [Refusal(case.id, error.code, None, None, (), str(error)) for case in some]
            continue
        plan = process.plan(some, event, work.actor, facts, work.now, automatic)
        changes += plan.changes
        refusals += plan.refusals
    return Plan(tuple(changes), tuple(refusals))


def take(work: Work, changes: Sequence[Change], orders: Mapping[str, Order]) -> None:
    """Moves the cases.

    Raises:
        VersionConflict: with the fresh status, if somebody else has moved one of them.
    """
    try:
        work.uow.cases.apply(changes)
    except VersionConflict as error:
        for fresh in work.uow.orders.by_ids([change.case_id for change in changes]):
            if fresh.row_version != orders[fresh.id].row_version:
                raise VersionConflict(
                    number=fresh.number, status=str(fresh.status), version=fresh.row_version
                ) from error
        raise


def step_of(order: Order, change: Change, facts: Mapping[str, Any] | None = None) -> Step:
    status = OrderStatus(change.status) if change.status else order.status
    return Step(order, replace(order, status=status, stopped_node=None, stopped_reason=None), change, facts or {})


def let_happen(work: Work, steps: Sequence[Step], effects: Mapping[str, Reaction]) -> None:
    """Runs every effect once for all the orders that have it, in the order of the diagram."""
    for name in dict.fromkeys(effect.name for step in steps for effect in step.effects):
        effects[name](work, [step for step in steps if any(effect.name == name for effect in step.effects)])


def store(work: Work, steps: Sequence[Step], event: str) -> list[Order]:
    """Orders, history and outbox, under the versions that were read."""
    work.uow.cases.resume([step.order.id for step in steps if not step.change])
    moved = work.uow.stock.noted()
    entries = [_entry(work, step, event, moved.get(step.order.id, ())) for step in steps]
    saved = work.uow.orders.save(entries, work.actor)
    work.uow.outbox.publish([told for step in steps for told in step.events], work.actor)
    for step, order in zip(steps, saved, strict=True):
        step.order = order
    return saved


def outcome_of(steps: Sequence[Step], refused: Sequence[Refusal] = ()) -> Outcome:
    first = steps[0] if steps else None
    return Outcome(
        order=first.order if first else None,
        events=tuple(told for step in steps for told in step.events),
        orders=tuple(step.order.number for step in steps),
        refused=tuple(refused),
        previous_status=first.before.status if first else None,
    )


def _entry(work: Work, step: Step, event: str, moves: Sequence[StockMove]) -> Entry:
    """What the history says: the step's own words, what it changed and moved, and how to undo it."""
    detail, free = parted(step.detail)
    personal = {**(step.personal or {}), **free}
    if decided := decided_in(step):
        detail["decided"] = decided
    for part, values in (("changed", changed(step.before, step.order)), ("stock", stock_said(moves))):
        if values:
            detail[part] = values
    if others := changed_personal(step.before, step.order):
        personal["changed_personal"] = others
    if step.change is not None and work.actor.role is not Role.SYSTEM:  # nobody undoes the worker's
        detail["case"], data = _case_said(step.change)
        personal |= {"case_data": data} if data else {}
    return Entry(step.order, event, str(step.before.status), detail, personal or None)


def decided_in(step: Step) -> list[dict[str, object]]:
    """Which rules of which tables led to the step, with what they looked at: so it can be told one day."""
    applied = [rule for each in (step.change.decided if step.change else ()) for rule in each.applied]
    return [
        {
            "decision": rule.decision,
            "rule": rule.rule_number,
            "annotation": rule.annotation,
            "inputs": {name: _plain(value) for name, value in rule.inputs.items()},
            "outputs": {name: _plain(value) for name, value in rule.outputs.items()},
        }
        for rule in applied
    ]


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | str) else str(value)


def _case_said(change: Change) -> tuple[dict[str, object], dict[str, object]]:
    """What undo needs of the case; apart from it the free text."""
    data, free = parted({k: v for k, v in change.data_before.items() if not isinstance(v, Decimal)})
    kept: dict[str, object] = {
        "before": sorted(change.before),
        "after": sorted(change.after),
        "node": change.node,
        "event": change.event,
        "due_before": change.due_before.isoformat() if change.due_before else None,
        "data_before": data,
        "effects": [effect.name for effect in change.effects],
    }
    return kept, free
