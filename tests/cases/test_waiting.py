"""What waits for whom, and what somebody may see of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from deskhand.cases import ClaimTask, DecideTask, UnknownCase
from deskhand.cases.model import Task
from deskhand.cases.values import visible
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk, WantedDelegation, delegate
from deskhand.store.case_reading import seen_case, seen_cases, startable
from deskhand.store.schema import case
from deskhand.store.waiting import waiting_for
from tests.cases.spending import (
    ADMIN,
    BY_FINANCE,
    BY_MANAGER,
    CLERK,
    FINANCE,
    LARGE,
    MANAGER,
    TENANT,
    WAREHOUSE,
    decided,
    started,
)
from tests.support.desks import CUSTOMER, NOW, FakeClock, placed


def tasks(desk: Desk, actor: Actor, **asked: object) -> list[Task]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return list(waiting_for(desk, uow, actor, **asked).items)  # type: ignore[arg-type]  # a test's keywords


def test_a_case_waits_for_the_role_of_its_lane(desk: Desk, clock: FakeClock) -> None:
    case = started(desk, **LARGE)
    clock.forward(hours=1)

    (task,) = tasks(desk, MANAGER)

    assert (task.id, task.title["zh"], task.decisions) == (
        f"{case.number}.{BY_MANAGER}",
        "经理审批",
        ("approve", "reject"),
    )
    assert task.subject == {"zh": "Laptops，8,000.00 元", "en": "Laptops, CNY 8,000.00"}
    assert (task.since, task.due_at) == (NOW, NOW + timedelta(days=1))
    assert tasks(desk, FINANCE) == tasks(desk, CLERK) == []
    decided(desk, case, MANAGER)
    assert tasks(desk, MANAGER) == []
    (task,) = tasks(desk, FINANCE)
    assert (task.since, [each.name for each in task.fields]) == (clock(), ["budget"])


def test_what_needs_another_person_or_is_claimed_does_not_wait_for_me(desk: Desk) -> None:
    ann = replace(MANAGER, user_id="ann")
    mine, other = started(desk, ann), started(desk)

    assert [task.case for task in tasks(desk, ann)] == [other.number]
    assert {task.case for task in tasks(desk, MANAGER)} == {mine.number, other.number}

    desk.handle(ClaimTask(other.number, BY_MANAGER), ann)
    assert [task.claimed_by for task in tasks(desk, ann)] == ["ann"]
    assert [task.case for task in tasks(desk, MANAGER)] == [mine.number]


def test_a_delegate_is_asked_in_the_absent_ones_place_and_acts_in_both_names(desk: Desk) -> None:
    case = started(desk, WAREHOUSE)
    delegate(desk, MANAGER, WantedDelegation(None, "finance", "2026-11-30"))

    (task,) = tasks(desk, FINANCE)
    outcome = desk.handle(DecideTask(case.number, BY_MANAGER, "approve"), FINANCE)

    assert (task.on_behalf_of, outcome.on_behalf_of) == ("manager", "manager")
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.case_files.history(case.id)[-1]["on_behalf_of"] == "manager"


def test_a_delegate_of_whoever_started_it_is_no_other_person(desk: Desk) -> None:
    case = started(desk, MANAGER)
    delegate(desk, MANAGER, WantedDelegation(None, "finance", "2026-11-30"))

    assert tasks(desk, FINANCE) == []
    with pytest.raises(Exception, match="another person"):
        desk.handle(DecideTask(case.number, BY_MANAGER, "approve"), FINANCE)


def test_whoever_had_it_started_by_a_delegate_is_no_other_person(desk: Desk) -> None:
    delegate(desk, MANAGER, WantedDelegation(None, "finance", "2026-11-30"))
    case = started(desk, FINANCE)  # finance may start none: as the manager who is away
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.case_files.history(case.id)[0]["on_behalf_of"] == "manager"

    assert tasks(desk, MANAGER) == []
    with pytest.raises(Exception, match="another person"):
        decided(desk, case, MANAGER)


def test_orders_wait_too_and_pages_have_no_gap(desk: Desk) -> None:
    orders = [placed(desk).number for _ in range(3)]
    cases = [started(desk, WAREHOUSE).number for _ in range(2)]

    assert [task.id for task in tasks(desk, CLERK)] == [f"{number}.confirm_order" for number in orders]
    assert tasks(desk, CLERK, orders=False) == []
    found: list[str] = []
    cursor = None
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        while True:
            page = waiting_for(desk, uow, MANAGER, limit=2, cursor=cursor)
            found += [task.case for task in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(found) == sorted(orders + cases)
    assert [task.case for task in tasks(desk, MANAGER, process="spend_request")] == cases


def test_a_field_for_some_is_seen_by_these_and_by_who_gave_it(desk: Desk) -> None:
    case = started(desk, WAREHOUSE, **LARGE, salary_code="S-7")

    def seen(actor: Actor) -> object:
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            found = seen_case(desk, uow, case.number, actor)
        return visible(found.definition, found.file, found.actor).get("salary_code")

    assert (seen(FINANCE), seen(WAREHOUSE), seen(MANAGER), seen(CLERK), seen(ADMIN)) == ("S-7", "S-7", None, None, None)
    (task,) = tasks(desk, MANAGER)
    assert "salary_code" not in task.facts
    decided(desk, case, MANAGER)
    (task,) = tasks(desk, FINANCE)
    assert task.facts["salary_code"] == "S-7"
    assert task.node == BY_FINANCE


def test_lists_show_what_may_be_seen(desk: Desk) -> None:
    mine, other = started(desk), decided(desk, started(desk, WAREHOUSE), MANAGER)

    def seen(actor: Actor, **asked: object) -> list[str]:
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            return [each.file.number for each in seen_cases(desk, uow, actor, **asked).items]  # type: ignore[arg-type]  # a test's keywords

    assert seen(MANAGER) == [other.number, mine.number]
    assert seen(CLERK, mine=True) == [mine.number]
    assert seen(MANAGER, is_open=True) == seen(MANAGER, status="waiting_manager") == [mine.number]
    assert seen(MANAGER, limit=1) == [other.number]
    assert seen(CUSTOMER) == []
    with desk.unit_of_work(TENANT, read_only=True) as uow, pytest.raises(UnknownCase):
        seen_case(desk, uow, mine.number, CUSTOMER)


def test_a_case_whose_version_is_gone_spoils_no_list(desk: Desk) -> None:
    kept, lost = started(desk), started(desk, WAREHOUSE)
    with desk.unit_of_work(TENANT) as uow:
        uow.case_files.change(case, case.c.id == lost.id, version=99)
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        shown = [each.file.number for each in seen_cases(desk, uow, MANAGER).items]
    assert shown == [task.case for task in tasks(desk, MANAGER)] == [kept.number]


def test_what_may_be_started_is_told_to_those_who_may(desk: Desk) -> None:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [each.process for each in startable(desk, uow, CLERK)] == ["spend_request", "team_trip"]
        assert startable(desk, uow, FINANCE) == startable(desk, uow, CUSTOMER) == []
        assert startable(desk, uow, replace(FINANCE, role=Role.MANAGER)) != []
