"""What can be seen of credit notes and stock, and an invoice that has left the house."""

from __future__ import annotations

from decimal import Decimal

from deskhand.orders.model import CreditNote, Order
from deskhand.orders.stock import StockLevel
from deskhand.store import Desk
from tests.support.desks import TENANT, FakeClock, fresh


def sent_invoice(desk: Desk, clock: FakeClock, order: Order) -> Order:
    """The order once its invoice has left, as the worker does it, and the undo window is over."""
    clock.forward(minutes=1)
    assert order.invoice is not None
    with desk.unit_of_work(TENANT) as uow:
        for delivery in uow.outbox.claim("invoice"):
            uow.outbox.done(delivery)
        uow.invoices.mark_sent(order.invoice.number)
        uow.commit()
    return fresh(desk, order.number)


def credit_notes(desk: Desk, order: Order) -> tuple[CreditNote, ...]:
    """Those that count."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.credit_notes.of_orders([order.id]).get(order.id, ())


def stock(desk: Desk, sku: str = "PAPER-A4") -> StockLevel:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.stock.level(sku, "main")


def amounts(notes: tuple[CreditNote, ...]) -> list[Decimal]:
    return [note.amount for note in notes]
