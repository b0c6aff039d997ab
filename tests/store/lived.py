"""A customer who ordered, paid, talked and complained, and another one; what anybody can still find of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, String, select

from deskhand.orders.commands import (
    AmendOrder,
    CancelOrder,
    CompleteShipment,
    HoldOrder,
    RecordPayment,
    ReleaseOrder,
    SettleFreight,
    SettlePayments,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk, TextRecord
from deskhand.store.privacy import (
    RasaConversations,
    erase,
)
from deskhand.store.privacy.documents import Documents
from deskhand.store.privacy.wording import Words
from deskhand.store.schema import metadata
from deskhand.store.verifying import Verification, verify
from deskhand.store.work_item import ItemState
from tests.support.desks import ADMIN, CLERK, FINANCE, TENANT, done, fresh, order_in, placed, placing
from tests.support.rasa_record import rasa_heard, rasa_knows

ACME = "acme-ltd"
ANNA = Actor("acme", Role.CUSTOMER, TENANT, "chat", "message-7", ACME)
ADDRESS = "Flat 9, 77 Bund Road, Shanghai"
OLD_ADDRESS = "3 Former Street, Suzhou"
CONTACT, PHONE = "Paul Newcomb", "13800001111"
MARKS = ("Acme Ltd", "Acme Limited", "艾克米有限公司", "orders@acme-ltd.example", "Anna Miller", "1 Harbour Road",
         ADDRESS, OLD_ADDRESS, CONTACT, PHONE)  # fmt: skip


class Lived:
    """A desk at which Acme Ltd has ordered, paid, talked and complained, and Huaxing too."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.rasa = RasaConversations(str(folder / "rasa.db"))
        self.documents = Documents(folder / "outbox", TENANT)
        self.orders()
        self.talks()
        self.refusals()
        self.files()
        desk.project_notifications(TENANT)

    def orders(self) -> None:
        desk = self.desk
        besides = {"contact": CONTACT, "phone": PHONE, "note": f"ring {CONTACT} first"}
        first = done(desk, replace(placing(**besides), customer_id=ACME, address=OLD_ADDRESS), CLERK)
        done(desk, AmendOrder(first.number, address=ADDRESS), CLERK)
        done(desk, HoldOrder(first.number, "Anna Miller is on holiday"), CLERK)
        done(desk, ReleaseOrder(first.number), CLERK)
        shipped = order_in(desk, "in_account_period", customer_id=ACME, address=ADDRESS)
        done(desk, RecordPayment(shipped.number, shipped.total, "transfer of Anna Miller"), FINANCE)
        day = desk.tenant(TENANT).today(desk.clock())
        desk.handle(SettlePayments(day, (shipped.number,)), FINANCE)
        done(desk, SettleFreight(shipped.number), FINANCE)
        done(desk, CancelOrder(first.number, f"moved to {ADDRESS}"), CLERK)
        self.shipped, self.cancelled = shipped.number, first.number
        self.other = order_in(desk, "confirmed").number
        done(desk, HoldOrder(self.other, "wait for Acme Ltd to collect theirs first"), CLERK)
        placed(desk, note=f"together with {CONTACT} of Acme Ltd")

    def talks(self) -> None:
        with self.desk.unit_of_work(TENANT) as uow:
            hers = uow.conversations.start("acme", "chat")
            theirs = uow.conversations.start("clerk", "chat")
            for talk, text in ((hers, f"I am Anna Miller, send it to {ADDRESS}"), (theirs, "给acme  ltd发20箱A4纸")):
                inbound, _ = uow.messages.add_inbound(talk.id, "c1", text)
                card = {"id": "x", "lines": [{"value": "Acme Ltd"}]}
                uow.messages.add_outbound(talk.id, inbound.id, [{"text": "Acme Limited?", "card": card}])
                uow.messages.save_turn_result(inbound.id, {"said": ["Acme Ltd"]})
                uow.messages.mark_answered(inbound.id)
            uow.drafts.save(uow.drafts.new("clerk", "order", {"customer_id": ACME, "name": "Acme Ltd"}))
            uow.drafts.save(uow.drafts.new("acme", "order", {"address": ADDRESS}))
            uow.cards.issue("order", "clerk", theirs.id, {"customer": "Acme Ltd"}, ["yes"], uow.now)
            order = uow.orders.get(self.shipped)
            uow.texts.add(TextRecord("invoice_cover", order.id, "en", "Dear Anna Miller", "llm", "Acme Ltd"))
            uow.inbox.begin("key", "f" * 64)
            uow.inbox.finish("key", 201, {"order": {"customer": "Acme Ltd", "address": ADDRESS}})
            person = DomainEvent(EventName.PERSON_REQUESTED, None, {"name": "Anna Miller", "text": "call me"})
            uow.outbox.publish(person, ANNA)
            made, _ = uow.handovers.ask(hers.id, "acme", "asked", "en")
            uow.handovers.take(made.id, hers.id, "clerk")
            uow.messages.add_written(hers.id, "r1", "clerk", "Good morning, Anna Miller of Acme Ltd")
            uow.commit()
        self.hers, self.theirs = hers.id, theirs.id
        self.entered()

    def entered(self) -> None:
        """A robot has entered an order of theirs into another system, and was shown their name there."""
        piece = {"kind": "dom", "name": "Acme Ltd", "file": "001-end.html", "size": 1, "digest": "0" * 64}
        with self.desk.unit_of_work(TENANT) as uow:
            uow.work_items.add("legacy_entry", self.shipped, {"customer": "Acme Ltd", "address": ADDRESS})
            taken = uow.work_items.claim("legacy_entry", "robot", 60, 5)
            assert taken is not None
            uow.work_items.finish(taken, ItemState.SUCCESSFUL, {"shown": f"Acme Ltd, {ADDRESS}"})
            uow.robots.keep_evidence(taken.id, 1, [{**piece, "at": uow.now}])
            uow.commit()

    def refusals(self) -> None:
        for actor, number in ((ANNA, self.shipped), (CLERK, self.shipped), (CLERK, self.cancelled)):
            with pytest.raises(DeskhandError):
                self.desk.handle(CompleteShipment(number), actor)
        with self.desk.unit_of_work(TENANT) as uow:
            uow.audit.add(ADMIN, "change_user", "acme", "done", before={"name": "Anna Miller"}, after={"name": "Anna"})
            uow.audit.add_unknown("http", "r-1", "sign_in", "orders@acme-ltd.example", "refused", {"code": "x"})
            uow.commit()

    def files(self) -> None:
        outbox = self.folder / "outbox" / TENANT
        outbox.mkdir(parents=True)
        invoice = fresh(self.desk, self.shipped).invoice
        assert invoice is not None
        self.invoice = invoice.number
        for name in (f"{invoice.number}-1.pdf", f"{invoice.number}-1.html", f"{invoice.number}-1.eml",
                     f"DN-{self.shipped[3:]}-1.pdf", f"DN-{self.shipped[3:]}.eml", "INV-9999-1.pdf"):  # fmt: skip
            (outbox / name).write_text("Acme Ltd")
        said = (("Anna Miller", self.hers), ("艾克米有限公司要A4纸", self.theirs), ("nothing of theirs", self.theirs))
        rasa_heard(self.folder / "rasa.db", [(f"{talk}-0", text) for text, talk in said])

    def erase(self, **more: Any) -> Any:
        return erase(self.desk, ADMIN, ACME, self.documents, self.rasa, **more)

    def verified(self) -> Verification:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            return verify(uow.connection, TENANT)

    def everything(self) -> list[tuple[str, str]]:
        """(where, text) of every text in every table, and of Rasa's."""
        found = []
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            for table in metadata.sorted_tables:
                for row in uow.connection.execute(select(table)).mappings():
                    for column in table.c:
                        if isinstance(column.type, String | JSON) and row[column.name] is not None:
                            value = row[column.name]
                            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                            found.append((f"{table.name}.{column.name}", text))
        found += [("rasa", text) for _, text in rasa_knows(self.folder / "rasa.db")]
        return found

    def traces(self) -> list[tuple[str, str]]:
        words = Words(MARKS)
        return [(where, text) for where, text in self.everything() if words.in_text(text)]


@pytest.fixture
def lived(desk: Desk, tmp_path: Path) -> Lived:
    return Lived(desk, tmp_path)
