"""What happens to cases without a person: timers, starts by the clock, automatic tasks, other systems; who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from deskhand.cases import DecideTask, StartCase, WithdrawCase
from deskhand.cases.model import CaseFile
from deskhand.orders.events import EventName
from deskhand.store import Desk
from deskhand.store.case_running import fire_due, run_automatic, service_answered, service_stopped, start_scheduled
from tests.cases.spending import CLERK, FINANCE, LARGE, MANAGER, TENANT, WAREHOUSE, decided, fresh, started
from tests.support.desks import FakeClock, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where two race: test_concurrency


def heard(desk: Desk, audience: str, kind: str) -> list[str]:
    return [text for name, text in told(desk, audience) if name == kind]


def cases_of(desk: Desk, process: str) -> list[CaseFile]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return list(uow.case_files.list(process=process).items)


def weighed(desk: Desk, results: dict[str, Any] | None) -> CaseFile:
    """A stock check to which the other system has given this answer."""
    case = desk.handle(StartCase("stock_check", {"place": "main"}), WAREHOUSE).case
    with desk.unit_of_work(TENANT) as uow:
        assert service_answered(desk, uow, case.id, "ask_system", results)
        uow.commit()
    return fresh(desk, case.number)


def test_an_overdue_task_is_told_once_to_its_role_and_to_who_is_accountable(desk: Desk, clock: FakeClock) -> None:
    case = started(desk)
    assert fire_due(desk, TENANT) == 0
    clock.forward(days=1)

    assert (fire_due(desk, TENANT), fire_due(desk, TENANT)) == (1, 0)

    for audience in ("role:manager", "role:admin"):
        assert heard(desk, audience, "TaskOverdue") == [f"{case.number} 已超时：经理审批"]
    assert decided(desk, fresh(desk, case.number), MANAGER).status == "approved"


def test_many_timers_fire_in_one_go(desk: Desk, clock: FakeClock) -> None:
    for _ in range(3):
        started(desk)
    clock.forward(days=2)

    assert desk.run_cases(TENANT) == 3 + 0


def test_what_is_over_is_not_overdue(desk: Desk, clock: FakeClock) -> None:
    decided(desk, started(desk), MANAGER)
    desk.handle(WithdrawCase(started(desk).number), CLERK)
    clock.forward(days=2)

    assert fire_due(desk, TENANT) == 0


def test_a_shift_begins_with_a_case_a_quarter_of_an_hour_before(desk: Desk, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 23, 23, 44, tzinfo=UTC)  # in Shanghai 7:44
    assert start_scheduled(desk, TENANT) == 0
    clock.forward(minutes=1)

    assert (start_scheduled(desk, TENANT), start_scheduled(desk, TENANT)) == (1, 0)

    (case,) = cases_of(desk, "spend_request")
    assert (case.started_by, case.values["item"], case.values["amount"]) == ("system", "Shift money", Decimal(10))


def test_the_clock_starts_nothing_where_the_company_did_not_ask_for_it(desk: Desk, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 23, 23, 45, tzinfo=UTC)
    tenants: Any = desk.tenants
    tenants[TENANT] = replace(tenants[TENANT], scheduled=("stock_check",))

    assert start_scheduled(desk, TENANT) == 0


def test_a_start_that_was_missed_is_made_up_for_an_hour(desk: Desk, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 24, 0, 44, tzinfo=UTC)  # a minute less than an hour late
    assert start_scheduled(desk, TENANT) == 1

    clock.now = datetime(2026, 11, 25, 0, 46, tzinfo=UTC)
    assert start_scheduled(desk, TENANT) == 0


def test_one_shifts_end_may_be_anothers_start(desk: Desk, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 24, 7, 45, tzinfo=UTC)  # in Shanghai 15:45: early ends, late begins

    assert (start_scheduled(desk, TENANT), start_scheduled(desk, TENANT)) == (2, 0)


def test_cron_starts_at_its_minute_in_the_companys_zone(desk: Desk, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)  # 10:30 in Shanghai

    assert start_scheduled(desk, TENANT) == 1
    assert [case.number for case in cases_of(desk, "stock_check")] == ["SC-1001"]


def test_the_answer_of_another_system_carries_the_case_on(desk: Desk) -> None:
    case = weighed(desk, {"count": Decimal(12), "noise": "x"})
    assert (case.case.marking, case.values) == ({"look"}, {"place": "main", "count": Decimal(12)})

    assert run_automatic(desk, TENANT) == 1

    assert fresh(desk, case.number).status == "checked"
    assert heard(desk, "role:warehouse", "CaseNotice") == ["main：12"]


def test_the_call_says_what_the_file_says(desk: Desk) -> None:
    case = desk.handle(StartCase("stock_check", {"place": "main"}), WAREHOUSE).case
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        (event,) = [e.event for e in uow.outbox.events_of(case.id) if e.event.name is EventName.CONNECTOR_REQUESTED]

    asked = {name: event.payload[name] for name in ("connector", "operation", "params", "node")}
    assert asked == {"connector": "scales", "operation": "weigh", "params": {"where": "main"}, "node": "ask_system"}


def test_a_system_that_failed_for_good_hands_the_case_to_a_person(desk: Desk) -> None:
    case = weighed(desk, None)
    assert case.case.marking == {"count_by_hand"}

    case = desk.handle(DecideTask(case.number, "count_by_hand", "complete"), WAREHOUSE).case

    assert case.status == "checked"
    with desk.unit_of_work(TENANT) as uow:
        assert not service_answered(desk, uow, case.id, "ask_system", {})


def test_where_no_way_leads_on_the_case_stops_and_says_so_once(desk: Desk) -> None:
    case = weighed(desk, {"count": Decimal(7)})

    assert (run_automatic(desk, TENANT), run_automatic(desk, TENANT)) == (1, 0)

    case = fresh(desk, case.number)
    assert (case.stopped_node, case.case.marking) == ("enough", {"look"})
    assert case.stopped_reason == "no_path: no condition of enough holds"
    assert heard(desk, "role:manager", "CaseStopped") == [f"{case.number} 停在 enough"]


def test_who_is_told_of_what(desk: Desk) -> None:
    case = started(desk, **LARGE)
    assert heard(desk, "role:manager", "TaskWaiting") == [f"{case.number} 待办：经理审批（Laptops，8,000.00 元）"]
    assert told(desk, "role:finance") == []

    case = decided(desk, case, MANAGER)
    assert heard(desk, "user:clerk", "TaskDecided") == [f"{case.number}：经理审批，赵敏 Zhao Min：批准 "]
    assert len(heard(desk, "role:finance", "TaskWaiting")) == 1

    decided(desk, case, FINANCE, "reject", reason="没有预算")
    assert heard(desk, "user:clerk", "TaskDecided")[1].endswith("驳回 没有预算")
    assert heard(desk, "user:clerk", "CaseEnded") == [f"{case.number} 已结束：已驳回"]
    assert told(desk, "customer:huaxing") == told(desk, "role:customer") == []


def test_a_field_for_some_is_in_no_notification_and_no_event(desk: Desk) -> None:
    case = started(desk, **LARGE, salary_code="S-7")
    decided(desk, case, MANAGER)
    told(desk)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        events = uow.outbox.events_of(case.id)
        notices = uow.notifications.since(0)

    assert len(events) == 4
    assert "S-7" not in str(events) + str(notices)


def test_the_document_has_its_clause_in_both_languages(desk: Desk) -> None:
    case = decided(desk, started(desk, kind="it"), MANAGER)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        texts = {each.language: each.text for each in uow.case_files.documents(case.id)}

    assert texts == {
        "zh": f"{case.number}：Chairs，900.00 元，设备。\n小额 900.00 元。",
        "en": f"{case.number}: Chairs, CNY 900.00, Equipment.\nSmall: CNY 900.00.",
    }


@pytest.mark.parametrize("tenant", ["other"])
def test_one_companys_cases_are_not_anothers(desk: Desk, clock: FakeClock, tenant: str) -> None:
    started(desk)
    clock.forward(days=2)

    assert fire_due(desk, tenant) == 0
    case = desk.handle(StartCase("spend_request", LARGE), replace(CLERK, tenant=tenant)).case
    assert case.number == "SR-1001"


def test_a_system_that_does_not_answer_holds_its_own_step_alone(desk: Desk, clock: FakeClock) -> None:
    case = started(desk)
    with desk.unit_of_work(TENANT) as uow:
        service_stopped(uow, case.id, "write_slip", "connection refused")
        uow.commit()
    assert fresh(desk, case.number).stopped_reason == "no_answer: connection refused"
    clock.forward(days=1)

    assert fire_due(desk, TENANT) == 1
