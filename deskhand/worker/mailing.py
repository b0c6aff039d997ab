"""Consumer `mail`: makes the documents of a sending, lays them in the outbox folder, hands them to the mail server.

The sending was counted before; its key (INV-1001-2) names files and messages, so that doing it again changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deskhand.documents import (
    Sheet,
    Stationery,
    credit_note_sheet,
    delivery_note_numbers,
    delivery_note_sheets,
    invoice_sheet,
    to_html,
    to_pdf,
)
from deskhand.orders.events import MAIL, EventName
from deskhand.orders.model import CreditNote, Customer, Invoice, Order, Product
from deskhand.orders.tenant import Tenant
from deskhand.store import Delivery, Desk, UnitOfWork
from deskhand.worker.consumer import acting
from deskhand.worker.mail_message import Attachment, Letter, to_message
from deskhand.worker.outbox_folder import OutboxFolder
from deskhand.worker.smtp import MailServer

SENT, LEFT_IN_FOLDER, NOT_REACHABLE = "sent", "left_in_folder", "not_reachable"


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything about one sending, read in one transaction."""

    order: Order
    customer: Customer
    invoice: Invoice | None
    credited: Sequence[CreditNote]
    products: Mapping[str, Product]


@dataclass(frozen=True, slots=True)
class _Parcel:
    """One sending: `key` names its message, each sheet's name its files."""

    key: str
    subject: str
    body: str
    sheets: Sequence[tuple[str, Sheet]]


class MailConsumer:
    name = MAIL

    def __init__(
        self, desk: Desk, stationery: Stationery, folder: OutboxFolder, sender: str, server: MailServer | None
    ) -> None:
        self._desk = desk
        self._stationery = stationery
        self._folder = folder
        self._sender = sender
        self._server = server

    async def consume(self, tenant: Tenant, delivery: Delivery) -> None:
        await asyncio.to_thread(self._carry, tenant, delivery)

    def _carry(self, tenant: Tenant, delivery: Delivery) -> None:
        case = self._look(tenant, delivery)
        made = self._made(tenant, delivery, case)
        attachments = [self._lay_down(tenant, name, sheet, delivery) for name, sheet in made.sheets]
        outcome = NOT_REACHABLE
        if case.customer.email:
            outcome = self._mail(tenant, delivery, case.customer.email, made, attachments)
        with self._desk.unit_of_work(tenant.id) as uow:
            if outcome == NOT_REACHABLE:
                self._note_unreachable(uow, tenant, delivery, made.key)
            uow.outbox.done(delivery, {"outcome": outcome, "documents": [name for name, _ in made.sheets]})
            uow.commit()

    def _look(self, tenant: Tenant, delivery: Delivery) -> _Case:
        with self._desk.unit_of_work(tenant.id, read_only=True) as uow:
            order = uow.orders.by_id(str(delivery.event.order_id))
            products = uow.products.many({line.sku for line in order.lines})
            credited = uow.credit_notes.of_orders([order.id]).get(order.id, ())
            customer = uow.customers.get(order.customer_id)
            return _Case(order, customer, uow.invoices.of_order(order.id), credited, products)

    def _made(self, tenant: Tenant, delivery: Delivery, case: _Case) -> _Parcel:
        making = {EventName.INVOICE_SENT: self._invoice, EventName.CREDIT_NOTE_SENT: self._credit_note}
        return making.get(delivery.event.name, self._delivery_notes)(tenant, delivery.event.payload, case)

    def _invoice(self, tenant: Tenant, said: Mapping[str, object], case: _Case) -> _Parcel:
        order, words = case.order, self._stationery.speak(case.customer.language)
        assert case.invoice is not None
        key = f"{case.invoice.number}-{said['sequence']}"
        sheet = invoice_sheet(
            order, case.invoice, case.customer, case.products, tenant, self._stationery, case.credited
        )
        subject = words.say("invoice_subject", number=case.invoice.number, order=order.number)
        return _Parcel(key, subject, str(said["cover"]), [(key, sheet)])

    def _credit_note(self, tenant: Tenant, said: Mapping[str, object], case: _Case) -> _Parcel:
        order, words = case.order, self._stationery.speak(case.customer.language)
        note = next(each for each in case.credited if each.number == said["credit_note"])
        sheet = credit_note_sheet(order, note, case.customer, case.products, tenant, self._stationery)
        named = {"number": note.number, "order": order.number, "invoice": note.invoice}
        return _Parcel(
            note.number, words.say("credit_note_subject", **named), words.say("credit_note_body", **named),
            [(note.number, sheet)],
        )  # fmt: skip

    def _delivery_notes(self, tenant: Tenant, said: Mapping[str, object], case: _Case) -> _Parcel:
        """Of the shipment that has left; the letter of the first is called after the order alone."""
        order, words = case.order, self._stationery.speak(case.customer.language)
        shipment = None if said.get("shipment") is None else str(said["shipment"])
        sheets = delivery_note_sheets(order, case.customer, case.products, tenant, self._stationery, shipment)
        first = delivery_note_numbers(order, shipment)[0]
        return _Parcel(
            first.rpartition("-")[0] if first.endswith("-1") else first,
            words.say("delivery_note_subject", number=first, order=order.number),
            words.say("delivery_note_body", order=order.number),
            [(sheet.number, sheet) for sheet in sheets],
        )

    def _lay_down(self, tenant: Tenant, name: str, sheet: Sheet, delivery: Delivery) -> Attachment:
        """The files; when they are there already, those are what is attached."""
        self._folder.write(tenant.id, f"{name}.html", to_html(sheet).encode())
        path = self._folder.path(tenant.id, f"{name}.pdf")
        if not path.exists():
            self._folder.write(tenant.id, f"{name}.pdf", to_pdf(sheet, delivery.at))
        return Attachment(f"{name}.pdf", path.read_bytes())

    def _mail(
        self, tenant: Tenant, delivery: Delivery, to: str, made: _Parcel, attachments: Sequence[Attachment]
    ) -> str:
        """The file `.sent` says that the server took it: a second try after a crash sends nothing."""
        key = f"{tenant.id}.{made.key}"
        letter = Letter(key, self._sender, tenant.name, to, made.subject, made.body, delivery.at, attachments)
        message = to_message(letter)
        self._folder.write(tenant.id, f"{made.key}.eml", message.as_bytes())
        if self._server is None:
            return LEFT_IN_FOLDER
        if not self._folder.has(tenant.id, f"{made.key}.sent"):
            self._server.send(message)
            self._folder.write(tenant.id, f"{made.key}.sent", str(message["Message-ID"]).encode())
        return SENT

    def _note_unreachable(self, uow: UnitOfWork, tenant: Tenant, delivery: Delivery, key: str) -> None:
        number = str(delivery.event.payload.get("number"))
        uow.audit.add(acting(tenant, delivery), "mail", number, NOT_REACHABLE, {"document": key})
