"""How an order is fulfilled, by scenario.dmn: path, warehouse, lead time, and what its shipment needs.

Knows no modes and no paths: which there are, and what follows from them, stands in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.engine import DecisionFailed, Explained
from deskhand.orders.model import Order
from deskhand.orders.status import DeliveryMode
from deskhand.orders.tenant import Tenant

DECISION = "scenario"
IMPORTED = "import"

Decide = Callable[[str, Mapping[str, Any]], Explained]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the table says of one kind of order; `rule` is how it calls the rule that applied."""

    path: str
    warehouse: str | None = None  # None: the company's default
    lead_days: int = 0
    cut_off: time | None = None  # what is placed later counts from the next day
    carrier: str | None = None  # None: said for each order
    needs_parcel: bool = True
    needs_tracking: bool = True
    automatic: bool = False
    rule: str = ""


def scenario_of(decide: Decide, channel: str, mode: DeliveryMode | None, appointment: bool) -> Scenario:
    """For an order of this kind; a version of the process without the table knows only collected goods and parcels."""
    try:
        found = decide(
            DECISION,
            {"channel": channel, "delivery_mode": str(mode) if mode else None, "appointment": appointment},
        )
    except DecisionFailed:
        return Scenario("courier", needs_parcel=mode is not DeliveryMode.PICKUP)
    said = found.outputs
    return Scenario(
        path=str(said["path"]),
        warehouse=said["warehouse"],
        lead_days=int(said["lead_days"] or 0),
        cut_off=time.fromisoformat(said["cut_off"]) if said["cut_off"] else None,
        carrier=said["carrier"],
        needs_parcel=bool(said["needs_parcel"]),
        needs_tracking=bool(said["needs_tracking"]),
        automatic=bool(said["automatic"]),
        rule=found.applied[-1].annotation if found.applied else "",
    )


def of_order(decide: Decide, order: Order) -> Scenario:
    """For an order that was placed."""
    return scenario_of(decide, channel_of(order), order.delivery_mode, order.appointment)


def of_orders(decide: Decide, orders: Sequence[Order]) -> dict[str, Scenario]:
    """By order id; each kind is decided once."""
    kinds: dict[tuple[str, DeliveryMode | None, bool], Scenario] = {}
    for order in orders:
        kind = (channel_of(order), order.delivery_mode, order.appointment)
        if kind not in kinds:
            kinds[kind] = scenario_of(decide, *kind)
    return {order.id: kinds[channel_of(order), order.delivery_mode, order.appointment] for order in orders}


def channel_of(order: Order) -> str:
    """Through which door it came."""
    return str(order.data.get("channel") or IMPORTED)


def earliest_day(scenario: Scenario, tenant: Tenant, now: datetime) -> date:
    """The first day on which goods ordered now can be there."""
    local = now.astimezone(ZoneInfo(tenant.time_zone))
    late = scenario.cut_off is not None and local.time() >= scenario.cut_off
    return local.date() + timedelta(days=scenario.lead_days + late)
