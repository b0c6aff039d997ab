"""A case's life: started, decided, withdrawn; who may, who may not, and what is left behind."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from deskhand.cases import (
    CaseChanged,
    CaseNotPossibleNow,
    ClaimTask,
    DecideTask,
    DecisionUnknown,
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    OtherPersonNeeded,
    ReasonNeeded,
    ReleaseTask,
    StartCase,
    TaskClaimed,
    UnknownCase,
    UnknownProcess,
    UnknownTask,
    WithdrawCase,
)
from deskhand.orders.errors import DeskhandError, RoleNotAllowed
from deskhand.store import Desk
from deskhand.store.verifying import verify
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
    fresh,
    started,
)
from tests.support.desks import CUSTOMER, OTHER_TENANT


def test_a_small_request_needs_one_approval(desk: Desk) -> None:
    case = started(desk, item="Chairs", amount="900")
    assert (case.number, case.status, case.case.marking) == ("SR-1001", "waiting_manager", {BY_MANAGER})
    assert case.values["amount"] == Decimal("900.00")
    assert case.values["with_tax"] == Decimal("1017.00")

    case = decided(desk, case, MANAGER)

    assert (case.status, case.ended_at) == ("approved", desk.clock())
    assert fresh(desk, case.number).status == "approved"


def test_a_large_one_needs_two_and_keeps_what_is_given_at_the_second(desk: Desk) -> None:
    case = decided(desk, started(desk, **LARGE), MANAGER)
    assert case.case.marking == {BY_FINANCE}

    case = decided(desk, case, FINANCE, fields={"budget": "2026-IT"})

    assert case.status == "approved"
    assert fresh(desk, case.number).values["budget"] == "2026-IT"


def test_the_decision_says_by_which_rule(desk: Desk) -> None:
    case = started(desk, **LARGE)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        (row,) = uow.case_files.history(case.id)

    assert row["detail"]["rules"] == [{"decision": "level", "rule": 2}]
    assert row["personal"]["rules"][0]["outputs"] == {"level": "finance", "clause": "clause_large"}
    assert row["personal"]["rules"][0]["inputs"] == {"amount": "8000.00"}


def test_a_rejection_needs_a_reason_and_ends_the_case(desk: Desk) -> None:
    case = started(desk)
    with pytest.raises(ReasonNeeded):
        decided(desk, case, MANAGER, "reject")
    with pytest.raises(ReasonNeeded):
        decided(desk, case, MANAGER, "reject", reason="  ")

    case = decided(desk, case, MANAGER, "reject", reason="too dear")

    assert case.status == "rejected"


def test_what_is_no_answer_is_refused(desk: Desk) -> None:
    with pytest.raises(DecisionUnknown) as refused:
        decided(desk, started(desk), MANAGER, "perhaps")
    assert refused.value.data["decisions"] == "approve, reject"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fields", "error", "data"),
    [
        ({"amount": None}, FieldMissing, {"fields": "amount"}),
        ({"amount": "0"}, FieldInvalid, {"field": "amount", "problem": "too_small"}),
        ({"amount": "1.005"}, FieldInvalid, {"problem": "too_many_decimals"}),
        ({"amount": "much"}, FieldInvalid, {"problem": "not_a_number"}),
        ({"amount": True}, FieldInvalid, {"problem": "not_a_number"}),
        ({"amount": "NaN"}, FieldInvalid, {"problem": "not_a_number"}),
        ({"amount": "1e40"}, FieldInvalid, {"problem": "not_a_number"}),
        ({"item": "x" * 201}, FieldInvalid, {"problem": "too_long"}),
        ({"item": " "}, FieldInvalid, {"problem": "not_text"}),
        ({"item": 7}, FieldInvalid, {"problem": "not_text"}),
        ({"kind": "toy"}, FieldInvalid, {"problem": "not_a_choice", "choices": "it, other"}),
        ({"needed_by": "2026-11-19"}, FieldInvalid, {"problem": "in_past"}),
        ({"needed_by": "tomorrow"}, FieldInvalid, {"problem": "not_a_date"}),
        ({"colour": "red"}, FieldUnknown, {"field": "colour"}),
        ({"with_tax": "1"}, FieldUnknown, {"field": "with_tax"}),
        ({"budget": "x"}, FieldUnknown, {"field": "budget"}),
    ],
)
def test_a_field_that_cant_be_is_refused_by_name(
    desk: Desk, fields: dict[str, object], error: type[DeskhandError], data: dict[str, object]
) -> None:
    with pytest.raises(error) as refused:
        started(desk, **fields)

    assert data.items() <= refused.value.data.items()
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.case_files.list().items == ()
        assert [row.action for row in uow.audit.list(1)] == ["StartCase"]


def test_whoever_may_not_start_it_does_not_learn_that_there_is_such_a_process(desk: Desk) -> None:
    for process, actor in (("spend_request", FINANCE), ("nothing", CLERK), ("order_to_cash", CLERK)):
        with pytest.raises(UnknownProcess):
            desk.handle(StartCase(process, {}), actor)


def test_four_eyes_whoever_started_it_does_not_approve_it(desk: Desk) -> None:
    case = started(desk, replace(MANAGER, user_id="boss"))
    with pytest.raises(OtherPersonNeeded):
        decided(desk, case, replace(MANAGER, user_id="boss"))
    with pytest.raises(OtherPersonNeeded):
        desk.handle(ClaimTask(case.number, BY_MANAGER), replace(MANAGER, user_id="boss"))

    assert decided(desk, case, MANAGER).status == "approved"


def test_four_eyes_one_person_does_not_approve_twice(desk: Desk) -> None:
    case = decided(desk, started(desk, **LARGE), replace(MANAGER, user_id="ann"))
    with pytest.raises(OtherPersonNeeded):
        decided(desk, case, replace(FINANCE, user_id="ann"))

    assert decided(desk, case, FINANCE).status == "approved"


def test_the_lane_says_whose_task_it_is(desk: Desk) -> None:
    case = started(desk)
    for actor in (WAREHOUSE, FINANCE, ADMIN):
        with pytest.raises(RoleNotAllowed):
            decided(desk, case, actor)
    assert fresh(desk, case.number).version == case.version


def test_nothing_waits_where_the_case_is_not(desk: Desk) -> None:
    case = started(desk)
    for task in (BY_FINANCE, "considered", "nowhere"):
        with pytest.raises(UnknownTask):
            desk.handle(DecideTask(case.number, task, "approve"), FINANCE)


def test_the_starter_withdraws_while_it_is_considered(desk: Desk) -> None:
    case = started(desk)
    with pytest.raises(RoleNotAllowed):
        desk.handle(WithdrawCase(case.number), MANAGER)

    case = desk.handle(WithdrawCase(case.number, "bought already"), CLERK).case

    assert (case.status, case.case.marking) == ("withdrawn", frozenset())
    with pytest.raises(CaseNotPossibleNow):
        desk.handle(WithdrawCase(case.number), CLERK)
    with pytest.raises(UnknownTask):
        desk.handle(DecideTask(case.number, BY_MANAGER, "approve"), MANAGER)


def test_what_was_read_before_somebody_else_is_refused_with_the_fresh_state(desk: Desk) -> None:
    case = started(desk, **LARGE)
    now = decided(desk, case, MANAGER)

    with pytest.raises(CaseChanged) as refused:
        desk.handle(WithdrawCase(case.number, expected_version=case.version), CLERK)

    assert refused.value.data == {"number": case.number, "status": "waiting_finance", "version": now.version}


def test_a_claimed_task_is_nobody_elses_until_it_is_released(desk: Desk) -> None:
    case, ann = started(desk), replace(MANAGER, user_id="ann")
    desk.handle(ClaimTask(case.number, BY_MANAGER), ann)
    desk.handle(ClaimTask(case.number, BY_MANAGER), ann)
    for command in (ClaimTask(case.number, BY_MANAGER), DecideTask(case.number, BY_MANAGER, "approve")):
        with pytest.raises(TaskClaimed) as refused:
            desk.handle(command, MANAGER)
        assert refused.value.data["by"] == "ann"
    with pytest.raises(TaskClaimed):
        desk.handle(ReleaseTask(case.number, BY_MANAGER), MANAGER)

    desk.handle(ReleaseTask(case.number, BY_MANAGER), ADMIN)  # accountable

    assert decided(desk, case, MANAGER).status == "approved"


def test_a_case_is_nobodys_business_who_has_no_part_in_it(desk: Desk) -> None:
    case = started(desk)
    for number, actor in ((case.number, CUSTOMER), ("SR-9", MANAGER), ("", MANAGER), ("SO-1001", MANAGER)):
        with pytest.raises(UnknownCase):
            desk.handle(WithdrawCase(number), actor)
    with pytest.raises(UnknownCase):
        desk.handle(WithdrawCase(case.number), replace(CLERK, tenant=OTHER_TENANT))


def test_the_history_is_a_chain_and_what_is_personal_lies_beside_it(desk: Desk) -> None:
    case = decided(desk, started(desk, item="A chair for Ann"), MANAGER, "reject", reason="Ann has one")

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = uow.case_files.history(case.id)
        found = verify(uow.connection, TENANT)

    assert [row["event"] for row in rows] == ["start_case", BY_MANAGER]
    assert [(row["before"], row["after"]) for row in rows] == [
        (None, "waiting_manager"),
        ("waiting_manager", "rejected"),
    ]
    assert rows[0]["detail"]["values"]["amount"] == "900.00"
    assert "item" not in rows[0]["detail"]["values"]
    assert rows[0]["personal"]["values"] == {"item": "A chair for Ann"}
    assert rows[1]["detail"]["decision"] == "reject"
    assert rows[1]["personal"]["reason"] == "Ann has one"
    assert found.faults == []


def test_commands_say_the_number_in_any_usual_way(desk: Desk) -> None:
    case = started(desk)
    assert desk.handle(WithdrawCase("sr 1001"), CLERK).case.number == case.number
