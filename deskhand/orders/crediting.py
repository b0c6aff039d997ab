"""Credit notes, and what an order still owes once they are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from deskhand.orders.events import INVOICE, EventName
from deskhand.orders.model import CreditedLine, CreditKind, CreditNote, Order, OrderLine
from deskhand.orders.money import round_amount
from deskhand.orders.packing import returned_value
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.work import Step, Work

NOTHING = Decimal(0)
_KINDS = {"cancel_order": CreditKind.ORDER_CANCELLED, "return_goods": CreditKind.RETURNED}


def owed(order: Order) -> Decimal:
    """What the customer has to pay for it in all: without what was cancelled or came back."""
    return NOTHING if order.status is OrderStatus.CANCELLED else order.total - returned_value(order)


def credit(work: Work, steps: Sequence[Step]) -> None:
    """What an order owes less than before. An invoice that has not left says so itself, one that has is credited."""
    _keep_back(work, steps)
    billed = [step for step in steps if step.order.invoice is not None and owed(step.order) < owed(step.before)]
    known = work.uow.credit_notes.of_orders([step.order.id for step in billed])
    noted = [(step, made) for step in billed if (made := _note(work, step, known.get(step.order.id, ())))]
    numbered = work.uow.credit_notes.add([note for _, note in noted])
    for (step, _), note in zip(noted, numbered, strict=True):
        step.detail["credit_note"] = note.number
        told = {"credit_note": note.number, "invoice": note.invoice, "amount": str(note.amount), "kind": str(note.kind)}
        step.tell(EventName.CREDIT_NOTE_ISSUED, **told)
    for step in steps:
        step.detail["owed"] = [str(owed(step.before)), str(owed(step.order))]
    settle_against(work, steps)


def settle_against(work: Work, steps: Sequence[Step]) -> None:
    """The payment status that follows from what is owed now and what was paid."""
    changed = [step for step in steps if owed(step.order) != owed(step.before)]
    paid = work.uow.payments.paid([step.order.id for step in changed])
    for step in changed:
        status = payment_after(step.order.payment_status, owed(step.order), paid.get(step.order.id, NOTHING))
        step.alter(payment_status=status)
        if status is PaymentStatus.PAID and step.order.paid_at is None:
            step.alter(paid_at=work.now)


def payment_after(status: PaymentStatus, owes: Decimal, paid: Decimal) -> PaymentStatus:
    """Refunded: it was paid, and all of it is credited. What was never paid and is owed no more is not open."""
    if owes <= 0 and (paid > 0 or status is PaymentStatus.PAID):
        return PaymentStatus.REFUNDED
    if 0 < owes <= paid:
        return PaymentStatus.PAID
    return PaymentStatus.PAID if owes <= 0 and status is PaymentStatus.OVERDUE else status


def take_back_credit(work: Work, order: Order, note: str | None) -> None:
    """Undo: the note never left the house, and counts for nothing."""
    if note is not None:
        work.uow.credit_notes.withdraw(note)


def billed_besides(work: Work, order: Order) -> Decimal:
    """What the invoice carries beyond the order's total: lines that were cancelled after it had left."""
    if order.invoice is None or not order.invoice.sent_count:
        return NOTHING
    notes = work.uow.credit_notes.of_orders([order.id]).get(order.id, ())
    return sum((note.amount for note in notes if note.kind is CreditKind.LINES_CANCELLED), NOTHING)


def _keep_back(work: Work, steps: Sequence[Step]) -> None:
    """The invoice of a cancelled order that has not left yet never will."""
    over = [step.order.id for step in steps if step.order.status is OrderStatus.CANCELLED]
    if over:
        work.uow.outbox.withdraw_of(over, consumers=(INVOICE,))


def _note(work: Work, step: Step, known: Sequence[CreditNote]) -> CreditNote | None:
    """The note without its number; None where the invoice has not left: it says the new total then."""
    event, invoice = step.change.event if step.change else "return_goods", step.order.invoice
    kind = _KINDS.get(event, CreditKind.LINES_CANCELLED)
    assert invoice is not None
    if not invoice.sent_count and kind is not CreditKind.RETURNED:
        if kind is CreditKind.LINES_CANCELLED:
            work.uow.invoices.change_total(invoice.number, step.order.total)
            step.alter(invoice=replace(invoice, total=step.order.total))
        return None
    left = invoice.total - sum((note.amount for note in known), NOTHING)
    amount = min(owed(step.before) - owed(step.order), left)
    if amount <= 0:
        return None
    return CreditNote(
        number="",
        order_id=step.order.id,
        invoice=invoice.number,
        kind=kind,
        amount=amount,
        currency=step.order.currency,
        reason=str(step.detail.get("reason") or ""),
        issued_at=work.now,
        lines=_lines(step, kind),
    )


def _lines(step: Step, kind: CreditKind) -> tuple[CreditedLine, ...]:
    """The goods that it is for; a header-only order has none."""
    before = {line.number: line for line in step.before.lines}
    found = []
    for line in step.order.lines:
        was = before[line.number]
        if kind is CreditKind.ORDER_CANCELLED:
            gone = NOTHING if line.cancelled else line.quantity
        elif kind is CreditKind.RETURNED:
            gone = line.returned - was.returned
        else:
            gone = _live(was) - _live(line)
        if gone:
            found.append(_credited(was, gone, step.order.currency))
    return tuple(found)


def _live(line: OrderLine) -> Decimal:
    return NOTHING if line.cancelled else line.quantity


def _credited(line: OrderLine, quantity: Decimal, currency: str) -> CreditedLine:
    amount = round_amount(line.unit_price * quantity, currency)
    return CreditedLine(line.number, line.sku, line.name, quantity, line.unit, line.unit_price, amount)
