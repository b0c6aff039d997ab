"""Transactions that want the same orders the other way round: none waits for ever, nobody sees the database's error.

On SQLite writers queue before they begin, so two transactions that are both under way are PostgreSQL's alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from deskhand.orders.commands import AmendOrder, Command, ConfirmOrder, HoldOrder
from deskhand.orders.errors import DeskhandError, VersionConflict
from deskhand.orders.model import Actor, Order
from deskhand.orders.work import Outcome
from deskhand.store import Desk, UnitOfWork
from deskhand.store.contention import DatabaseBusy, LockedOut
from tests.support.desks import (
    CLERK,
    FINANCE,
    TENANT,
    FakeClock,
    demo_database,
    fresh,
    open_desk,
    order_in,
    placing,
)

Said = Sequence[tuple[Command, Actor]]
SOON = 30.0  # after which one who waits for the other to begin gives up


def pending(desk: Desk) -> Order:
    return order_in(desk, "pending_confirmation")


def both(desk: Desk, one: Callable[[UnitOfWork], Any], other: Callable[[UnitOfWork], Any]) -> list[Any]:
    """Each in a transaction of its own, at the same time."""

    def run(work: Callable[[UnitOfWork], Any]) -> Any:
        with desk.unit_of_work(TENANT) as uow:
            result = work(uow)
            uow.commit()
            return result

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, (one, other)))


def carried_out(desk: Desk, uow: UnitOfWork, commands: Said, between: Barrier | None = None) -> list[object]:
    """As one message does: each command, or the refusal that stops those after it."""
    done: list[object] = []
    for position, (command, actor) in enumerate(commands):
        if position and between is not None:
            between.wait()
        try:
            done.append(desk.handle_in(uow, command, actor))
        except DeskhandError as error:
            return [*done, error]
    return done


on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)  # on SQLite no two transactions write at once


@on_postgres
def test_of_two_messages_that_lock_each_other_out_one_is_told_what_has_become_of_the_order(desk: Desk) -> None:
    a, b = pending(desk), pending(desk)
    between = Barrier(2, timeout=SOON)

    def saying(first: Order, second: Order) -> Callable[[UnitOfWork], list[object]]:
        said: Said = [
            (HoldOrder(first.number, "to be looked at"), FINANCE),
            (HoldOrder(second.number, "this one too"), FINANCE),
        ]
        return lambda uow: carried_out(desk, uow, said, between)

    results = both(desk, saying(a, b), saying(b, a))

    refused = [each for result in results for each in result if isinstance(each, DeskhandError)]
    assert [len(result) for result in results] == [2, 2]
    assert any(type(each) is VersionConflict for each in refused), "the two did not lock each other out"
    assert {each.data["number"] for each in refused} <= {a.number, b.number}
    assert {str(fresh(desk, each.number).status) for each in (a, b)} == {"on_hold"}
    with desk.unit_of_work(TENANT) as uow:
        assert all(uow.orders.verify_chain(each.id) for each in (a, b))
        assert len([row for row in uow.audit.list() if row.outcome == "refused"]) == len(refused)


@on_postgres
def test_messages_that_say_first_which_orders_they_are_about_go_one_after_the_other(desk: Desk) -> None:
    a, b = pending(desk), pending(desk)
    at_once = Barrier(2, timeout=SOON)

    def saying(first: Order, second: Order) -> Callable[[UnitOfWork], list[object]]:
        said: Said = [(AmendOrder(first.number, note=first.number), CLERK), (ConfirmOrder(second.number), CLERK)]

        def work(uow: UnitOfWork) -> list[object]:
            at_once.wait()
            uow.orders.hold([first.number, second.number])
            return carried_out(desk, uow, said)

        return work

    results = both(desk, saying(a, b), saying(b, a))

    assert [type(each) for result in results for each in result] == [Outcome] * 4
    assert {str(fresh(desk, each.number).status) for each in (a, b)} == {"confirmed"}


class Interrupted(Desk):
    """Is locked out so many times before it gets through."""

    times = 0
    error: type[LockedOut] = LockedOut
    tried = 0

    def _carried_out(self, uow: UnitOfWork, command: Command, actor: Actor) -> Outcome:
        self.tried += 1
        outcome = super()._carried_out(uow, command, actor)
        if self.tried <= self.times:
            raise self.error("deadlock detected")
        return outcome


@pytest.fixture
def interrupted(desk: Desk) -> Interrupted:
    desk.__class__ = Interrupted
    assert isinstance(desk, Interrupted)
    return desk


def test_who_is_locked_out_once_is_not_told_of_it(interrupted: Interrupted) -> None:
    order = pending(interrupted)
    interrupted.times, interrupted.tried = 1, 0

    outcome = interrupted.handle(ConfirmOrder(order.number), CLERK)

    assert interrupted.tried == 2
    assert outcome.order is not None and outcome.order.row_version == order.row_version + 1
    with interrupted.unit_of_work(TENANT) as uow:
        assert [row.event for row in uow.orders.history(order.id)] == ["place_order", "confirm_order"]
        assert uow.orders.verify_chain(order.id)


@pytest.mark.parametrize(("error", "tried"), [(LockedOut, 2), (DatabaseBusy, 1)])
def test_who_is_locked_out_again_and_again_learns_how_the_order_is_now(
    interrupted: Interrupted, error: type[LockedOut], tried: int
) -> None:
    order = pending(interrupted)
    interrupted.times, interrupted.tried, interrupted.error = 99, 0, error

    with pytest.raises(VersionConflict) as refusal:
        interrupted.handle(ConfirmOrder(order.number), CLERK)

    said = {"number": order.number, "status": "pending_confirmation", "version": order.row_version}
    assert refusal.value.data == said
    assert interrupted.tried == tried
    assert fresh(interrupted, order.number) == order


def test_an_order_that_could_not_be_placed_is_a_conflict_too(interrupted: Interrupted) -> None:
    interrupted.times = 99

    with pytest.raises(VersionConflict):
        interrupted.handle(placing(), CLERK)


def test_on_sqlite_who_has_waited_too_long_to_write_learns_how_the_order_is_now(tmp_path: Any) -> None:
    url = demo_database(tmp_path)
    desk = open_desk(url, FakeClock())
    order = pending(desk)
    desk.database.engine.dispose()
    event.listen(desk.database.engine, "connect", lambda driver, _: driver.execute("PRAGMA busy_timeout=10").close())
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(VersionConflict) as refusal:
        desk.handle(ConfirmOrder(order.number), CLERK)

    other.execute("ROLLBACK")
    assert refusal.value.data["status"] == "pending_confirmation"
    assert desk.handle(ConfirmOrder(order.number), CLERK).order is not None
    other.close()
    desk.close()
