"""The gateway as a process with a crowd before it: many listen, some are deaf or silent or shout, all are served."""

from __future__ import annotations

import asyncio
import json
import logging
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from deskhand.orders.status import Role
from deskhand.store import Desk, NewNotification, User, utc_now
from tests.gateway.test_start import start
from tests.support.deskhand import free_ports
from tests.support.gateway import (
    RASA_TOKEN,
    SESSION_SECRET,
    TENANT,
    TURN_SECRET,
    Clock,
    FakeRasa,
    open_desk,
    open_session,
    until,
)

TABS = 40  # of one person
NOTICES = 10
AT_ONCE = 50  # handshakes that are under way together
BYTES_EACH = 150 << 10  # of the gateway's memory, for a connection with all that is behind it
SOCKET = "/socket.io/?EIO=4&transport=websocket"


@dataclass
class Process:
    """The running gateway."""

    url: str
    desk: Desk
    pid: int

    @property
    def memory(self) -> int:
        return int(psutil.Process(self.pid).memory_info().rss)


@asynccontextmanager
async def gateway_process(folder: Path) -> AsyncIterator[Process]:
    desk = open_desk(folder, Clock())
    desk.clock = utc_now  # the process goes by the real one
    port, rasa_port = free_ports(2)
    rasa = FakeRasa(rasa_port)
    await rasa.start()
    process = await start(
        DATABASE_URL=f"sqlite:///{folder}/deskhand.db", DESKHAND_SESSION_SECRET=SESSION_SECRET,
        DESKHAND_TURN_SECRET=TURN_SECRET, DESKHAND_RASA_TOKEN=RASA_TOKEN, DESKHAND_PORT=str(port),
        RASA_URL=rasa.url, DESKHAND_TRUSTED_PROXIES="127.0.0.1",
    )  # fmt: skip
    told = asyncio.create_task(process.communicate())
    try:
        async with ClientSession() as http:
            while True:
                with suppress(ClientError):
                    async with http.get(f"http://127.0.0.1:{port}/healthz") as response:
                        if response.status == 200:
                            break
                await asyncio.sleep(0.05)
        yield Process(f"http://127.0.0.1:{port}", desk, process.pid)
    finally:
        process.terminate()
        output, _ = await told
        await rasa.stop()
        desk.close()
    assert b"Traceback" not in output, output.decode()[-3000:]


@dataclass
class Line:
    """One connection; what it has heard."""

    socket: ClientWebSocketResponse
    heard: set[int] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)
    is_confirmed: bool = False

    async def listen(self) -> None:
        async for said in self.socket:
            if said.type is not WSMsgType.TEXT:
                return
            if said.data == "2":
                await self.socket.send_str("3")
            elif said.data.startswith('42["notification"'):
                self.heard.add(json.loads(said.data[2:])[1]["seq"])
            elif said.data.startswith('42["bot_uttered"'):
                self.answers.append(json.loads(said.data[2:])[1]["text"])
            elif said.data.startswith('42["session_confirm"'):
                self.is_confirmed = True

    async def say(self, identifier: str, text: str) -> None:
        await self.socket.send_str("42" + json.dumps(["user_uttered", {"id": identifier, "text": text}]))


def tokens(desk: Desk, count: int) -> list[str]:
    """Of so many new clerks."""
    clerks = [User(f"c-{number}", TENANT, f"c-{number}", f"Clerk {number}", Role.SALES) for number in range(count)]
    with desk.unit_of_work(TENANT) as uow:
        for clerk in clerks:
            uow.users.add(clerk)
        uow.commit()
    return [open_session(desk, clerk, utc_now()) for clerk in clerks]


async def connected(http: ClientSession, address: str, token: str, number: int, gate: asyncio.Semaphore) -> Line:
    """From an address of its own, as a balancer tells it."""
    behind = {"X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}
    async with gate:
        line = Line(await http.ws_connect(f"{address}{SOCKET}", headers=behind))
        await line.socket.send_str("40" + json.dumps({"token": token}))
    return line


def tell_all(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        first = uow.notifications.latest_seq()
        uow.notifications.add([
            NewNotification(
                "role:sales", "OrderConfirmed", "SO-1001", {"text": {"en": "x" * 300}}, "", "role:sales",
                f"told-{first + number}", utc_now(),
            )
            for number in range(NOTICES)
        ])  # fmt: skip
        uow.commit()


@pytest.mark.parametrize("count", [120, pytest.param(5_000, marks=pytest.mark.full)])
async def test_a_crowd_is_served_in_bounded_memory(tmp_path: Path, count: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2 * count:
        pytest.skip("this machine gives a process too few files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    async with gateway_process(tmp_path) as gateway:
        before = gateway.memory
        *given, alone = tokens(gateway.desk, count // TABS + 1)
        gate = asyncio.Semaphore(AT_ONCE)
        async with ClientSession(connector=TCPConnector(limit=0)) as http:
            lines = await asyncio.gather(
                *(connected(http, gateway.url, given[n % len(given)], n, gate) for n in range(count))
            )
            deaf, listening = lines[: count // 20], lines[count // 20 :]
            silent = [await http.ws_connect(f"{gateway.url}{SOCKET}") for _ in range(50)]
            busy = [asyncio.create_task(line.listen()) for line in listening]
            await until(lambda: all(line.is_confirmed for line in listening), "all are in", 300)
            for line in listening[:10]:
                for number in range(20):
                    await line.say(f"flood-{number}", "hello")
            quiet = await connected(http, gateway.url, alone, count, gate)
            listening.append(quiet)
            busy.append(asyncio.create_task(quiet.listen()))
            await until(lambda: quiet.is_confirmed, "one more is in", 60)
            await quiet.say("quiet-1", "are you there")
            tell_all(gateway.desk)
            await until(lambda: all(len(line.heard) == NOTICES for line in listening), "all have heard all", 300)
            await until(lambda: "heard: are you there" in quiet.answers, "who is quiet is answered", 120)
            grown = gateway.memory - before
            told = f"{count} connections: {before >> 20} MiB before, {grown >> 20} more, {grown // count} bytes each"
            logging.getLogger("deskhand.tests").info(told)
            for socket in (*(line.socket for line in (*deaf, *listening)), *silent):
                await socket.close()
            await asyncio.gather(*busy)

    assert grown < (100 << 20) + count * BYTES_EACH
