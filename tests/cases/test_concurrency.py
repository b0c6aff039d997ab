"""Two at once: one wins, and the other learns what is so now. On SQLite, and on PostgreSQL where they really race."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

from deskhand.cases import ClaimTask, DecideTask
from deskhand.orders.errors import DeskhandError
from deskhand.store import Desk
from deskhand.store.case_running import fire_due, start_scheduled
from deskhand.store.verifying import verify
from tests.cases.spending import BY_MANAGER, LARGE, MANAGER, TENANT, fresh, started
from tests.support.desks import FakeClock


def at_once(*calls: Callable[[], Any]) -> Sequence[Any]:
    """What each gives, or its refusal."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except DeskhandError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_two_people_decide_one_task_and_one_of_them_has(desk: Desk) -> None:
    case = started(desk, **LARGE)
    ann, bob = (replace(MANAGER, user_id=name) for name in ("ann", "bob"))
    approve = DecideTask(case.number, BY_MANAGER, "approve", expected_version=case.version)
    reject = replace(approve, decision="reject", reason="too dear")

    answers = at_once(lambda: desk.handle(approve, ann), lambda: desk.handle(reject, bob))

    refused = [each for each in answers if isinstance(each, DeskhandError)]
    assert len(refused) == 1
    now = fresh(desk, case.number)
    assert refused[0].code in ("case_changed", "unknown_task")  # it lost the race, or came when that was over
    assert refused[0].data["status"] == now.status
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert len(uow.case_files.history(case.id)) == 2
        assert verify(uow.connection, TENANT).holds


def test_two_people_claim_one_task_and_one_of_them_has_it(desk: Desk) -> None:
    case = started(desk)
    people = [replace(MANAGER, user_id=name) for name in ("ann", "bob")]

    answers = at_once(*[lambda who=who: desk.handle(ClaimTask(case.number, BY_MANAGER), who) for who in people])

    (refused,) = (each for each in answers if isinstance(each, DeskhandError))
    assert refused.code == "task_claimed"
    assert refused.data["by"] in ("ann", "bob")


def test_two_workers_start_a_scheduled_case_once(desk: Desk, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 23, 23, 45, tzinfo=UTC)

    begun = at_once(*[lambda: start_scheduled(desk, TENANT)] * 2)

    assert sorted(begun) == [0, 1]
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert len(uow.case_files.list().items) == 1


def test_two_workers_fire_a_timer_once(desk: Desk, clock: FakeClock) -> None:
    case = started(desk)
    clock.forward(days=1)

    fired = at_once(*[lambda: fire_due(desk, TENANT)] * 2)

    assert sorted(fired) == [0, 1]
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [row["event"] for row in uow.case_files.history(case.id)] == ["start_case", "timer"]
