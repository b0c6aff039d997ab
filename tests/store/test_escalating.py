"""What nobody of a role acknowledges is told to who stands above it, in the times of process.yml, once each."""

from __future__ import annotations

import pytest

from deskhand.orders.events import DomainEvent, EventName
from deskhand.store import Desk, Notification
from deskhand.store.escalating import ESCALATED
from tests.support.desks import CLERK, TENANT, FakeClock

STOPPED = {"number": "SO-1001", "node": "confirm", "reason": "no stock"}


@pytest.fixture
def stopped(desk: Desk) -> Notification:
    """Sales and the managers are told that an order stopped; sales are who must see to it."""
    with desk.unit_of_work(TENANT) as uow:
        uow.outbox.publish(DomainEvent(EventName.CASE_STOPPED, None, STOPPED), CLERK)
        uow.commit()
    desk.project_notifications(TENANT)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return next(row for row in uow.notifications.since(0) if row.audience == "role:sales")


def told(desk: Desk) -> list[tuple[str, str]]:
    """(to whom, in English) of everything that went further."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return [
            (row.audience, row.payload["text"]["en"]) for row in uow.notifications.since(0) if row.kind == ESCALATED
        ]


def read(desk: Desk, user_id: str) -> None:
    """Everything that there is."""
    with desk.unit_of_work(TENANT) as uow:
        uow.notifications.ack(user_id, uow.notifications.latest_seq())
        uow.commit()


def test_the_supervisor_is_told_first_and_the_next_one_later(
    desk: Desk, clock: FakeClock, stopped: Notification
) -> None:
    clock.forward(hours=4, minutes=-1)
    assert desk.escalate(TENANT) == 0
    clock.forward(minutes=1)
    assert desk.escalate(TENANT) == 1
    clock.forward(hours=19)
    assert desk.escalate(TENANT) == 0
    clock.forward(hours=2)
    assert desk.escalate(TENANT) == 1

    said = stopped.payload["text"]["en"]
    assert told(desk) == [
        ("role:manager", f"Nobody has acknowledged this for 4 hours: {said}"),
        ("role:admin", f"Nobody has acknowledged this for 1 day: {said}"),
    ]


def test_it_is_told_once_however_often_and_by_however_many_one_looks(
    desk: Desk, clock: FakeClock, stopped: Notification
) -> None:
    clock.forward(hours=5)

    assert [desk.escalate(TENANT) for _ in range(3)] == [1, 0, 0]
    assert len(told(desk)) == 1


def test_what_one_of_the_role_has_acknowledged_goes_no_further(
    desk: Desk, clock: FakeClock, stopped: Notification
) -> None:
    read(desk, "clerk")
    clock.forward(hours=48)

    assert desk.escalate(TENANT) == 0


def test_another_roles_reading_is_none_of_theirs(desk: Desk, clock: FakeClock, stopped: Notification) -> None:
    read(desk, "warehouse")
    clock.forward(hours=5)

    assert desk.escalate(TENANT) == 1


def test_what_the_supervisor_has_acknowledged_goes_no_further(
    desk: Desk, clock: FakeClock, stopped: Notification
) -> None:
    clock.forward(hours=5)
    desk.escalate(TENANT)
    read(desk, "manager")
    clock.forward(hours=30)

    assert desk.escalate(TENANT) == 0


def test_somebody_who_was_locked_since_has_acknowledged_nothing(
    desk: Desk, clock: FakeClock, stopped: Notification
) -> None:
    read(desk, "clerk")
    with desk.unit_of_work(TENANT) as uow:
        uow.users.set_active("clerk", False)
        uow.commit()
    clock.forward(hours=5)

    assert desk.escalate(TENANT) == 1


def test_what_is_a_week_old_is_left_alone(desk: Desk, clock: FakeClock, stopped: Notification) -> None:
    clock.forward(days=8)

    assert desk.escalate(TENANT) == 0


def test_the_number_of_what_is_told_further_comes_after_all_others(
    desk: Desk, clock: FakeClock, stopped: Notification
) -> None:
    clock.forward(hours=5)
    desk.escalate(TENANT)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = uow.notifications.since(0)
    assert rows[-1].kind == ESCALATED and rows[-1].seq > stopped.seq
    assert (rows[-1].order_number, rows[-1].receiver) == ("SO-1001", "manager")
