"""Carries orders through the automatic nodes of the process, hundreds at once, until something is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from deskhand.engine import Refusal, WaitNode
from deskhand.orders.actions import action_of_event
from deskhand.orders.commands import GiveShipmentInformation, SettlePayments
from deskhand.orders.errors import DeskhandError, ProcessVersionUnknown
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor, Order
from deskhand.orders.moving import moved
from deskhand.orders.process import EVERY_CHANNEL, NAME, Process
from deskhand.orders.refusals import missing_of
from deskhand.orders.shipping import GIVE, give, parcel_of
from deskhand.orders.status import Role
from deskhand.orders.work import Outcome, Work, about, fire
from deskhand.store.ids import new_id
from deskhand.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

CHUNK = 200  # on SQLite nobody else writes meanwhile: short enough not to be felt in a conversation
CONSUMER_CHANNEL = "worker"
_SHIPS = "complete_shipment"
_SETTLES = "settle_payment"
_NEEDS_LINES = frozenset({"confirm_order", "receive_goods", _SHIPS, _SETTLES})
_PARCEL_NODE = "shipment_information_given"


@dataclass(slots=True)
class AutomaticReport:
    """`moved` counts steps; `stopped` says (order number, node, reason)."""

    moved: int = 0
    stopped: list[tuple[str, str, str]] = field(default_factory=list)


def system_actor(tenant: str) -> Actor:
    return Actor("system", Role.SYSTEM, tenant, CONSUMER_CHANNEL, new_id())


def run_automatic(desk: Desk, tenant: str, limit: int) -> AutomaticReport:
    """Until nothing moves any more or `limit` steps are done; one transaction for each node and chunk."""
    report = AutomaticReport()
    progress = True
    while progress and report.moved < limit:
        before = report.moved
        for place in _places(desk, tenant):
            while report.moved < limit and _chunk(desk, tenant, place, report, limit):
                pass
        progress = report.moved > before
    return report


def settle_due(desk: Desk, tenant: str, now: datetime | None = None) -> Outcome | None:
    """R7: once for each tenant and day, at the cut-off."""
    now = now or desk.clock()
    company = desk.tenant(tenant)
    day = company.today(now)
    if not company.cut_off_passed(now):
        return None
    with desk.unit_of_work(tenant) as uow:
        uow.outbox.lock("settlement")
        if uow.settlements.is_closed(day):
            return None
        actor = system_actor(tenant)
        outcome = desk.handle_in(uow, SettlePayments(day), actor)
        uow.settlements.open(day, actor.user_id)
        uow.settlements.close(day, actor.user_id)
        uow.commit()
        return outcome


@dataclass(frozen=True, slots=True)
class _Place:
    """A node that may be automatic for somebody, in one version of the process and one marking."""

    process: Process
    node: WaitNode
    marking: frozenset[str]


def _places(desk: Desk, tenant: str) -> Iterator[_Place]:
    """Where cases wait at such a node; of a version that is not here nothing runs by itself."""
    with desk.unit_of_work(tenant, read_only=True) as uow:
        markings = uow.cases.markings(NAME)
    for version in sorted({version for version, _ in markings}):
        try:
            process = desk.process_of(tenant, version)
        except ProcessVersionUnknown:  # `deskhand doctor` tells; their orders are refused where somebody names them
            continue
        for node in process.table.waiting:
            if node.id in process.automatic:
                wait = WaitNode(node.id, node.name, node.event, "", node.status, node.requires)
                of_node = (marking for one, marking in markings if one == version and node.id in marking)
                yield from (_Place(process, wait, marking) for marking in of_node)


def _chunk(desk: Desk, tenant: str, place: _Place, report: AutomaticReport, limit: int) -> bool:
    """One transaction; says whether there may be more."""
    node, size = place.node, min(CHUNK, limit - report.moved)
    with desk.unit_of_work(tenant) as uow:
        ids = _waiting(uow, place, size)
        orders = uow.orders.by_ids(ids, with_lines=node.event in _NEEDS_LINES)
        if not orders:
            return False
        work = desk.work(uow, system_actor(tenant))
        allowed, refused = _allowed(desk, work, uow, node.event, orders)
        try:
            with uow.savepoint():
                refused |= _carried(desk, work, uow, node, allowed)
        except DeskhandError:  # one of them spoils it: find out which
            refused |= _one_by_one(desk, uow, work, node, allowed)
        stopped = _stop(work, uow, node, orders, refused)
        uow.commit()
    report.moved += len(orders) - len(stopped)
    report.stopped += stopped
    return len(orders) == size


def _waiting(uow: UnitOfWork, place: _Place, size: int) -> Sequence[str]:
    channels, version = place.process.channels_of(place.node.id), place.process.version
    if place.node.event == _SETTLES:
        every = EVERY_CHANNEL in channels
        return uow.settlements.due_ids(uow.tenant.today(uow.now), size, automatic=not every, version=version)
    who = None if EVERY_CHANNEL in channels else channels
    return [case.id for case in uow.cases.waiting_at(NAME, version, place.marking, size, who)]


def _allowed(
    desk: Desk, work: Work, uow: UnitOfWork, event: str, orders: Sequence[Order]
) -> tuple[Sequence[Order], dict[str, str]]:
    """The orders that permissions.yml lets the worker carry on, and why not the rest; one row in the audit says so."""
    action = action_of_event(event)
    allowed, refused = desk.rights.sorted_out(uow, action, work.actor, orders)
    if refused:
        numbers = sorted(order.number for order in orders if order.id in refused)
        first = next(iter(refused.values()))
        uow.audit.add(work.actor, action, numbers[0], "refused", {"code": first.code, "orders": numbers})
    return allowed, {order_id: f"{error.code}: {error}" for order_id, error in refused.items()}


def _carried(desk: Desk, work: Work, uow: UnitOfWork, node: WaitNode, orders: Sequence[Order]) -> dict[str, str]:
    """Moves what can move; reasons by order id for the rest."""
    if node.event == _SHIPS:
        orders = _packed(desk, work, uow, orders)
    facts = {"due_or_forced": True} if node.event == _SETTLES else None
    _, refused = moved(work, orders, node.event, facts=facts, automatic={node.id})
    return {refusal.case_id: reason_of(refusal) for refusal in refused}


def _packed(desk: Desk, work: Work, uow: UnitOfWork, orders: Sequence[Order]) -> Sequence[Order]:
    """Orders whose import brought carrier and tracking number get their parcel now that R1 allows it."""
    ready: Sequence[Order] = [order for order in orders if not order.parcels and _planned(order)]
    if ready:
        ready, _ = _allowed(desk, work, uow, GIVE, ready)
    if not ready:
        return orders
    steps, _ = fire(work, ready, GIVE, automatic={_PARCEL_NODE})
    parcels = [parcel_of(work, step.order, _information(step.order)) for step in steps]
    given = {order.id: order for order in give(work, steps, parcels)}
    return [given.get(order.id, order) for order in orders]


def _planned(order: Order) -> bool:
    return bool(order.data.get("carrier") and order.data.get("tracking_number") and order.address)


def _information(order: Order) -> GiveShipmentInformation:
    return GiveShipmentInformation(order.number, str(order.data["carrier"]), str(order.data["tracking_number"]))


def _one_by_one(desk: Desk, uow: UnitOfWork, work: Work, node: WaitNode, orders: Sequence[Order]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for order in orders:
        try:
            with uow.savepoint():
                reasons |= _carried(desk, work, uow, node, uow.orders.by_ids([order.id]))
        except DeskhandError as error:
            reasons[order.id] = f"{error.code}: {error}"
    return reasons


def reason_of(refusal: Refusal) -> str:
    """`missing: carrier, tracking_number`, or the engine's code with its detail."""
    missing = missing_of(refusal)
    return f"missing: {missing}" if missing else f"{refusal.code}: {refusal.detail}"


def _stop(
    work: Work, uow: UnitOfWork, node: WaitNode, orders: Sequence[Order], refused: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Remembers where and why, and tells it once."""
    stopped = [order for order in orders if order.id in refused]
    uow.cases.stop([(order.id, node.id, refused[order.id]) for order in stopped])
    told = [
        DomainEvent(
            EventName.CASE_STOPPED, order.id, about(order, order) | {"node": node.id, "reason": refused[order.id]}
        )
        for order in stopped
    ]
    uow.outbox.publish(told, work.actor)
    return [(order.number, node.id, refused[order.id]) for order in stopped]
