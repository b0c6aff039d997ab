"""Events, deliveries, leases; repeated requests; the audit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskhand.orders.errors import RequestRepeated
from deskhand.orders.events import DELIVERY_NOTE, INVOICE, NOTIFY, DomainEvent, EventName
from deskhand.store import Desk, TextRecord
from tests.support.desks import CLERK, OTHER_TENANT, TENANT, FakeClock

EVENT = DomainEvent(EventName.SHIPMENT_COMPLETED, "order-1", {"number": "SO-1001"})


def test_an_event_is_due_to_each_consumer_and_what_leaves_the_house_waits(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.outbox.publish(EVENT, CLERK)

        assert [each.event for each in uow.outbox.claim(NOTIFY)] == [EVENT]
        assert uow.outbox.claim(DELIVERY_NOTE) == []
        clock.forward(seconds=15)
        assert [each.actor["user_id"] for each in uow.outbox.claim(DELIVERY_NOTE)] == ["clerk"]


def test_what_a_dead_worker_held_comes_back_when_its_lease_is_over(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.outbox.publish(EVENT, CLERK)
        first = uow.outbox.claim(NOTIFY, lease_seconds=60)
        while_held = uow.outbox.claim(NOTIFY)
        clock.forward(seconds=60)
        again = uow.outbox.claim(NOTIFY)

    assert while_held == []
    assert [(each.id, each.attempts) for each in again] == [(first[0].id, 2)]


def test_a_delivery_is_retried_later_postponed_or_given_up_and_replayed(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.outbox.publish(EVENT, CLERK)
        one = uow.outbox.claim(NOTIFY)[0]
        uow.outbox.retry(one, "mail server is down", clock.now + timedelta(seconds=5))
        assert not uow.outbox.is_due(NOTIFY)
        clock.forward(seconds=5)
        one = uow.outbox.claim(NOTIFY)[0]
        uow.outbox.postpone(one, clock.now)
        one = uow.outbox.claim(NOTIFY)[0]
        attempts = one.attempts
        uow.outbox.dead(one, "gave up")
        letters = uow.outbox.dead_letters()
        replayed = uow.outbox.replay(one.id)

        assert attempts == 2
        assert [(each.id, each.error) for each in letters] == [(one.id, "gave up")]
        assert replayed
        assert not uow.outbox.replay(one.id)
        assert len(uow.outbox.claim(NOTIFY)) == 1


def test_what_is_done_is_not_waiting(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.outbox.publish([EVENT, EVENT], CLERK)
        uow.outbox.done(uow.outbox.claim(NOTIFY), {"told": 2})

        assert uow.outbox.waiting(NOTIFY) == 0
        assert uow.outbox.waiting() == 4


def test_a_rolled_back_change_leaves_no_event(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.outbox.publish(EVENT, CLERK)

    with desk.unit_of_work(TENANT) as uow:
        assert uow.outbox.waiting() == 0


def test_a_repeated_request_gets_the_stored_answer(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        first = uow.inbox.begin("key-1", "fingerprint")
        meanwhile = uow.inbox.begin("key-1", "fingerprint")
        uow.inbox.finish("key-1", 201, {"number": "SO-1001"})
        later = uow.inbox.begin("key-1", "fingerprint")

        assert first is None
        assert meanwhile is not None
        assert meanwhile.status is None
        assert later is not None
        assert (later.status, later.body) == (201, {"number": "SO-1001"})
        with pytest.raises(RequestRepeated):
            uow.inbox.begin("key-1", "another request")
        uow.inbox.forget("key-1")
        assert uow.inbox.begin("key-1", "another request") is None


def test_keys_of_one_tenant_are_nothing_to_another(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.inbox.begin("key-1", "a")
        uow.outbox.publish(EVENT, CLERK)
        uow.commit()

    with desk.unit_of_work(OTHER_TENANT) as uow:
        assert uow.inbox.begin("key-1", "b") is None
        assert uow.outbox.claim(INVOICE) == []
        assert uow.outbox.claim(NOTIFY) == []


def test_texts_and_audit_are_found_by_what_they_are_about(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        record = TextRecord("receipt", "order-1", "zh", "已收到", "template", "timeout", {"ok": False}, None, 2.5)
        uow.texts.add(record)
        uow.audit.add(CLERK, "sign_in", None, "done")

        assert uow.texts.of_order("order-1") == [record]
        assert [row.action for row in uow.audit.list(cause="message-1")] == ["sign_in"]
        assert uow.audit.list(target="SO-1") == []
