"""Whatever one company does, with whatever handles, the other's rows stay as they are and nothing of it is shown."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from deskhand.orders.commands import (
    AmendOrder,
    CancelOrder,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    HoldOrder,
    NewLine,
    PlaceOrder,
    ReceiveGoods,
    RecordPayment,
    ReleaseOrder,
    SendInvoiceAgain,
    SettlePayments,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.imports import ImportBatch, ImportedCustomer, ImportedLine, ImportedOrder, ImportedProduct
from deskhand.orders.status import OrderStatus, Role
from deskhand.store import Delegation, ImportRun, TextRecord, new_id, system_actor
from deskhand.store.repositories.api_keys import ApiKey
from deskhand.store.repositories.sessions import StoredSession
from tests.support.companies import (
    COMPANIES,
    CONSUMER_NAMES,
    NUMBERS,
    USERS,
    Companies,
    other,
    snapshot,
    strange_in,
    two_companies,
)
from tests.support.desks import NOW, demo_database, take_out_personal
from tests.support.postgres import empty_database

COMPANY, PICK = st.sampled_from(COMPANIES), st.integers(0, 50)
USER, NUMBER = st.sampled_from(USERS), st.sampled_from(NUMBERS)
PAPER = ImportedLine("S1", "Mug", Decimal(6), Decimal("2.5500"), Decimal("15.30"))
STEPS: tuple[Any, ...] = (
    ConfirmOrder,
    ReceiveGoods,
    lambda number: GiveShipmentInformation(number, "SF", "SF1001"),
    CompleteShipment,
    StartAccountPeriod,
    lambda number: RecordPayment(number, Decimal(10), "same reference"),
    SendInvoiceAgain,
    lambda number: HoldOrder(number, "same reason"),
    ReleaseOrder,
    lambda number: CancelOrder(number, "same reason"),
    lambda number: AmendOrder(number, address="same address"),
    lambda number: UndoLastChange(number),
    lambda _: UndoLastChange(),
    lambda _: SettlePayments(NOW.date()),
)


class Isolation(RuleBasedStateMachine):
    """Each rule is one thing that a company does; the other's rows are compared around it."""

    copy: ClassVar[Any]  # opens a fresh copy of the template and returns its address

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.both: Companies = two_companies(type(self).copy(self.stack))
        self.stack.callback(self.both.close)
        self.kept = {company: snapshot(self.both.desk, company) for company in COMPANIES}

    def teardown(self) -> None:
        self.stack.close()

    def acted(self, company: str) -> None:
        """The other's rows are as they were, to the byte."""
        before, now = self.kept[other(company)], snapshot(self.both.desk, other(company))
        assert now == before, f"{company} has changed rows of {other(company)}"
        self.kept[company] = snapshot(self.both.desk, company)

    @invariant()
    def nothing_of_the_other_is_shown(self) -> None:
        for company in COMPANIES:
            assert strange_in(self.both, company) == []

    @rule(company=COMPANY, pick=PICK, quantity=st.integers(1, 4))
    def place(self, company: str, pick: int, quantity: int) -> None:
        lines = (NewLine("PAPER-A4", Decimal(quantity), "box"), NewLine("PRN-L100", Decimal(1)))
        command = PlaceOrder("huaxing", lines, address=self.both.word(company))
        self.tried(company, command, pick)
        self.acted(company)

    @rule(company=COMPANY, pick=PICK, number=NUMBER, step=st.sampled_from(STEPS))
    def command(self, company: str, pick: int, number: str, step: Any) -> None:
        self.tried(company, step(number), pick)
        self.acted(company)

    @rule(company=COMPANY, number=NUMBER)
    def carry_through(self, company: str, number: str) -> None:
        """An order from confirmed to its account period, so that the later steps are met too."""
        for step, pick in zip(STEPS[:5], (0, 1, 1, 1, 2), strict=True):
            self.tried(company, step(number), pick)
        self.acted(company)

    @rule(company=COMPANY, first=st.integers(1, 3), count=st.integers(1, 3), opened=st.booleans())
    def bring_in(self, company: str, first: int, count: int, opened: bool) -> None:
        made = NOW - timedelta(days=30)
        orders = tuple(
            ImportedOrder(str(n), "17850", made, (PAPER,), Decimal("15.30"), address=self.both.word(company))
            for n in range(first, first + count)
        )
        batch = ImportBatch(
            "shop",
            "GBP",
            (ImportedCustomer("17850", "Same customer"),),
            (ImportedProduct("S1", "Mug", Decimal("2.55")),),
            orders,
            OrderStatus.CONFIRMED if opened else None,
        )
        with self.both.work(company) as uow:
            uow.imports.insert(batch, self.both.actor(company, 0))
            uow.import_runs.add(ImportRun("shop", "same.csv", NOW, NOW, {"word": self.both.word(company)}))
        self.acted(company)

    @rule(company=COMPANY, user=USER, pick=PICK)
    def talk(self, company: str, user: str, pick: int) -> None:
        with self.both.work(company) as uow:
            conversation = uow.conversations.open(user, "chat")
            assert conversation is not None
            self.both.keep("conversations", company, conversation.id)
            message, _ = uow.messages.add_inbound(conversation.id, f"client-{pick}", self.both.word(company))
            self.both.keep("messages", company, message.id)
            uow.messages.add_outbound(conversation.id, message.id, [{"text": self.both.word(company)}])
        self.acted(company)

    @rule(company=COMPANY, pick=PICK, act=st.sampled_from(("answer", "delete", "say", "assign", "result")))
    def meddle_with_talk(self, company: str, pick: int, act: str) -> None:
        conversation, message = self.both.any("conversations", pick), self.both.any("messages", pick)
        if conversation is None:
            return
        with self.both.work(company) as uow:
            if act == "answer":
                uow.messages.mark_answered(message)
            elif act == "delete":
                uow.conversations.delete(conversation)
            elif act == "say":
                uow.messages.add_outbound(conversation, message, [{"text": self.both.word(company)}])
            elif act == "assign":
                uow.handovers.ask(conversation, "clerk", "asked", "zh")
            else:
                uow.messages.save_turn_result(message, {"word": self.both.word(company)})
        self.acted(company)

    @rule(company=COMPANY, user=USER, pick=PICK)
    def ask_with_a_card(self, company: str, user: str, pick: int) -> None:
        with self.both.work(company) as uow:
            conversation = uow.conversations.open(user, "chat")
            assert conversation is not None
            uow.cards.supersede_open(user)
            payload, until = {"word": self.both.word(company)}, self.both.clock() + timedelta(minutes=pick)
            card = uow.cards.issue("command", user, conversation.id, payload, ["confirm"], until)
            self.both.keep("conversations", company, conversation.id)
            self.both.keep("cards", company, card.id)
        self.acted(company)

    @rule(company=COMPANY, user=USER, pick=PICK)
    def press(self, company: str, user: str, pick: int) -> None:
        card = self.both.any("cards", pick)
        with self.both.work(company) as uow:
            uow.cards.consume(card or "none", user, "confirm", self.both.clock())
        self.acted(company)

    @rule(company=COMPANY, user=USER, kind=st.sampled_from(("place_order", "give_shipment")))
    def draft(self, company: str, user: str, kind: str) -> None:
        with self.both.work(company) as uow:
            draft = uow.drafts.open_of(user, kind) or uow.drafts.new(user, kind, {})
            draft = uow.drafts.save(replace(draft, state={"word": self.both.word(company)}))
            self.both.keep("drafts", company, draft)
        self.acted(company)

    @rule(company=COMPANY, pick=PICK, act=st.sampled_from(("save", "finish", "leave")))
    def meddle_with_a_draft(self, company: str, pick: int, act: str) -> None:
        draft = self.both.any("drafts", pick)
        if draft is None or draft not in self.both.handles["drafts"][other(company)]:
            return
        with self.both.work(company) as uow:
            if act == "save":
                uow.drafts.save(draft)
            elif act == "finish":
                uow.drafts.finish(draft.id)
            else:
                uow.drafts.leave(draft.id)
        self.acted(company)

    @rule(company=COMPANY)
    def project(self, company: str) -> None:
        self.both.desk.project_notifications(company)
        self.acted(company)

    @rule(company=COMPANY, user=USER, seq=st.integers(0, 30))
    def acknowledge(self, company: str, user: str, seq: int) -> None:
        with self.both.work(company) as uow:
            uow.notifications.ack(user, seq)
        self.acted(company)

    @rule(company=COMPANY, consumer=st.sampled_from(CONSUMER_NAMES))
    def claim(self, company: str, consumer: str) -> None:
        with self.both.work(company) as uow:
            self.both.keep("deliveries", company, *uow.outbox.claim(consumer, 3, 60))
        self.acted(company)

    @rule(company=COMPANY, pick=PICK, act=st.sampled_from(("done", "retry", "dead", "postpone", "replay")))
    def deliver(self, company: str, pick: int, act: str) -> None:
        one = self.both.any("deliveries", pick)
        if one is None:
            return
        with self.both.work(company) as uow:
            if act == "done":
                uow.outbox.done(one, {"word": "same"})
            elif act == "replay":
                uow.outbox.replay(one.id)
            elif act == "dead":
                uow.outbox.dead(one, "same error")
            elif act == "retry":
                uow.outbox.retry(one, "same error", self.both.clock())
            else:
                uow.outbox.postpone(one, self.both.clock())
        self.acted(company)

    @rule(company=COMPANY)
    def carry_automatic(self, company: str) -> None:
        self.both.desk.run_automatic(company, 50)
        self.acted(company)

    @rule(company=COMPANY)
    def settle(self, company: str) -> None:
        self.both.desk.settle_due(company, self.both.clock())
        self.acted(company)

    @rule(company=COMPANY, pick=st.integers(0, 3), act=st.sampled_from(("begin", "finish", "forget")))
    def repeat_a_request(self, company: str, pick: int, act: str) -> None:
        with self.both.work(company) as uow:
            if act == "begin":
                uow.inbox.begin(f"key-{pick}", f"fingerprint-of-{company}")
            elif act == "finish":
                uow.inbox.finish(f"key-{pick}", 200, {"word": self.both.word(company)})
            else:
                uow.inbox.forget(f"key-{pick}")
        self.acted(company)

    @rule(company=COMPANY, user=USER, pick=PICK, act=st.sampled_from(("password", "active", "language", "terms")))
    def change_a_person(self, company: str, user: str, pick: int, act: str) -> None:
        with self.both.work(company) as uow:
            if act == "password":
                uow.users.set_password(user, self.both.word(company))
            elif act == "active":
                uow.users.set_active(user, bool(pick % 2))
            elif act == "language":
                uow.users.set_language(user, ("zh", "en")[pick % 2])
            else:
                uow.customers.change_terms("huaxing", pick)
        self.acted(company)

    @rule(company=COMPANY, user=USER, pick=st.integers(0, 3), ends=st.booleans())
    def sign_in_or_out(self, company: str, user: str, pick: int, ends: bool) -> None:
        now = self.both.clock()
        with self.both.work(company) as uow:
            if ends:
                uow.sessions.end_all(user, "signed_out")
                uow.sessions.end(f"session-{pick}", "revoked")
            else:
                until = now + timedelta(hours=1)
                row = (f"session-{pick}", user, Role.SALES, None, "link", now, now, until)
                uow.sessions.add(StoredSession(*row, address=self.both.word(company), link=f"link-{pick}"))
                uow.identities.add("https://issuer.example", f"subject-{pick}", user)
        self.acted(company)

    @rule(company=COMPANY, pick=st.integers(0, 3), ends=st.booleans())
    def lend_a_key_or_a_right(self, company: str, pick: int, ends: bool) -> None:
        now, until = self.both.clock(), self.both.clock() + timedelta(days=1)
        name = f"same-{pick}"
        with self.both.work(company) as uow:
            if ends:
                uow.api_keys.revoke(name, now)
                uow.delegations.end(name, now)
            elif uow.api_keys.get(name) is None:
                word = self.both.word(company)
                uow.api_keys.add(ApiKey(name, word, word, Role.SALES, None, frozenset(), "admin", now))
                uow.delegations.add(Delegation(name, "manager", "clerk", now, until, word, "admin", now))
        self.acted(company)

    @rule(company=COMPANY, pick=PICK, erases=st.booleans())
    def write_about_an_order(self, company: str, pick: int, erases: bool) -> None:
        order_id = self.both.any("orders", pick)
        if order_id is None:
            return
        with self.both.work(company) as uow:
            if order_id in self.both.handles["orders"][company]:
                uow.texts.add(TextRecord("note", order_id, "en", self.both.word(company), "template"))
            uow.audit.add(system_actor(company), "look", "SO-1001", "done", {"word": self.both.word(company)})
            if erases:
                take_out_personal(uow, order_id)
        self.acted(company)

    @precondition(lambda self: self.both.clock() < datetime(2026, 12, 1, tzinfo=UTC))
    @rule(minutes=st.sampled_from((1, 30, 600)))
    def wait(self, minutes: int) -> None:
        self.both.clock.forward(minutes=minutes)

    def tried(self, company: str, command: Any, pick: int) -> None:
        """By somebody who may or may not; a refusal leaves its audit row."""
        actor = self.both.actor(company, pick)
        try:
            outcome = self.both.desk.handle(command, actor)
        except DeskhandError:
            return
        if outcome.order is not None and outcome.order.id not in self.both.handles["orders"][company]:
            self.both.keep("orders", company, outcome.order.id)


def run(copy: Any, examples: int, steps: int) -> None:
    machine = type("Isolated", (Isolation,), {"copy": staticmethod(copy)})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),  # each step compares two databases: shrinking would take longer than reading
    )
    run_state_machine_as_test(machine, settings=chosen)


def sqlite_copy(stack: ExitStack) -> str:
    return demo_database(Path(stack.enter_context(tempfile.TemporaryDirectory())))


def postgres_copy(server: str) -> Any:
    return lambda stack: stack.enter_context(empty_database(server, f"apart_{next(_names)}", template="deskhand"))


_names = itertools.count()


def test_two_companies_never_meet_on_sqlite() -> None:
    run(sqlite_copy, examples=3, steps=16)


@pytest.mark.postgres
def test_two_companies_never_meet_on_postgresql(postgres_template: str) -> None:
    run(postgres_copy(postgres_template), examples=2, steps=12)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_two_companies_never_meet_in_long_runs_on_sqlite() -> None:
    run(sqlite_copy, examples=15, steps=50)


@pytest.mark.full
@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_two_companies_never_meet_in_long_runs_on_postgresql(postgres_template: str) -> None:
    run(postgres_copy(postgres_template), examples=8, steps=40)


def test_the_comparison_sees_a_single_changed_byte_and_a_single_shown_word() -> None:
    with ExitStack() as stack:
        both = two_companies(sqlite_copy(stack))
        stack.callback(both.close)
        before = snapshot(both.desk, "other")
        word = both.word("demo")
        with both.work("other") as uow:
            uow.texts.add(TextRecord("note", (order := new_id()), "en", word, "template"))
        both.keep("orders", "other", order)

        assert snapshot(both.desk, "other") != before
        assert strange_in(both, "other") == [word]
