"""What nobody of a role acknowledges is told to who stands above it, in the times of process.yml, once each."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from deskhand.orders.events import ESCALATED, DomainEvent, EventName
from deskhand.orders.process import Escalation
from deskhand.orders.working_hours import WorkingHours
from deskhand.store import Desk, Notification
from deskhand.store.records import Delegation
from tests.support.desks import CLERK, NOW, TENANT, FakeClock, lay

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


def test_who_stands_in_for_somebody_of_the_role_acknowledges_for_them(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        since, until = NOW - timedelta(hours=1), NOW + timedelta(days=3)
        uow.delegations.add(Delegation("d1", "clerk", "warehouse", since, until, "", "clerk", since))
        uow.outbox.publish(DomainEvent(EventName.CASE_STOPPED, None, STOPPED), CLERK)
        uow.commit()
    desk.project_notifications(TENANT)
    read(desk, "warehouse")
    clock.forward(hours=5)

    assert desk.escalate(TENANT) == 0


def test_however_many_wait_none_hides_another(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        for number in range(230):
            uow.outbox.publish(DomainEvent(EventName.CASE_STOPPED, None, STOPPED | {"number": f"N{number}"}), CLERK)
        uow.commit()
    desk.project_notifications(TENANT)
    clock.forward(hours=5)

    assert [desk.escalate(TENANT), desk.escalate(TENANT)] == [230, 0]
    clock.forward(hours=20)
    assert [desk.escalate(TENANT), desk.escalate(TENANT)] == [230, 0]


def test_a_clock_of_working_hours_stands_still_at_night_and_at_the_weekend(
    desk: Desk, clock: FakeClock, stopped: Notification
) -> None:
    """It was told on Friday at ten in Shanghai; nine hours of work later is Monday at ten."""
    steps = (Escalation(timedelta(hours=9), "manager", working=True),)
    lay(desk, escalate={"CaseStopped": {"sales": steps}}, working_hours=WorkingHours())
    clock.forward(days=2, hours=23, minutes=59)
    assert desk.escalate(TENANT) == 0
    clock.forward(minutes=1)

    assert desk.escalate(TENANT) == 1


def test_waiting_for_a_digest_acknowledges_nothing(desk: Desk, clock: FakeClock, stopped: Notification) -> None:
    """Nor do quiet hours: everybody of the role has them, and the supervisor is told all the same."""
    settings = {"wants": {"trouble": {"desk": "digest"}}, "quiet": {"from": "00:00", "to": "00:00"}}
    with desk.unit_of_work(TENANT) as uow:
        for user in uow.users.all():
            uow.notice_settings.save(user.id, settings, None, 0)
        uow.commit()
    clock.forward(hours=4)

    assert desk.escalate(TENANT) == 1


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-11-20T02:00", "2026-11-20T05:30", 3.5),  # Friday, within the day
        ("2026-11-20T09:00", "2026-11-23T02:00", 2.0),  # over the weekend: an hour on Friday, one on Monday
        ("2026-11-21T02:00", "2026-11-22T12:00", 0.0),  # the weekend alone
        ("2026-11-19T00:00", "2026-11-21T00:00", 18.0),  # two whole days
        ("2026-11-20T05:00", "2026-11-20T05:00", 0.0),
    ],
)
def test_working_time_is_what_lies_within_working_hours(since: str, until: str, hours: float) -> None:
    begins, ends = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (since, until))

    found = WorkingHours(frozenset(range(5)), time(9), time(18)).between(begins, ends, ZoneInfo("Asia/Shanghai"))

    assert found == timedelta(hours=hours)


def test_an_hour_that_the_clocks_leave_out_is_no_working_time() -> None:
    """New York puts its clocks forward on 8 March 2026 at two in the morning."""
    night = WorkingHours(frozenset(range(7)), time(0), time(6))
    begins = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)

    assert night.between(begins, begins + timedelta(hours=12), ZoneInfo("America/New_York")) == timedelta(hours=5)
