"""Several takers, deaths at any moment and a clock that moves: no item is lost, and none is two takers' at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from deskhand.store import Desk
from deskhand.store.work_item import OVER, ItemState, WorkItem
from tests.support.desks import TENANT, FakeClock

LEASE, MOST = 60.0, 6
TAKERS = st.sampled_from(["one", "two", "three"])
NUMBERS = st.integers(0, 5)
_robots = itertools.count()


class Queue(RuleBasedStateMachine):
    """`held`: what each taker believes to have; a taker that has died goes on believing, as a paused process does."""

    def __init__(self, desk: Desk, clock: FakeClock) -> None:
        super().__init__()
        self.desk, self.clock = desk, clock
        self.robot = f"robot_{next(_robots)}"  # one desk for all examples, a robot for each
        self.held: dict[str, list[WorkItem]] = {}
        self.done: dict[str, int] = {}
        self.asked: set[str] = set()

    def _do(self, what: Callable[[Any], Any]) -> Any:
        with self.desk.unit_of_work(TENANT) as uow:
            found = what(uow)
            uow.commit()
            return found

    @rule(number=NUMBERS, priority=st.integers(0, 2), later=st.sampled_from([0, 30, 600]))
    def ask(self, number: int, priority: int, later: int) -> None:
        reference, due = f"SO-{number}", self.clock() + timedelta(seconds=later)
        given = {"priority": priority, "not_before": due}
        _, fresh = self._do(lambda uow: uow.work_items.add(self.robot, reference, {}, **given))
        assert fresh == (reference not in self.asked)
        self.asked.add(reference)

    @rule(taker=TAKERS)
    def take(self, taker: str) -> None:
        waiting = self._all()
        item = self._do(lambda uow: uow.work_items.claim(self.robot, taker, LEASE, MOST))
        if item is None or item.is_over:
            return
        before = next(each for each in waiting if each.id == item.id)
        assert before.state is ItemState.NEW or (
            before.claimed_until is not None and before.claimed_until <= self.clock()
        )
        self.held.setdefault(taker, []).append(item)

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), state=st.sampled_from([ItemState.SUCCESSFUL, ItemState.FAILED]))
    def finish(self, data: Any, state: ItemState) -> None:
        item = self._one(data)
        if self._do(lambda uow: uow.work_items.finish(item, state)) and state is ItemState.SUCCESSFUL:
            self.done[item.reference] = self.done.get(item.reference, 0) + 1

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), seconds=st.sampled_from([0, 45]), counts=st.booleans())
    def fail(self, data: Any, seconds: int, counts: bool) -> None:
        item = self._one(data)
        self._do(lambda uow: uow.work_items.put_back(item, self.clock() + timedelta(seconds=seconds), None, counts))

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data())
    def beat(self, data: Any) -> None:
        item = self._one(data, keep=True)
        fresh = self._do(lambda uow: uow.work_items.renew(item, LEASE))
        assert fresh is None or fresh.holder == item.holder

    @rule(number=NUMBERS)
    def stop(self, number: int) -> None:
        item = next((each for each in self._all() if each.reference == f"SO-{number}"), None)
        if item is not None:
            found = self._do(lambda uow: uow.work_items.stop(item.id, "clerk"))
            assert (found is None) == item.is_over

    @rule(number=NUMBERS)
    def try_again(self, number: int) -> None:
        item = next((each for each in self._all() if each.reference == f"SO-{number}"), None)
        if item is not None:
            again = self._do(lambda uow: uow.work_items.again(item.id))
            assert again == (item.state in (ItemState.FAILED, ItemState.ABANDONED))

    @rule(seconds=st.sampled_from([1, 61, 700]))
    def time_passes(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)

    @invariant()
    def nothing_is_lost_and_nothing_is_done_twice(self) -> None:
        items = self._all()
        assert {item.reference for item in items} == self.asked
        assert len(items) == len(self.asked)
        assert all(count == 1 for count in self.done.values())
        for item in items:
            assert (item.holder is not None) == (item.state is ItemState.IN_PROGRESS)
            assert (item.finished_at is not None) == (item.state in OVER)
            if item.reference in self.done:
                assert item.state is ItemState.SUCCESSFUL

    def teardown(self) -> None:
        """Whatever has happened: once the takers are gone, a last one is given everything that is open."""
        self.clock.forward(seconds=3600)
        while (item := self._do(lambda uow: uow.work_items.claim(self.robot, "last", LEASE, MOST))) is not None:
            if not item.is_over:
                assert self._do(lambda uow: uow.work_items.finish(item, ItemState.SUCCESSFUL))
        assert all(item.is_over for item in self._all())

    def _all(self) -> list[WorkItem]:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            return uow.work_items.newest(self.robot, limit=100)

    def _one(self, data: Any, keep: bool = False) -> WorkItem:
        taker = data.draw(st.sampled_from(sorted(name for name, items in self.held.items() if items)))
        item: WorkItem = data.draw(st.sampled_from(self.held[taker]))
        if not keep:
            self.held[taker].remove(item)
        return item


@pytest.mark.parametrize("examples", [12, pytest.param(150, marks=pytest.mark.full)])
def test_an_item_is_done_once_whoever_takes_it_and_whoever_dies(desk: Desk, clock: FakeClock, examples: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis says nothing of its types here
        partial(Queue, desk, clock), settings=settings(max_examples=examples, stateful_step_count=30, deadline=None)
    )
