"""The engine's refusal of one order -> the error that says so to people."""

from __future__ import annotations

from deskhand.engine import Case, Refusal
from deskhand.orders.errors import (
    DataMissing,
    DeskhandError,
    NotAwaitingShipment,
    NotCovered,
    NotPossibleNow,
    ParcelAlreadyGiven,
    RoleNotAllowed,
)
from deskhand.orders.model import Actor, Order
from deskhand.orders.process import Process
from deskhand.orders.work import Work

_MISSING = {
    "customer_known": "customer",
    "has_lines_or_total": "lines, total",
    "warehouse_known": "warehouse",
    "has_parcels": "carrier, tracking_number",
    "freight_known": "freight",
    "decide_freight": "freight",
}
_SHIPMENT_INFORMATION = "give_shipment_information"
_LEADS_TO = {_MISSING["has_parcels"]: _SHIPMENT_INFORMATION, _MISSING["has_lines_or_total"]: "amend_order"}


def error_of(
    refusal: Refusal, order: Order, event: str, actor: Actor, process: Process | None, case: Case | None
) -> DeskhandError:
    """The error, with all that its text needs: number, present status, what would be next."""
    if refusal.code == "role_not_allowed":
        return RoleNotAllowed(role=str(actor.role), event=event, able=_able(refusal, process))
    said = {"number": order.number, "status": str(order.status), "event": event}
    if missing := missing_of(refusal):
        return DataMissing(**said, missing=missing, next=_LEADS_TO.get(missing, event))
    following = next_of(process, case)
    if refusal.code in ("all_lines_covered", "goods_ready"):
        return NotCovered(**said, next=following)
    return _kind(refusal, event)(**said, next=following, possible=refusal.expected)


def _able(refusal: Refusal, process: Process | None) -> str:
    """The roles whose step it is in the diagram."""
    node = process.table.nodes.get(refusal.node or "") if process is not None else None
    return ", ".join(sorted(node.roles)) if node is not None else ""


def _kind(refusal: Refusal, event: str) -> type[NotPossibleNow]:
    if refusal.code in ("no_parcels", "lines_not_packed"):
        return ParcelAlreadyGiven
    return NotAwaitingShipment if event == _SHIPMENT_INFORMATION else NotPossibleNow


def next_event(work: Work, order: Order) -> str:
    """What the order waits for now; empty when it is over."""
    case = work.uow.cases.many([order.id]).get(order.id)
    return next_of(work.process_of(case.version), case) if case is not None else ""


def next_of(process: Process | None, case: Case | None) -> str:
    """The event that the case waits for; empty when it is over."""
    nodes = process.waiting(case) if case is not None and process is not None else ()
    return nodes[0].event if nodes else ""


def missing_of(refusal: Refusal) -> str:
    """Which data the case lacks, in words of the order; empty if it stopped for another reason."""
    code = refusal.code.removeprefix("missing:")
    if code == "no_path":
        code = refusal.node or ""
    return _MISSING.get(code, "")
