"""A customer is forgotten: nothing of theirs is found anywhere, everything else stands, and every chain holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.orders.errors import RoleNotAllowed, UnknownCustomer
from deskhand.orders.model import Actor
from deskhand.orders.tenant import Retention
from deskhand.store import Desk
from deskhand.store.privacy import (
    ErasureRefused,
    RasaConversations,
    erase,
    export,
)
from deskhand.store.privacy.documents import Documents
from deskhand.store.privacy.wording import Words, parts_of
from tests.store.lived import ACME, ADDRESS, MARKS, OLD_ADDRESS, Lived, lived
from tests.support.desks import ADMIN, CLERK, CUSTOMER, FINANCE, TENANT, done, fresh, placing

__all__ = ["lived"]


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
