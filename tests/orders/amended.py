"""What amendments of the sample order ask for, and what can be seen of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from deskhand.orders.commands import (
    NewLine,
)
from deskhand.orders.events import EventName
from deskhand.orders.model import Order
from deskhand.orders.money import Money
from deskhand.store import Desk
from tests.support.desks import (
    TENANT,
)

AMENDABLE = ["pending_confirmation", "confirmed", "awaiting_shipment"]
THIRTY = (NewLine("PAPER-A4", Decimal(30), "box"), NewLine("PRN-L100", Decimal(3)))
FEWER = (NewLine("PAPER-A4", Decimal(5), "box"),)


def reserved(desk: Desk, sku: str = "PAPER-A4") -> Decimal:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.stock.level(sku, "main").reserved


def reprice(desk: Desk, sku: str, price: str) -> None:
    with desk.unit_of_work(TENANT) as uow:
        product = replace(uow.products.get(sku), price=Money(Decimal(price), "CNY"))
        uow.products.upsert_all([product])
        uow.commit()


def invoice_requests(desk: Desk, order: Order) -> list[tuple[object, object]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        events = [stored.event for stored in uow.outbox.events_of(order.id)]
    asked = [event.payload for event in events if event.name is EventName.INVOICE_REQUESTED]
    return [(payload["invoice"], payload["again"]) for payload in asked]
