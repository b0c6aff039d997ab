"""Thirty clients whose lines are cut every second or two while two hundred notices come: does each show each once?

A real gateway and real Socket.IO clients. A client does what the widget does: it joins, asks for what came after its
cursor, acknowledges what it has, and drops what it knows by `dedupe_key`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio
from socketio.exceptions import ConnectionError as Refused
from socketio.exceptions import TimeoutError as Unanswered

from deskhand.gateway.door import DOOR
from deskhand.gateway.limits import Rate
from deskhand.orders.status import Role
from deskhand.store import User
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row
from tests.support.gateway import TENANT, Gateway, running_gateway

CLIENTS, EVENTS, RUNS = 30, 200, 3
PAUSE_SECONDS = 0.1  # between two events
CUT_AFTER = (1.0, 2.0)
LAST_SECONDS = 20.0  # after the last event
PLENTY = Rate(1_000_000, 1_000_000)


@dataclass
class Watcher:
    """One person's screen: what is shown, and what came although it was there."""

    token: str
    shown: set[str] = field(default_factory=set)
    cursor: int = 0
    doubles: int = 0
    cuts: int = 0
    caught_up: bool = False  # before that, what is pushed says nothing of what lies between

    def show(self, notice: Any) -> None:
        if notice["dedupe_key"] in self.shown:
            self.doubles += 1
        self.shown.add(notice["dedupe_key"])
        if self.caught_up:
            self.cursor = max(self.cursor, notice["seq"])

    async def watch(self, url: str, done: asyncio.Event, chance: random.Random) -> None:
        """Until told to stop: connected for a second or two, then cut without a word."""
        while not done.is_set():
            client, self.caught_up = socketio.AsyncClient(reconnection=False), False
            client.on("notification", self.show)
            try:
                await client.connect(url, auth={"token": self.token}, transports=["websocket"], wait_timeout=10)
                await asyncio.wait_for(self._catch_up(client), 10)
                await asyncio.sleep(chance.uniform(*CUT_AFTER))
            except (Refused, Unanswered, TimeoutError):
                pass
            finally:
                self.cuts += 1
                await _cut(client)

    async def _catch_up(self, client: socketio.AsyncClient) -> None:
        more = True
        while more:
            page = await client.call("resume", {"notification_seq": self.cursor}, timeout=10)
            for notice in page["notifications"]:
                self.show(notice)
                self.cursor = max(self.cursor, notice["seq"])
            more = page["more"] and bool(page["notifications"])
        self.caught_up = True
        await client.call("notification_ack", {"seq": self.cursor}, timeout=10)


async def _cut(client: socketio.AsyncClient) -> None:
    """The line is torn, as in a lift; then the client tidies up."""
    line = client.eio.ws
    if line is not None and line._response is not None and line._response.connection is not None:
        line._response.connection.transport.abort()
    await client.disconnect()


@asynccontextmanager
async def _watched(folder: Path, run: int) -> AsyncIterator[tuple[Gateway, list[Watcher]]]:
    async with running_gateway(folder) as gateway:
        limits = gateway.app[DOOR].limits
        for each in (limits._handshakes, limits._sockets):
            each._rate = PLENTY
        with gateway.desk.unit_of_work(TENANT) as uow:
            for number in range(CLIENTS):
                uow.users.add(User(f"w{number}", TENANT, f"w{number}", f"W {number}", Role.FINANCE))
            uow.commit()
        yield gateway, [Watcher(gateway.token(f"w{number}")) for number in range(CLIENTS)]


async def one_run(folder: Path, run: int) -> list[Watcher]:
    """Everybody's screen at the end."""
    async with _watched(folder, run) as (gateway, watchers):
        done = asyncio.Event()
        tasks = [
            asyncio.create_task(watcher.watch(gateway.url, done, random.Random(f"{run} {number}")))
            for number, watcher in enumerate(watchers)
        ]
        for _ in range(EVENTS):
            await asyncio.to_thread(gateway.notify, "role:finance")
            await asyncio.sleep(PAUSE_SECONDS)
        for _ in range(int(LAST_SECONDS / PAUSE_SECONDS)):
            if all(len(watcher.shown) == EVENTS for watcher in watchers):
                break
            await asyncio.sleep(PAUSE_SECONDS)
        done.set()
        await asyncio.gather(*tasks)
    return watchers


def measure(bench: Bench) -> Iterator[Row]:
    for run in range(RUNS):
        folder = bench.folder / f"cuts-{run}"
        folder.mkdir()
        watchers = asyncio.run(one_run(folder, run))
        shown = sum(len(watcher.shown) for watcher in watchers)
        share = 100 * shown / (CLIENTS * EVENTS)
        cuts, doubles = sum(watcher.cuts for watcher in watchers), sum(watcher.doubles for watcher in watchers)
        note = f"{CLIENTS} clients cut {cuts} times over {EVENTS} events; {doubles} came again and were not shown"
        yield Row(f"shown, run {run + 1}", share, "%", note)
