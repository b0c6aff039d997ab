"""A customer is forgotten: nothing of theirs is found anywhere, everything else stands, and every chain holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
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
from deskhand.orders.errors import DeskhandError, RoleNotAllowed, UnknownCustomer
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import Retention
from deskhand.store import Desk, TextRecord
from deskhand.store.privacy import (
    ErasureRefused,
    RasaConversations,
    erase,
    export,
    forget_old,
    would_forget,
)
from deskhand.store.privacy.documents import Documents
from deskhand.store.privacy.wording import Words, parts_of
from deskhand.store.schema import metadata
from deskhand.store.verifying import Verification, verify
from tests.support.desks import ADMIN, CLERK, CUSTOMER, FINANCE, TENANT, FakeClock, done, fresh, order_in, placing

ACME = "acme-ltd"
ANNA = Actor("acme", Role.CUSTOMER, TENANT, "chat", "message-7", ACME)
ADDRESS = "Flat 9, 77 Bund Road, Shanghai"
OLD_ADDRESS = "3 Former Street, Suzhou"
MARKS = ("Acme Ltd", "Acme Limited", "艾克米有限公司", "orders@acme-ltd.example", "Anna Miller", "1 Harbour Road",
         ADDRESS, OLD_ADDRESS)  # fmt: skip


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
        first = done(desk, replace(placing(), customer_id=ACME, address=OLD_ADDRESS), CLERK)
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
            uow.commit()
        self.hers, self.theirs = hers.id, theirs.id

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
        connection = sqlite3.connect(self.folder / "rasa.db")
        connection.execute(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, type_name TEXT, timestamp FLOAT,"
            " intent_name TEXT, action_name TEXT, data TEXT)"
        )
        said = (("Anna Miller", self.hers), ("艾克米有限公司要A4纸", self.theirs), ("nothing of theirs", self.theirs))
        rows = [(f"{talk}-0", 1000.0, json.dumps({"text": text})) for text, talk in said]
        connection.executemany("INSERT INTO events (sender_id, timestamp, data) VALUES (?, ?, ?)", rows)
        connection.commit()
        connection.close()

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
        connection = sqlite3.connect(self.folder / "rasa.db")
        found += [("rasa", str(json.loads(row[0]))) for row in connection.execute("SELECT data FROM events")]
        connection.close()
        return found

    def traces(self) -> list[tuple[str, str]]:
        words = Words(MARKS)
        return [(where, text) for where, text in self.everything() if words.in_text(text)]


@pytest.fixture
def lived(desk: Desk, tmp_path: Path) -> Lived:
    return Lived(desk, tmp_path)


def test_nothing_of_an_erased_customer_is_found_anywhere_and_every_chain_holds(lived: Lived) -> None:
    before = {where for where, _ in lived.traces()}
    assert {
        *(
            "customer.name",
            "sales_order.customer_name",
            "parcel.address",
            "message.text",
            "message.card",
            "draft.state",
        ),
        *("card.payload", "notification.payload", "outbox_event.payload", "text_record.text", "audit.personal", "rasa"),
        *("history.personal", "inbox.body", "app_user.name", "payment.reference", "audit.target", "message.result"),
    } <= before

    lived.erase()

    assert lived.traces() == []
    found = lived.verified()
    assert found.holds, found.faults
    assert found.erased > 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL gives pages back by its own vacuum
def test_the_bytes_of_the_database_files_hold_nothing_either(lived: Lived) -> None:
    lived.erase()
    lived.desk.close()
    file = Path(str(lived.desk.database.engine.url.database))

    for path in (file, file.with_name(file.name + "-wal"), lived.folder / "rasa.db"):
        data = path.read_bytes() if path.exists() else b""
        assert not [mark for mark in (ADDRESS, OLD_ADDRESS, "Anna Miller", "Acme Limited") if mark.encode() in data]


def test_amounts_quantities_and_numbers_stay(lived: Lived) -> None:
    before = fresh(lived.desk, lived.shipped)

    lived.erase()

    after = fresh(lived.desk, lived.shipped)
    assert (after.total, after.lines, after.status, after.payment_status, after.paid_at) == (
        *(before.total, before.lines, before.status, before.payment_status, before.paid_at),
    )
    assert after.customer_name.startswith("erased-")
    assert [parcel.tracking_number for parcel in after.parcels] == [each.tracking_number for each in before.parcels]


def test_other_customers_keep_what_is_theirs(lived: Lived) -> None:
    lived.erase()

    with lived.desk.unit_of_work(TENANT, read_only=True) as uow:
        other = uow.orders.get(lived.other)
        huaxing, inc = uow.customers.get("huaxing"), uow.customers.get("acme-inc")
        messages = [message.text for message in uow.messages.after(lived.theirs, 0)]
    assert (huaxing.name, inc.name) == ("华星科技有限公司", "Acme Inc")
    assert (other.customer_name, other.address) == (huaxing.name, huaxing.address)
    assert other.hold_reason == "wait for [erased] to collect theirs first"
    assert messages == ["给[erased]发20箱A4纸", "[erased]?"]


def test_its_users_are_locked_without_a_name_and_their_conversations_are_gone(lived: Lived) -> None:
    lived.erase()

    with lived.desk.unit_of_work(TENANT, read_only=True) as uow:
        anna = uow.users.get("acme")
        assert anna is not None
        assert (anna.active, anna.email, anna.password_hash) == (False, None, None)
        assert anna.login.startswith("erased-")
        assert uow.conversations.get(lived.hers) is None
        assert uow.conversations.get(lived.theirs) is not None


def test_files_go_but_for_those_of_others(lived: Lived) -> None:
    lived.erase()

    assert [path.name for path in (lived.folder / "outbox" / TENANT).iterdir()] == ["INV-9999-1.pdf"]


def test_invoices_that_the_law_wants_stay_and_are_told_of(lived: Lived) -> None:
    tenant = lived.desk.tenants[TENANT]
    lived.desk.tenants = {TENANT: replace(tenant, retention=Retention(invoices_years=10))}

    kept = lived.erase().kept

    left = sorted(path.name for path in (lived.folder / "outbox" / TENANT).iterdir())
    assert left == sorted([f"{lived.invoice}-1.pdf", "INV-9999-1.pdf"])
    assert [f"{lived.invoice}-1.pdf"] in [list(items) for items in kept.values()]


def test_a_dry_run_changes_nothing_and_counts_the_same(lived: Lived) -> None:
    before = lived.everything()

    planned = lived.erase(dry_run=True)

    assert lived.everything() == before
    assert not planned.done
    assert dict(lived.erase().counts) == dict(planned.counts)


def test_an_erasure_stands_in_the_audit_without_a_name_and_may_be_done_again(lived: Lived) -> None:
    lived.erase()
    lived.erase()

    with lived.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [row for row in uow.audit.list() if row.action == "erase_personal_data"]
    assert [row.outcome for row in rows] == ["done", "done"]
    assert rows[1].detail["history_rows"] > 0
    assert not Words(MARKS).found_in([dict(row.detail) for row in rows])
    assert lived.verified().holds


def test_orders_that_are_not_finished_stand_in_the_way_unless_forced(lived: Lived) -> None:
    order = done(lived.desk, replace(placing(), customer_id=ACME), CLERK)

    with pytest.raises(ErasureRefused) as refused:
        lived.erase()

    assert refused.value.numbers == (order.number,)
    with lived.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert (uow.audit.list()[0].action, uow.audit.list()[0].outcome) == ("erase_personal_data", "refused")
        assert uow.customers.get(ACME).name == "Acme Ltd"
    lived.erase(force=True)
    assert lived.traces() == []


@pytest.mark.parametrize("actor", [CLERK, CUSTOMER, FINANCE])
def test_nobody_but_an_admin_erases_or_exports(lived: Lived, actor: Actor) -> None:
    with pytest.raises(RoleNotAllowed):
        erase(lived.desk, actor, ACME, lived.documents, lived.rasa)
    with pytest.raises(RoleNotAllowed):
        export(lived.desk, actor, ACME, lived.documents, lived.rasa)

    with lived.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [(row.action, row.outcome, row.actor) for row in uow.audit.list(2)]
    assert rows == [
        ("export_personal_data", "refused", actor.user_id),
        ("erase_personal_data", "refused", actor.user_id),
    ]


def test_a_customer_that_is_none_is_refused(lived: Lived) -> None:
    with pytest.raises(UnknownCustomer):
        erase(lived.desk, ADMIN, "nobody", lived.documents, lived.rasa)


def test_an_export_holds_everything_of_the_customer_and_nothing_of_others(lived: Lived) -> None:
    found = export(lived.desk, ADMIN, ACME, lived.documents, lived.rasa)
    text = json.dumps(found, default=str, ensure_ascii=False)

    assert all(mark in text for mark in MARKS if mark != "Acme Limited")
    assert {row["number"] for row in found["sales_order"]} == {lived.shipped, lived.cancelled}
    assert [message["text"] for message in found["message"]][0] == f"I am Anna Miller, send it to {ADDRESS}"
    assert f"{lived.invoice}-1.pdf" in found["documents"]
    assert found["conversation_events"] == [{"conversation": f"{lived.hers}-0", "event": {"text": "Anna Miller"}}]
    assert "华星" not in text
    assert "password_hash" not in text
    with lived.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.audit.list()[0].action == "export_personal_data"


def test_a_word_that_somebody_else_has_too_is_kept_and_told_of(desk: Desk, tmp_path: Path) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.add(replace(uow.customers.get("huaxing"), id="twin", aliases=("华星", "打印纸"), email=None))
        uow.commit()

    erased = erase(desk, ADMIN, "twin", Documents(tmp_path, TENANT), RasaConversations(str(tmp_path / "none.db")))

    shared = {word for items in erased.kept.values() for word in items}
    assert {"华星科技有限公司", "华星", "打印纸"} <= shared
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.customers.get("huaxing").aliases[0] == "华星"


@pytest.mark.parametrize(
    ("word", "text", "left"),
    [
        ("Anna Miller", "anna  MILLER called", "[erased] called"),
        ("Acme Ltd", "给Acme Ltd发货", "给[erased]发货"),
        ("Acme Ltd", "Acme Ltda is another", "Acme Ltda is another"),
        ("王芳", "客户王芳来电", "客户[erased]来电"),
        ("Li", "Linda and Li", "Linda and Li"),
        ("a.b+c@x.example", "mail a.b+c@x.example.", "mail [erased]."),
    ],
)
def test_words_are_found_as_people_write_them(word: str, text: str, left: str) -> None:
    assert Words([word]).taken_out(text) == left


def test_a_name_in_two_scripts_is_two_names() -> None:
    assert parts_of("刘洋 Liu Yang") == {"刘洋 Liu Yang", "刘洋", "Liu Yang"}


# --- by age


@pytest.fixture
def aged(lived: Lived, clock: FakeClock) -> Iterator[Lived]:
    """A year and a half later; the company keeps messages a year, names five hundred days."""
    rules = Retention(messages_days=365, notifications_days=90, audit_days=400, personal_days=500)
    lived.desk.tenants = {TENANT: replace(lived.desk.tenants[TENANT], retention=rules)}
    clock.forward(days=550)
    yield lived


def forgotten(lived: Lived) -> dict[str, int]:
    counts: dict[str, int] = {}
    while (found := forget_old(lived.desk, TENANT, lived.rasa)).total:
        for name, count in found.counts.items():
            counts[name] = counts.get(name, 0) + count
    return counts


def test_what_is_past_its_days_is_forgotten_once_and_no_chain_breaks(aged: Lived) -> None:
    waiting = would_forget(aged.desk, TENANT).counts

    gone = forgotten(aged)

    assert {*("messages", "drafts", "cards", "notifications", "repeats", "orders", "audit_rows")} <= set(gone)
    assert waiting["messages"] == gone["messages"]
    assert gone["conversations"] == 2
    assert would_forget(aged.desk, TENANT).counts == {}
    assert forgotten(aged) == {}
    found = aged.verified()
    assert found.holds, found.faults


def test_orders_that_are_not_finished_keep_their_names_whatever_their_age(aged: Lived) -> None:
    forgotten(aged)

    with aged.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.get(aged.other).customer_name == "华星科技有限公司"
        assert uow.orders.get(aged.shipped).customer_name == "erased-by-age"
        assert uow.orders.get(aged.shipped).parcels[0].address == ""
        assert uow.customers.get(ACME).name == "Acme Ltd"


def test_rasas_part_of_old_conversations_goes_too(aged: Lived) -> None:
    forgotten(aged)

    connection = sqlite3.connect(aged.folder / "rasa.db")
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
    connection.close()


def test_what_is_young_stays(lived: Lived, clock: FakeClock) -> None:
    clock.forward(days=5)

    assert would_forget(lived.desk, TENANT).counts == {}
    assert forget_old(lived.desk, TENANT, lived.rasa).total == 0
    with lived.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.audit.list(1)[0].action != "retention"


def test_what_was_forgotten_stands_in_the_audit_as_counts(aged: Lived) -> None:
    forgotten(aged)

    with aged.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [row for row in uow.audit.list() if row.action == "retention"]
    assert rows
    assert all(isinstance(value, int) for row in rows for value in row.detail.values())
