"""What a customer's copy is made of: everything that names them, in whichever table."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from deskhand.store import ApiKey, Desk, StoredSession
from deskhand.store.privacy import RasaConversations, export
from deskhand.store.privacy.documents import Documents
from deskhand.store.schema import metadata
from tests.support.desks import ADMIN, CUSTOMER, TENANT, placed

# By staff or programs, about no customer.
OF_THE_DESK = {
    "credential",
    "delegation",
    "import_run",
    "inbox",
    "order_candidate",
    "process_version",
    "reply_template",
    "robot_switch",
    "settlement",
}


def copied(desk: Desk, folder: Path) -> dict[str, list[dict[str, object]]]:
    found = export(desk, ADMIN, "huaxing", Documents(folder, TENANT), RasaConversations(str(folder / "rasa.db")))
    return {name: rows for name, rows in found.items() if name in metadata.tables}


def test_sign_ins_cards_and_keys_of_the_customer_are_in_it_without_what_is_secret(desk: Desk, tmp_path: Path) -> None:
    assert CUSTOMER.customer_id == "huaxing"
    with desk.unit_of_work(TENANT) as uow:
        user, role, now = CUSTOMER.user_id, CUSTOMER.role, uow.now
        until = now + timedelta(hours=1)
        uow.sessions.add(StoredSession("s1", user, role, "huaxing", "link", now, now, until, link="l1"))
        uow.sessions.add(StoredSession("s2", "clerk", role, None, "link", now, now, until))
        uow.identities.add("https://login.example.com", "subject-1", user)
        uow.api_keys.add(ApiKey("k1", "shop", "d1", role, "huaxing", frozenset({"orders"}), "admin", now))
        talk = uow.conversations.start(user, "chat")
        uow.cards.issue("order", user, talk.id, {"number": "SO-1"}, ["yes"], until)
        uow.handovers.ask(talk.id, user, "asked", "zh")
        uow.handovers.ask(uow.conversations.start("clerk", "chat").id, "clerk", "failed", "zh")
        uow.commit()

    found = copied(desk, tmp_path)

    assert [row["id"] for row in found["session"]] == ["s1"]
    assert [row["subject"] for row in found["external_identity"]] == ["subject-1"]
    assert [(row["id"], row["name"]) for row in found["api_key"]] == [("k1", "shop")]
    assert [row["payload"] for row in found["card"]] == [{"number": "SO-1"}]
    assert [row["reason"] for row in found["handover"]] == ["asked"]
    assert not {"digest", "link"} & {*found["session"][0], *found["api_key"][0]}


def test_a_row_that_is_the_customers_in_two_ways_is_in_it_once(desk: Desk, tmp_path: Path) -> None:
    order = placed(desk)
    desk.project_notifications(TENANT)

    told = copied(desk, tmp_path)["notification"]

    assert {row["audience"] for row in told if row["order_number"] == order.number} > {"customer:huaxing"}
    assert len({row["id"] for row in told}) == len(told)


def test_every_table_that_knows_people_is_looked_at(desk: Desk, tmp_path: Path) -> None:
    people = {
        table.name
        for table in metadata.sorted_tables
        if any(column.name.endswith(("_id", "_by", "_user", "audience", "actor", "body")) for column in table.c)
    }

    assert people - OF_THE_DESK - {"knowledge_passage"} <= {*copied(desk, tmp_path)}
