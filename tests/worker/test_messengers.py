"""What goes out to Slack and Teams: at their pace, in order, retried, and as each person has chosen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deskhand.channels.messengers.face import Face
from deskhand.channels.messengers.posting import NotPosted, SlowDown, seconds_to_wait
from deskhand.orders.commands import ApproveOrder, ConfirmOrder, NewLine, PlaceOrder
from deskhand.orders.status import DeliveryMode
from deskhand.orders.tenant import Tenant
from deskhand.store import Desk, MessengerAccount, MessengerLink
from deskhand.worker.copies import CopiesConsumer
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.metrics import Metrics
from deskhand.worker.notices import tell_messengers
from deskhand.worker.pace import Pace
from deskhand.worker.posts import PostConsumer
from tests.support.desks import CLERK, MANAGER, TENANT, FakeClock, demo_database, done, open_desk


@dataclass
class Told:
    """A messenger that keeps what it is given; `fails` are raised first, one each."""

    fails: list[Exception] = field(default_factory=list)
    posted: list[tuple[Any, str]] = field(default_factory=list)
    updated: list[tuple[Any, str]] = field(default_factory=list)

    async def post(self, tenant: Tenant, place: Any, face: Face, key: str) -> dict[str, Any]:
        if self.fails:
            raise self.fails.pop(0)
        self.posted.append((place, face.plain))
        return {"number": len(self.posted)}

    async def update(self, tenant: Tenant, posted: Any, face: Face) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.updated.append((posted, face.plain))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = open_desk(demo_database(tmp_path), FakeClock())
    yield made
    made.close()


def clock(desk: Desk) -> FakeClock:
    assert isinstance(desk.clock, FakeClock)
    return desk.clock


def link(desk: Desk, login: str, notices: str = "at_once", channel: str = "slack") -> None:
    with desk.unit_of_work(TENANT) as uow:
        account = MessengerAccount(channel, "T1", f"U-{login}")
        seq = uow.notifications.latest_seq()
        uow.messengers.add(MessengerLink(account, login, login, {"channel": login}, notices, seq, uow.now))
        uow.commit()


def post(desk: Desk, login: str, *texts: str) -> None:
    with desk.unit_of_work(TENANT) as uow:
        for text in texts:
            uow.messengers.post("slack", login, shown={"language": "en", "text": text})
        uow.commit()


def dispatcher(desk: Desk, told: Told | None, pace: Pace | None = None) -> Dispatcher:
    return Dispatcher(desk, PostConsumer(desk, "slack", told, pace), Metrics(), 60)


def state(desk: Desk) -> tuple[int, int]:
    """Waiting and given up."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.outbox.waiting("slack"), len(uow.outbox.dead_letters())


async def test_retry_after_is_obeyed_and_counts_as_no_attempt(desk: Desk) -> None:
    link(desk, "clerk")
    post(desk, "clerk", "one")
    told = Told([SlowDown(30.0) for _ in range(12)])
    seconds = [0.0]
    run = dispatcher(desk, told, Pace(clock=lambda: seconds[0]))

    for _ in range(12):  # more often than anything is tried
        await run.run_once()
        assert told.posted == [] and state(desk) == (1, 0)
        clock(desk).forward(seconds=31)
        seconds[0] += 31
    await run.run_once()

    assert [text for _, text in told.posted] == ["one"] and state(desk) == (0, 0)


async def test_while_the_messenger_asks_to_wait_nothing_is_sent_to_anybody(desk: Desk) -> None:
    for login in ("clerk", "manager"):
        link(desk, login)
        post(desk, login, f"for {login}")
    told = Told([SlowDown(30.0)])
    seconds = [0.0]
    run = dispatcher(desk, told, Pace(clock=lambda: seconds[0]))

    await run.run_once()

    assert told.fails == [] and told.posted == [] and state(desk) == (2, 0)


async def test_one_place_is_written_to_slowly_and_in_order(desk: Desk) -> None:
    link(desk, "clerk")
    post(desk, "clerk", *(f"message {n}" for n in range(8)))
    told, seconds = Told(), [0.0]
    run = dispatcher(desk, told, Pace(burst=2.0, rate=1.0, clock=lambda: seconds[0]))

    await run.run_once()
    at_first = len(told.posted)
    for _ in range(20):
        seconds[0] += 1.0
        clock(desk).forward(seconds=1)
        await run.run_once()

    assert at_first == 2
    assert [text for _, text in told.posted] == [f"message {n}" for n in range(8)]


async def test_what_fails_is_tried_again_and_what_is_refused_for_good_waits_for_an_operator(desk: Desk) -> None:
    link(desk, "clerk")
    post(desk, "clerk", "one")
    told = Told([OSError("away"), OSError("away")])
    run = dispatcher(desk, told)
    for _ in range(3):
        await run.run_once()
        clock(desk).forward(hours=1)
    assert [text for _, text in told.posted] == ["one"] and state(desk) == (0, 0)

    post(desk, "clerk", "two")
    told.fails = [NotPosted("channel_not_found")]
    await run.run_once()
    assert state(desk) == (0, 1)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert "channel_not_found" in (uow.outbox.dead_letters()[0].error or "")


async def test_a_channel_that_is_off_holds_nothing_up(desk: Desk) -> None:
    link(desk, "clerk")
    post(desk, "clerk", "one")

    await dispatcher(desk, None).run_once()

    assert state(desk) == (0, 0)


async def test_a_person_is_told_what_concerns_their_role_and_not_what_they_did_themselves(desk: Desk) -> None:
    for login in ("clerk", "warehouse", "finance"):
        link(desk, login)
    number = _ordered(desk)

    tell_messengers(desk, desk.tenant(TENANT))
    told = Told()
    run = dispatcher(desk, told, Pace(burst=50.0))
    await run.run_once()
    await run.run_once()

    assert {place["channel"] for place, _ in told.posted} == {"warehouse", "finance"}
    assert all(number in text for _, text in told.posted)
    assert tell_messengers(desk, desk.tenant(TENANT)) == 0  # once


async def test_who_wants_only_what_they_left_unread_is_told_that(desk: Desk) -> None:
    link(desk, "warehouse", "unread")
    link(desk, "finance", "never")
    numbers = []
    for _ in range(2):
        clock(desk).forward(hours=25)  # not the same order twice within a day
        numbers.append(_ordered(desk))
        if len(numbers) == 1:
            with desk.unit_of_work(TENANT) as uow:
                uow.notifications.ack("warehouse", uow.notifications.latest_seq())
                uow.commit()
    assert tell_messengers(desk, desk.tenant(TENANT)) == 0

    clock(desk).forward(minutes=11)
    tell_messengers(desk, desk.tenant(TENANT))
    told = Told()
    await dispatcher(desk, told).run_once()

    assert {place["channel"] for place, _ in told.posted} == {"warehouse"}
    assert all(numbers[1] in text for _, text in told.posted) and told.posted


async def test_what_was_asked_of_several_says_to_all_who_has_decided(desk: Desk) -> None:
    link(desk, "manager")
    link(desk, "admin")
    number = _waiting_for_approval(desk)
    tell_messengers(desk, desk.tenant(TENANT))
    told = Told()
    run = dispatcher(desk, told, Pace(burst=50.0))
    await run.run_once()
    assert len(told.posted) == 2

    done(desk, ApproveOrder(number), MANAGER)  # on the desk's page: neither in Slack nor in Teams
    await Dispatcher(desk, CopiesConsumer(desk), Metrics(), 60).run_once()
    await run.run_once()

    assert len(told.updated) == 2
    assert all("经理" in text or "Manager" in text or "·" in text for _, text in told.updated)


def test_a_retry_after_that_says_nothing_is_a_few_seconds() -> None:
    assert [seconds_to_wait(each) for each in ("3", "0", None, "soon", "99999999")] == [3.0, 0.5, 5.0, 5.0, 900.0]


def _waiting_for_approval(desk: Desk) -> str:
    number = done(desk, PlaceOrder("huaxing", total=Decimal(300_000)), CLERK).number
    done(desk, ConfirmOrder(number), CLERK)
    desk.project_notifications(TENANT)
    return number


def _ordered(desk: Desk) -> str:
    """Placed and confirmed."""
    lines = (NewLine("PAPER-A4", Decimal(1)),)
    number = done(desk, PlaceOrder("huaxing", lines, delivery_mode=DeliveryMode.COURIER), CLERK).number
    done(desk, ConfirmOrder(number), CLERK)
    desk.project_notifications(TENANT)
    return number
