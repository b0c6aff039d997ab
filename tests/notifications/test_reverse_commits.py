"""Two writers that commit in reverse order of their start: who acknowledges all the while misses nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deskhand.notifications.posting import Notice, post
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Desk, NewNotification, UnitOfWork
from tests.support.gateway import TENANT, Clock, Gateway, Tab, open_desk, running_gateway, tab, until

PAIRS = 6
AUDIENCE = "role:finance"
SOMEBODY = Actor("manager", Role.MANAGER, TENANT, "http", "request-1")

Write = Callable[[UnitOfWork, str], None]


def as_event(uow: UnitOfWork, text: str) -> None:
    """What everybody but the projector writes."""
    post(uow, SOMEBODY, Notice(AUDIENCE, {"en": text}))


def as_row(uow: UnitOfWork, text: str) -> None:
    """What the projector writes."""
    row = NewNotification(AUDIENCE, "NoticePosted", None, {"text": {"en": text}}, "", AUDIENCE, text, uow.now)
    uow.notifications.add([row])


@dataclass
class Writer:
    """One transaction on a connection of its own, in a thread of its own."""

    desk: Desk
    write: Write
    text: str
    has_written: threading.Event = field(default_factory=threading.Event)
    may_commit: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with self.desk.unit_of_work(TENANT) as uow:
            self.write(uow, self.text)
            self.has_written.set()
            assert self.may_commit.wait(60)
            uow.commit()


@contextmanager
def writing(writer: Writer) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=writer.run)
    thread.start()
    try:
        yield thread
    finally:
        writer.may_commit.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
async def gateway(tmp_path: Path, database_url: str) -> AsyncIterator[Gateway]:
    clock = Clock()
    desk = open_desk(tmp_path, clock, database_url)
    try:
        async with running_gateway(tmp_path, clock, desk) as running:
            yield running
    finally:
        desk.close()


@pytest.mark.parametrize("write", [as_event, as_row])
async def test_who_acknowledges_all_the_while_misses_none(gateway: Gateway, write: Write) -> None:
    async with tab(gateway, "finance") as client:
        stop = asyncio.Event()
        busy = [asyncio.create_task(each(gateway, client, stop)) for each in (_project, _acknowledge)]
        for pair in range(PAIRS):
            await _reversed(gateway.desk, client, write, f"{pair} first", f"{pair} second")
        stop.set()
        await asyncio.gather(*busy)
        replayed = (await client.resume())["notifications"]

    expected = {f"{pair} {which}" for pair in range(PAIRS) for which in ("first", "second")}
    assert _texts(client) == expected
    assert {each["content"]["en"] for each in replayed} == expected
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.notifications.cursor("finance") == 2 * PAIRS


async def _reversed(desk: Desk, client: Tab, write: Write, first: str, second: str) -> None:
    """The second commits first wherever the database lets it: on PostgreSQL, unless both want numbers."""
    early, late = Writer(desk, write, first), Writer(desk, write, second)
    with writing(early):
        await until(early.has_written.is_set, "the first has written", 60)
        with writing(late):
            late.may_commit.set()
            if desk.database.engine.dialect.name == "postgresql" and write is as_event:
                await until(lambda: second in _texts(client), "the second is told while the first is open", 60)
            early.may_commit.set()
            await until(lambda: {first, second} <= _texts(client), "both are told", 60)


def _texts(client: Tab) -> set[str]:
    return {each["content"]["en"] for each in client.of("notification")}


async def _project(gateway: Gateway, client: Tab, stop: asyncio.Event) -> None:
    """As the worker does."""
    while not stop.is_set():
        await asyncio.to_thread(gateway.desk.project_notifications, TENANT)
        await gateway.hub_round()


async def _acknowledge(gateway: Gateway, client: Tab, stop: asyncio.Event) -> None:
    """Each as soon as it is seen, and with it all before it."""
    acknowledged, unread = 0, None
    while not stop.is_set() or acknowledged < max(each["seq"] for each in client.of("notification")):
        seen = max((each["seq"] for each in client.of("notification")), default=0)
        if seen > acknowledged:
            unread = (await client.call("notification_ack", {"seq": seen}))["unread"]
        acknowledged = seen
        await asyncio.sleep(0.005)
    assert unread == 0
