"""Call activities: a case begins another one, waits for it and goes on with what it hands back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskhand.cases import DecideTask, OtherPersonNeeded, StartCase, WithdrawCase
from deskhand.cases.model import CaseFile
from deskhand.orders.errors import DeskhandError
from deskhand.store import Desk
from deskhand.store.case_running import fire_due
from deskhand.store.migrating import migrate
from deskhand.store.process_errors import NotMapped
from deskhand.store.process_files import ProcessFiles
from deskhand.store.simulating import simulate
from deskhand.store.verifying import verify_order
from tests.cases.spending import BY_MANAGER, CLERK, FINANCE, MANAGER, TENANT, fresh
from tests.support.desks import FakeClock, told
from tests.support.versions import draft, published

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TRIP = {"place": "Hangzhou", "people": 3, "each": "100"}


def trip(desk: Desk, **fields: Any) -> CaseFile:
    return desk.handle(StartCase("team_trip", {**TRIP, **fields}), CLERK).case


def called_by(desk: Desk, caller: CaseFile) -> CaseFile:
    (case_id,) = fresh(desk, caller.number).case.data["_called"].values()
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.case_files.by_ids([case_id])[0]


def decide(desk: Desk, file: CaseFile, decision: str = "approve") -> CaseFile:
    (node,) = fresh(desk, file.number).case.marking
    who = FINANCE if node.endswith("finance") else MANAGER
    return desk.handle(DecideTask(file.number, node, decision, "no money"), who).case


def test_a_call_begins_a_case_of_the_called_process_with_what_the_diagram_gives_it(desk: Desk) -> None:
    caller = trip(desk)

    called = called_by(desk, caller)

    assert (caller.number, caller.status, caller.case.marking) == ("TT-1001", "asking", {"ask_for_money"})
    assert (called.number, called.process, called.started_by) == ("SR-1001", "spend_request", CLERK.user_id)
    assert (called.values["item"], called.values["amount"]) == ("Hangzhou", Decimal(300))
    assert told(desk, "role:manager")[-1][0] == "TaskWaiting"


def test_the_end_of_the_called_case_hands_back_and_the_caller_goes_on(desk: Desk) -> None:
    caller = trip(desk)

    decide(desk, called_by(desk, caller))

    after = fresh(desk, caller.number)
    assert after.case.marking == {"book"}
    assert (after.values["granted"], after.values["left_over"]) == (Decimal(300), Decimal(0))


def test_a_refusal_of_the_called_case_is_handed_back_too(desk: Desk) -> None:
    caller = trip(desk)

    decide(desk, called_by(desk, caller), "reject")

    assert fresh(desk, caller.number).status == "refused"


def test_withdrawing_the_caller_withdraws_the_called_case(desk: Desk) -> None:
    caller = trip(desk)
    called = called_by(desk, caller)

    desk.handle(WithdrawCase(caller.number), CLERK)

    assert [fresh(desk, each.number).status for each in (caller, called)] == ["withdrawn", "withdrawn"]


def test_withdrawing_the_called_case_is_an_answer_to_its_caller(desk: Desk) -> None:
    caller = trip(desk)

    desk.handle(WithdrawCase(called_by(desk, caller).number), CLERK)

    assert fresh(desk, caller.number).status == "refused"


def test_a_caller_that_waited_too_long_takes_the_called_case_away(desk: Desk, clock: FakeClock) -> None:
    caller = trip(desk)
    called = called_by(desk, caller)
    clock.forward(days=10)

    while fire_due(desk, TENANT):
        pass

    assert fresh(desk, caller.number).case.marking == {"book"}
    assert fresh(desk, called.number).status == "withdrawn"


def test_four_eyes_hold_in_the_called_case_against_who_began_the_caller(desk: Desk) -> None:
    caller = desk.handle(StartCase("team_trip", TRIP), MANAGER).case

    with pytest.raises(OtherPersonNeeded):
        desk.handle(DecideTask(called_by(desk, caller).number, BY_MANAGER, "approve"), MANAGER)


def test_a_call_whose_fields_do_not_do_stops_the_caller_and_says_why(desk: Desk) -> None:
    caller = trip(desk, each="1000000")  # more than spend_request takes

    after = fresh(desk, caller.number)

    assert (after.case.marking, after.stopped_node) == ({"ask_for_money"}, "ask_for_money")
    assert after.stopped_reason == "not_called: field_invalid: amount: 3000000.00 is more than 1000000."
    assert any(name == "CaseStopped" for name, _ in told(desk, "role:manager"))


def test_the_history_of_each_tells_of_the_other(desk: Desk) -> None:
    caller = trip(desk)
    called = called_by(desk, caller)
    decide(desk, called)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        first, *_ = uow.case_files.history(called.id)
        events = [(row["event"], row["role"]) for row in uow.case_files.history(caller.id)]

    assert (first["detail"]["called_by"], first["detail"]["called_at"]) == (caller.number, "ask_for_money")
    assert events == [("start_case", "sales"), ("ask_for_money_done", "manager")]


def test_the_called_version_is_the_one_that_runs_when_it_is_called(desk: Desk) -> None:
    assert called_by(desk, trip(desk)).case.version == desk.definitions(TENANT)["spend_request"].version


MOVES = st.lists(
    st.sampled_from(["trip", "approve", "reject", "withdraw_caller", "withdraw_called", "wait"]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, amounts=st.lists(st.sampled_from(["1", "100", "9000"]), min_size=12, max_size=12))
def test_a_caller_waits_exactly_as_long_as_the_case_that_it_called_is_open(
    desk: Desk, clock: FakeClock, moves: list[str], amounts: list[str]
) -> None:
    trips: list[CaseFile] = []
    for move, amount in zip(moves, amounts, strict=False):
        _move(desk, clock, trips, move, amount)
        for each in trips:
            _holds(desk, each)


def _move(desk: Desk, clock: FakeClock, trips: list[CaseFile], move: str, amount: str) -> None:
    if move == "trip" or not trips:
        trips.append(trip(desk, each=amount))
        return
    caller = fresh(desk, trips[-1].number)
    called = called_by(desk, caller) if caller.case.data.get("_called") else None
    try:
        if move == "wait":
            clock.forward(days=5)
            fire_due(desk, TENANT)
        elif move == "withdraw_caller":
            desk.handle(WithdrawCase(caller.number), CLERK)
        elif called is not None and move == "withdraw_called":
            desk.handle(WithdrawCase(called.number), CLERK)
        elif called is not None:
            decide(desk, called, move)
    except DeskhandError:
        pass  # not possible any more: nothing has changed then


def _holds(desk: Desk, each: CaseFile) -> None:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        page = uow.case_files.list(process="spend_request", limit=200)
        called = [file for file in page.items if file.case.data["_caller"]["case"] == each.id]
        caller = uow.case_files.get(each.number)
        assert len(called) == 1
        assert (caller.case.marking == {"ask_for_money"}) == (called[0].ended_at is None)
        if "granted" in caller.values:
            wanted = called[0].values["amount"] if called[0].status == "approved" else 0
            assert caller.values["granted"] == wanted
        assert verify_order(uow.connection, TENANT, each.id).holds


def test_a_migrated_caller_still_gets_what_it_waits_for_and_nobody_is_put_at_a_call(desk: Desk) -> None:
    caller, at_task = trip(desk), trip(desk)
    decide(desk, called_by(desk, at_task))
    files = draft(desk, ("ask_for_money", "ask_finance"), name="team_trip")
    settings_text = files.text("process.yml").replace("given_at: ask_for_money", "given_at: ask_finance")
    published(desk, ProcessFiles(files.name, {**files.texts, "process.yml": settings_text}))

    with pytest.raises(NotMapped, match="book"):
        migrate(desk, MANAGER, "team_trip", {"ask_for_money": "book", "book": "ask_finance"})
    report = migrate(desk, MANAGER, "team_trip", {"ask_for_money": "ask_finance"})
    decide(desk, called_by(desk, caller))

    assert report.cases == 2
    assert fresh(desk, caller.number).case.marking == {"book"}


def test_a_caller_that_is_moved_away_from_its_call_takes_the_called_case_away(desk: Desk) -> None:
    caller = trip(desk)
    called = called_by(desk, caller)
    published(desk, draft(desk, ("订票 / Book", "订好 / Book it"), name="team_trip"))

    migrate(desk, MANAGER, "team_trip", {"ask_for_money": "book"})

    assert (fresh(desk, caller.number).case.marking, fresh(desk, called.number).status) == ({"book"}, "withdrawn")


def test_the_history_of_a_caller_can_be_simulated(desk: Desk) -> None:
    decide(desk, called_by(desk, trip(desk)))
    trip(desk)

    report = simulate(desk, TENANT, desk.versions.active(TENANT, "team_trip"))

    assert (report.cases, report.steps, report.unclear, report.broken) == (2, 1, 0, [])
