"""What is past its days is forgotten, by the company's own rules; every chain holds."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from deskhand.channels.inbound import Inbound
from deskhand.channels.turns import Speaker, Turns
from deskhand.orders.tenant import Retention
from deskhand.store.privacy import (
    forget_old,
    would_forget,
)
from deskhand.store.work_item import ItemState
from tests.store.lived import ACME, Lived, lived
from tests.support.desks import TENANT, FakeClock

__all__ = ["lived"]


@pytest.fixture
def aged(lived: Lived, clock: FakeClock) -> Lived:
    """A year and a half later; the company keeps messages a year, names five hundred days."""
    rules = Retention(messages_days=365, notifications_days=90, audit_days=400, personal_days=500)
    lived.desk.tenants = {TENANT: replace(lived.desk.tenants[TENANT], retention=rules)}
    clock.forward(days=550)
    return lived


def forgotten(lived: Lived) -> dict[str, int]:
    counts: dict[str, int] = {}
    while (found := forget_old(lived.desk, TENANT, lived.rasa)).total:
        for name, count in found.counts.items():
            counts[name] = counts.get(name, 0) + count
    return counts


def test_what_is_past_its_days_is_forgotten_once_and_no_chain_breaks(aged: Lived) -> None:
    waiting = would_forget(aged.desk, TENANT).counts

    gone = forgotten(aged)

    assert {*("messages", "drafts", "cards", "handovers", "notifications", "repeats", "orders", "audit_rows")} <= set(
        gone
    )
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


def test_a_person_who_has_a_conversation_for_long_can_still_give_it_back(aged: Lived) -> None:
    with aged.desk.unit_of_work(TENANT) as uow:
        uow.messages.add_written(aged.hers, "r2", "clerk", "It has arrived at last")
        uow.commit()

    forgotten(aged)

    turns = Turns(aged.desk, aged.desk.clock)
    back = turns.receive(Speaker(TENANT, "acme"), Inbound("c2", text="back to the bot"), aged.hers)
    assert back.ended is not None
    assert turns.receive(Speaker(TENANT, "acme"), Inbound("c3", text="hello"), aged.hers).message.answered is False


def test_what_was_forgotten_stands_in_the_audit_as_counts(aged: Lived) -> None:
    forgotten(aged)

    with aged.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = [row for row in uow.audit.list() if row.action == "retention"]
    assert rows
    assert all(isinstance(value, int) for row in rows for value in row.detail.values())


def test_what_robots_were_handed_is_forgotten_and_what_they_did_stays_done(aged: Lived, clock: FakeClock) -> None:
    desk = aged.desk
    with desk.unit_of_work(TENANT) as uow:
        item, _ = uow.work_items.add("legacy_entry", "SO-1", {"customer": "Huaxing"})
        taken = uow.work_items.claim("legacy_entry", "robot", 60, 5)
        assert taken is not None and uow.work_items.finish(taken, ItemState.SUCCESSFUL, {"there": "L-1"})
        piece = {"kind": "screenshot", "name": "end", "file": "001-end.png", "size": 1, "digest": "0" * 64}
        uow.robots.keep_evidence(item.id, 1, [{**piece, "at": uow.now}])
        uow.commit()
    clock.forward(days=4000)

    while forget_old(desk, TENANT, None).total:
        pass

    with desk.unit_of_work(TENANT) as uow:
        found, fresh = uow.work_items.add("legacy_entry", "SO-1", {"customer": "Huaxing"})
        assert not fresh and (found.state, found.input, found.output) == (ItemState.SUCCESSFUL, {}, None)
        assert uow.robots.evidence_of(item.id) == []
