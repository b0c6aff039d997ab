"""Robots by a process: asked for by a service task, worked on by a shift, and the case goes on with the outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deskhand.cases import DecideTask, StartCase, WithdrawCase
from deskhand.cases.model import CaseFile
from deskhand.orders.commands import AmendOrder, PlaceOrder
from deskhand.robots.outcome import BusinessException, SystemException
from deskhand.robots.queue import Wish
from deskhand.store import Desk
from deskhand.store.waiting import waiting_for
from deskhand.store.work_item import ItemState, WorkItem
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.metrics import Metrics
from deskhand.worker.robot_floor import Floor
from deskhand.worker.robots import OutcomeConsumer, RobotConsumer
from tests.support.desks import CLERK, TENANT, FakeClock, placing
from tests.support.robots import House


class Shop:
    """The desk, a robot's house, and the worker's part in it, one step at a time."""

    def __init__(self, desk: Desk, clock: FakeClock, folder: Path) -> None:
        self.desk, self.clock, self.house = desk, clock, House(desk, folder)
        consumers = (RobotConsumer(desk, self.house.queue), OutcomeConsumer(desk))
        self.dispatchers = [Dispatcher(desk, consumer, Metrics(), 60) for consumer in consumers]

    def place(self, **more: Any) -> str:
        command: PlaceOrder = placing(**more)
        order = self.desk.handle(command, CLERK).order
        assert order is not None
        return order.number

    def begin(self, number: str, **fields: Any) -> CaseFile:
        said = {"order": number, "robot": "legacy_entry", **fields}
        return self.desk.handle(StartCase("screen_entry", said), CLERK).case

    async def deliver(self, seconds: float = 16) -> None:
        self.clock.forward(seconds=seconds)
        while sum([await each.run_once() for each in self.dispatchers]):
            pass

    async def work(self) -> None:
        """What is asked for becomes an item, a robot works on it, and its outcome is told."""
        await self.deliver()
        await asyncio.to_thread(self.house.shift().run)
        await self.deliver(0)

    def case(self, number: str) -> CaseFile:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            return uow.case_files.get(number)

    def item(self, reference: str) -> WorkItem:
        return self.house.item(reference)

    def tasks(self) -> list[tuple[str, str]]:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            found = waiting_for(self.desk, uow, CLERK, orders=False).items
        return [(task.case, task.node) for task in found]


@pytest.fixture
def shop(desk: Desk, clock: FakeClock, tmp_path: Path) -> Shop:
    return Shop(desk, clock, tmp_path)


def refusing(code: str) -> Callable[..., None]:
    def refuse(*_: Any) -> None:
        raise BusinessException(code, customer="Huaxing")

    return refuse


async def test_an_order_is_entered_and_the_case_ends_so(shop: Shop) -> None:
    number = shop.place()
    case = shop.begin(number)

    await shop.work()

    assert shop.house.system.entered == [number]
    ended = shop.case(case.number)
    assert (ended.status, ended.case.data["entered_as"]) == ("entered", f"L-{number}")
    given = shop.item(number).input
    assert (given["number"], given["lines"][0]["sku"], given["total"]) == (number, "PAPER-A4", f"{given['total']}")


async def test_nothing_leaves_the_house_before_the_undo_window_is_over(shop: Shop) -> None:
    number = shop.place()
    shop.begin(number)

    await shop.deliver(seconds=5)
    assert shop.item(number).state is ItemState.NEW  # it can be seen, and stopped
    assert await asyncio.to_thread(shop.house.shift().run) == 0
    await shop.deliver(seconds=11)
    assert await asyncio.to_thread(shop.house.shift().run) == 1


def stop(shop: Shop, number: str) -> None:
    with shop.desk.unit_of_work(TENANT) as uow:
        shop.house.queue.stop(uow, CLERK, shop.item(number).id)
        uow.commit()


def asked_by_chat(shop: Shop, number: str) -> CaseFile:
    """As the bot asks: the item is there with the case, before the worker has heard of it."""
    with shop.desk.unit_of_work(TENANT) as uow:
        said = {"order": number, "robot": "legacy_entry"}
        case = shop.desk.handle_in(uow, StartCase("screen_entry", said), CLERK).case
        (node,) = case.case.marking
        later = uow.now + timedelta(seconds=15)
        wish = Wish(number, {"order": number}, not_before=later, case_id=case.id, node=node)
        shop.house.queue.add(uow, CLERK, "legacy_entry", wish)
        uow.commit()
    return case


@pytest.mark.parametrize("heard_first", [True, False])
async def test_what_was_stopped_before_it_began_stays_so_whenever_the_worker_hears_of_it(
    shop: Shop, heard_first: bool
) -> None:
    number = shop.place()
    case = asked_by_chat(shop, number)
    if heard_first:
        await shop.deliver(seconds=5)
    shop.clock.forward(seconds=1)

    stop(shop, number)
    await shop.work()
    shop.clock.forward(minutes=15)
    await shop.work()

    assert shop.house.system.entered == [] and shop.item(number).state is ItemState.ABANDONED
    assert shop.case(case.number).status == "needs_a_person"  # the case does not wait for a robot that never comes
    shop.desk.handle(DecideTask(case.number, "look_into", "resubmit"), CLERK)
    await shop.work()
    assert shop.house.system.entered == [number] and shop.case(case.number).status == "entered"


async def test_an_order_that_was_changed_meanwhile_is_entered_as_it_is_now(shop: Shop) -> None:
    number = shop.place()
    shop.begin(number)
    await shop.deliver(seconds=5)
    shop.desk.handle(AmendOrder(number, address="2 Main Street"), CLERK)

    await shop.work()

    assert shop.item(number).input["address"] == "2 Main Street"


async def test_a_business_exception_is_a_person_s_task_and_is_tried_again_on_their_word(shop: Shop) -> None:
    number = shop.place()
    shop.house.system.happens = refusing("customer_unknown_there")
    case = shop.begin(number)
    await shop.work()

    assert shop.case(case.number).status == "needs_a_person"
    assert shop.tasks() == [(case.number, "look_into")]
    assert "Huaxing" in str(shop.case(case.number).case.data["problem"])
    shop.house.system.happens = lambda *_: None
    shop.desk.handle(DecideTask(case.number, "look_into", "resubmit"), CLERK)
    await shop.work()

    assert shop.case(case.number).status == "entered" and shop.house.system.entered == [number]


async def test_trying_the_item_again_by_any_door_goes_on_with_its_case(shop: Shop) -> None:
    number = shop.place()
    shop.house.system.happens = refusing("customer_unknown_there")
    case = shop.begin(number)
    await shop.work()
    shop.house.system.happens = lambda *_: None

    with shop.desk.unit_of_work(TENANT) as uow:
        again = shop.house.queue.again(uow, CLERK, shop.item(number).id)
        uow.commit()
    assert again.state is ItemState.NEW and shop.tasks() == []
    await shop.work()

    assert shop.case(case.number).status == "entered" and shop.house.system.entered == [number]


@pytest.mark.parametrize(("decision", "status"), [("complete", "done_by_hand"), ("reject", "given_up")])
async def test_a_person_may_do_it_by_hand_or_give_it_up(shop: Shop, decision: str, status: str) -> None:
    shop.house.system.happens = refusing("customer_unknown_there")
    case = shop.begin(shop.place())
    await shop.work()

    shop.desk.handle(DecideTask(case.number, "look_into", decision, reason="not worth it"), CLERK)

    assert shop.case(case.number).status == status


async def test_what_a_robot_gives_up_goes_to_a_person_too(shop: Shop) -> None:
    number = shop.place()

    def fail(*_: Any) -> None:
        raise SystemException("page_failed", "500")

    shop.house.system.happens = fail
    case = shop.begin(number)
    for _ in range(5):
        await shop.work()
        shop.clock.forward(minutes=15)

    assert shop.item(number).state is ItemState.FAILED
    assert shop.case(case.number).status == "needs_a_person"


async def test_an_order_that_was_entered_is_not_entered_for_another_case(shop: Shop) -> None:
    number = shop.place()
    shop.begin(number)
    await shop.work()
    again = shop.begin(number)

    await shop.work()

    assert shop.case(again.number).status == "entered" and shop.house.system.entered == [number]


async def test_an_order_that_is_not_there_is_a_person_s_at_once(shop: Shop) -> None:
    case = shop.begin("SO-9999")

    await shop.work()

    assert shop.case(case.number).status == "needs_a_person" and shop.house.system.entered == []


async def test_a_withdrawn_case_s_item_is_not_worked_on(shop: Shop) -> None:
    number = shop.place()
    case = shop.begin(number)
    await shop.deliver()
    shop.desk.handle(WithdrawCase(case.number), CLERK)

    await shop.work()

    assert shop.house.system.entered == [] and (shop.item(number).problem or {})["code"] == "case_gone"


async def test_a_business_exception_that_no_case_has_asked_for_becomes_one(shop: Shop) -> None:
    number = shop.place()
    shop.house.system.happens = refusing("field_refused")
    shop.house.add(number)

    await asyncio.to_thread(shop.house.shift().run)
    await shop.deliver(0)

    ((case, node),) = shop.tasks()
    assert node == "look_into" and shop.case(case).case.data["order"] == number
    await shop.work()
    assert shop.item(number).state is ItemState.FAILED  # never tried again by itself
    shop.house.system.happens = lambda *_: None
    shop.desk.handle(DecideTask(case, "look_into", "resubmit"), CLERK)
    await shop.work()
    assert shop.case(case).status == "entered"


async def test_the_floor_begins_a_shift_where_there_is_something_to_do(shop: Shop) -> None:
    floor = Floor(shop.house.shop, Metrics())
    shop.house.add("SO-1", "SO-2")

    await floor.run_once()
    while shop.item("SO-2").state is not ItemState.SUCCESSFUL:
        await asyncio.sleep(0.05)
        await floor.run_once()
    await asyncio.to_thread(floor.close)

    assert shop.house.system.entered == ["SO-1", "SO-2"]


async def test_evidence_of_which_no_row_speaks_goes_from_the_disk(shop: Shop) -> None:
    floor = Floor(shop.house.shop, Metrics())
    kept, forgotten = shop.house.add("SO-1", "SO-2")
    await asyncio.to_thread(shop.house.shift().run)
    with shop.desk.unit_of_work(TENANT) as uow:
        uow.robots.forget_evidence([row.id for row in uow.robots.evidence_of(forgotten.id)])
        uow.commit()

    assert await floor.sweep() == 1

    folder = shop.house.shop.folder / TENANT
    assert (folder / kept.id).is_dir() and not (folder / forgotten.id).exists()
    await asyncio.to_thread(floor.close)
