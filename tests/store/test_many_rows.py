"""Few rows go by SQLAlchemy, many at the driver's speed: what is stored is the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from deskhand.engine import Change
from deskhand.orders.errors import VersionConflict
from deskhand.orders.events import COPIES, NOTIFY, DomainEvent, EventName
from deskhand.orders.model import Customer
from deskhand.store import Desk, UnitOfWork
from deskhand.store.ids import new_id, new_ids
from deskhand.store.repositories.base import FEW
from tests.support.desks import CLERK, OTHER_TENANT, TENANT, FakeClock

COUNTS = pytest.mark.parametrize("count", [3, FEW + 10])


def begun(number: int) -> Change:
    data = {"amount": Decimal("12.50"), "who": f"人{number}"} if number % 2 else {}
    return Change(f"c{number:03}", 0, frozenset(), frozenset({"a", "b"}), "start", "start", None, None, data, (), False)


def moved(change: Change, uow: UnitOfWork) -> Change:
    after = frozenset({"b", "c"})
    return replace(change, row_version=1, before=change.after, after=after, due_at=uow.now)


@COUNTS
def test_cases_move_with_all_that_they_keep_whatever_order_they_come_in(desk: Desk, count: int) -> None:
    changes = [begun(number) for number in range(count)]
    with desk.unit_of_work(TENANT) as uow:
        uow.cases.begin("p", 1, changes, "chat")
        uow.cases.stop([(changes[0].case_id, "a", "nobody knows")])
        uow.cases.apply([moved(each, uow) for each in reversed(changes)])
        uow.commit()

    with desk.unit_of_work(TENANT) as uow:
        found = uow.cases.many([each.case_id for each in changes])
        assert [(one.marking, one.row_version, one.due_at) for one in found.values()] == [
            (frozenset({"b", "c"}), 2, uow.now)
        ] * count
        assert {one.id: one.data for one in found.values()} == {each.case_id: each.data for each in changes}
        assert uow.cases.stopped("p") == []


@COUNTS
def test_customers_of_a_source_follow_it_and_keep_what_was_added_here(desk: Desk, count: int) -> None:
    said = [Customer(new_id(), f"人 {number}", external_id=f"x{number}", source="erp") for number in range(count)]
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.upsert_all([replace(one, aliases=("Ann's",), email="ann@example.com") for one in said])
        uow.customers.upsert_all([replace(one, id=new_id(), name="其他", region="浙江") for one in said])
        uow.commit()

    with desk.unit_of_work(TENANT) as uow:
        found = uow.customers.many([one.id for one in said])
    assert found == {
        one.id: replace(one, name="其他", region="浙江", aliases=("Ann's",), email="ann@example.com") for one in said
    }


@COUNTS
def test_one_that_somebody_else_has_moved_stops_them_all(desk: Desk, count: int) -> None:
    changes = [begun(number) for number in range(count)]
    with desk.unit_of_work(TENANT) as uow:
        uow.cases.begin("p", 1, changes, "chat")
        uow.cases.apply([moved(changes[1], uow)])
        uow.commit()

    with desk.unit_of_work(TENANT) as uow, pytest.raises(VersionConflict):
        uow.cases.apply([moved(each, uow) for each in changes])
    with desk.unit_of_work(TENANT) as uow:
        versions = {one.id: one.row_version for one in uow.cases.many([each.case_id for each in changes]).values()}
    assert versions == {each.case_id: 2 if each is changes[1] else 1 for each in changes}


@COUNTS
def test_cases_of_the_same_name_in_another_company_stay(desk: Desk, count: int) -> None:
    changes = [begun(number) for number in range(count)]
    for tenant in (TENANT, OTHER_TENANT):
        with desk.unit_of_work(tenant) as uow:
            uow.cases.begin("p", 1, changes, "chat")
            uow.commit()

    with desk.unit_of_work(TENANT) as uow:
        uow.cases.apply([moved(each, uow) for each in changes])
        uow.commit()

    with desk.unit_of_work(OTHER_TENANT) as uow:
        assert {one.row_version for one in uow.cases.many([each.case_id for each in changes]).values()} == {1}


@COUNTS
def test_events_are_told_to_each_consumer_as_they_happened(desk: Desk, clock: FakeClock, count: int) -> None:
    events = [DomainEvent(EventName.TASK_DECIDED, f"o{n:03}", {"number": f"订单{n}", "at": n}) for n in range(count)]
    with desk.unit_of_work(TENANT) as uow:
        ids = uow.outbox.publish(events, CLERK)
        told = uow.outbox.claim(NOTIFY, limit=count + 1)
        copied = uow.outbox.claim(COPIES, limit=count + 1)

    assert [each.event_id for each in told] == ids == sorted(ids)
    assert [each.event for each in told] == events == [each.event for each in copied]
    assert {(each.actor["user_id"], each.actor["role"], each.at) for each in told} == {("clerk", "sales", clock.now)}
    assert len({each.id for each in (*told, *copied)}) == 2 * count


def test_ids_drawn_at_once_are_like_those_drawn_one_by_one() -> None:
    before, several, after = new_id(), new_ids(1_000), new_id()

    assert [before, *several, after] == sorted({before, *several, after})
    assert {len(each) for each in several} == {len(before)}
    assert new_ids(0) == []
