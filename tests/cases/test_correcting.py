"""What a case says is corrected or added to while it runs: by its starter, undecided, and what that begins anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from deskhand.cases import (
    AlreadyDecided,
    CaseChanged,
    CaseNotPossibleNow,
    FieldDecides,
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    GiveFields,
    StartCase,
)
from deskhand.orders.errors import RoleNotAllowed
from deskhand.store import Desk
from deskhand.store.case_running import run_automatic, service_answered
from tests.cases.spending import CLERK, LARGE, MANAGER, TENANT, WAREHOUSE, decided, fresh, started
from tests.support.desks import FakeClock, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_its_starter_adds_and_corrects_what_no_rule_has_read(desk: Desk) -> None:
    case = started(desk)

    after = desk.handle(GiveFields(case.number, {"item": "Desks", "needed_by": "2026-12-24"}), CLERK).case

    assert (after.case.marking, after.values["item"], after.values["needed_by"]) == (
        case.case.marking, "Desks", date(2026, 12, 24),
    )  # fmt: skip
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        row = uow.case_files.history(case.id)[-1]
    assert (row["event"], row["actor"]) == ("give_fields", CLERK.user_id)
    assert (row["detail"]["values"], row["personal"]["values"]) == ({"needed_by": "2026-12-24"}, {"item": "Desks"})


def test_what_a_decision_has_read_is_corrected_by_its_diagram_or_not_at_all(desk: Desk) -> None:
    with pytest.raises(FieldDecides):
        desk.handle(GiveFields(started(desk).number, {"amount": "8000"}), CLERK)


def test_nobody_else_corrects_it_and_nobody_once_it_was_decided(desk: Desk) -> None:
    case = started(desk, **LARGE)
    with pytest.raises(RoleNotAllowed):
        desk.handle(GiveFields(case.number, {"item": "Desks"}), MANAGER)
    case = decided(desk, case, MANAGER)

    with pytest.raises(AlreadyDecided):
        desk.handle(GiveFields(case.number, {"item": "Desks"}), CLERK)
    with pytest.raises(CaseChanged):
        desk.handle(GiveFields(case.number, {"item": "Desks"}, expected_version=1), CLERK)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"nothing": 1}, FieldUnknown),
        ({"budget": "x"}, FieldUnknown),  # is given at a task
        ({"with_tax": 1}, FieldUnknown),  # is worked out
        ({"needed_by": "2020-01-01"}, FieldInvalid),
        ({}, FieldMissing),
    ],
)
def test_what_can_not_be_given_is_refused(desk: Desk, fields: dict[str, object], error: type[Exception]) -> None:
    case = started(desk)

    with pytest.raises(error):
        desk.handle(GiveFields(case.number, fields), CLERK)

    assert fresh(desk, case.number).version == case.version


def test_what_is_over_stays_as_it_was(desk: Desk) -> None:
    case = decided(desk, started(desk), MANAGER)

    with pytest.raises(CaseNotPossibleNow):
        desk.handle(GiveFields(case.number, {"item": "Desks"}), CLERK)


def test_a_value_carries_a_case_on_that_no_way_led_on_from(desk: Desk) -> None:
    """`look` is automatic, and where it leads to depends on a count that nobody has given."""
    case = desk.handle(StartCase("stock_check", {"place": "main"}), WAREHOUSE).case
    with desk.unit_of_work(TENANT) as uow:
        service_answered(desk, uow, case.id, "ask_system", {})
        uow.commit()
    assert run_automatic(desk, TENANT) == 1
    assert (fresh(desk, case.number).stopped_reason or "").startswith("no_path")

    desk.handle(GiveFields(case.number, {"count": 12}), WAREHOUSE)
    run_automatic(desk, TENANT)

    after = fresh(desk, case.number)
    assert (after.status, after.values["count"]) == ("checked", Decimal(12))


def test_a_call_that_was_refused_begins_when_its_value_is_corrected(desk: Desk) -> None:
    trip = {"place": "Hangzhou", "people": 3, "each": "1000000"}
    case = desk.handle(StartCase("team_trip", trip), CLERK).case
    assert fresh(desk, case.number).stopped_node == "ask_for_money"

    desk.handle(GiveFields(case.number, {"each": "100"}), CLERK)

    after = fresh(desk, case.number)
    assert after.stopped_reason is None
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        called = uow.case_files.get("SR-1001") if uow.case_files.list(process="spend_request").items else None
    assert called is None or called.values["amount"] == Decimal(300)
    assert [name for name, _ in told(desk, "role:manager")].count("TaskWaiting") == 1


def test_two_values_at_once_are_both_kept(desk: Desk, clock: FakeClock) -> None:
    case = started(desk)
    clock.forward(minutes=5)

    after = desk.handle(GiveFields(case.number, {"item": "Desks", "salary_code": "S-1"}), CLERK).case

    assert (after.values["item"], after.values["salary_code"], after.updated_at) == ("Desks", "S-1", clock())
