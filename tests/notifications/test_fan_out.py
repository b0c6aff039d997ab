"""One event to everybody in a room: the same frame, in order, behind whatever a client has not taken yet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from deskhand.gateway.socket_server import Server, make_server
from deskhand.notifications import fan_out
from deskhand.notifications.fan_out import websocket_frame

POLLING, WEBSOCKET = "/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=websocket"


@dataclass
class Room:
    """A server whose clients are all in one room, and the sids in the order in which they came."""

    server: Server
    client: TestClient[web.Request, web.Application]
    sids: list[str] = field(default_factory=list)

    async def say(self, number: int, size: int = 0, **options: Any) -> None:
        await self.server.emit("said", {"number": number, "fill": "x" * size}, room="all", **options)

    async def enter(self) -> aiohttp.ClientWebSocketResponse:
        """A client that reads only when it is asked to."""
        socket = await self.client.ws_connect(WEBSOCKET, max_msg_size=0)
        await socket.receive_str()
        await socket.send_str("40")
        await socket.receive_str()
        return socket


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    server = make_server("*", 1 << 16)
    app = web.Application()
    server.attach(app)

    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        await server.enter_room(sid, "all")
        here.sids.append(sid)

    async with TestClient(TestServer(app)) as client:
        here = Room(server, client)
        server.on("connect", connect)
        yield here
        for socket in list(server.eio.sockets.values()):
            await socket.close(wait=False, abort=True)
        await server.shutdown()


async def numbers(socket: aiohttp.ClientWebSocketResponse, count: int) -> list[int]:
    """Of the next so many events."""
    said: list[int] = []
    while len(said) < count:
        got = await asyncio.wait_for(socket.receive(), 20)
        assert got.type is WSMsgType.TEXT, got
        if got.data.startswith("42"):
            said.append(json.loads(got.data[2:])[1]["number"])
    return said


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each ready frame had."""
    sizes: list[int] = []

    def frame(text: str, made: Callable[[str], bytes] = websocket_frame) -> bytes:
        sizes.append(len(made(text)))
        return made(text)

    monkeypatch.setattr(fan_out, "websocket_frame", frame)
    return sizes


async def test_everybody_in_the_room_hears_in_order(room: Room, written: list[int]) -> None:
    sockets = [await room.enter() for _ in range(3)]

    for number in range(50):
        await room.say(number)

    assert [await numbers(socket, 50) for socket in sockets] == [[*range(50)]] * 3
    assert len(written) == 50  # one frame for all three


async def test_who_is_left_out_hears_nothing(room: Room) -> None:
    first, second = await room.enter(), await room.enter()

    await room.say(1, skip_sid=room.sids[0])
    await room.say(2)

    assert await numbers(second, 2) == [1, 2]
    assert await numbers(first, 1) == [2]


async def test_who_takes_little_gets_all_in_order_later(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large ones fill what the system holds for a client; small ones after them stand behind."""
    monkeypatch.setattr(fan_out, "MOST_QUEUED", 10_000)
    slow, quick = await room.enter(), await room.enter()

    for number in range(0, 400, 2):
        await room.say(number, size=60_000)
        await room.say(number + 1)
        if number % 40 == 0:
            assert await numbers(quick, 40 if number else 2) == list(range(number - 38 if number else 0, number + 2))
    waiting = [socket.queue.on_its_way for socket in room.server.eio.sockets.values()]

    assert max(waiting) > 0, "nobody was slow"
    assert await numbers(slow, 400) == [*range(400)]


async def test_who_takes_nothing_is_bounded_and_told_of(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_out, "MOST_QUEUED", 20)
    told: list[str] = []
    room.server.manager.slow = told.append
    await room.enter()

    for number in range(400):
        await room.say(number, size=60_000)

    (socket,) = room.server.eio.sockets.values()
    assert socket.queue.qsize() <= 20
    assert set(told) == {room.sids[0]}


async def test_who_polls_hears_it_with_the_next_poll(room: Room) -> None:
    async with room.client.get(POLLING) as opened:
        sid = json.loads((await opened.text())[1:])["sid"]
    async with room.client.post(f"{POLLING}&sid={sid}", data="40"):
        pass
    async with room.client.get(f"{POLLING}&sid={sid}"):
        pass

    await room.say(7)

    async with room.client.get(f"{POLLING}&sid={sid}") as polled:
        assert '"number":7' in await polled.text()


async def test_binary_parts_and_answers_take_the_ordinary_way(room: Room, written: list[int]) -> None:
    socket = await room.enter()

    await room.server.emit("said", {"part": b"\x01\x02"}, room="all")
    assert (await socket.receive_str()).startswith("451-")
    assert await socket.receive_bytes() == b"\x01\x02"
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    await room.server.emit("said", "?", to=room.sids[0], callback=answered.set_result)
    asked = await socket.receive_str()
    await socket.send_str(f"43{asked[2 : asked.index('[')]}" + '["yes"]')

    assert await asyncio.wait_for(answered, 30) == "yes"
    assert written == []


@given(
    st.text(max_size=70_000) | st.sampled_from([1, 123, 124, 125, 126, 65_533, 65_534, 65_535]).map(lambda n: "x" * n)
)
def test_a_frame_holds_its_text(text: str) -> None:
    """Read as RFC 6455 says: final, text, not masked, the length in 7, 16 or 64 bits."""
    text = text.encode(errors="replace").decode()
    frame = websocket_frame(text)
    short = frame[1]
    wide = {126: 2, 127: 8}.get(short, 0)
    size = int.from_bytes(frame[2 : 2 + wide], "big") if wide else short

    assert frame[0] == 0x81 and short < 128
    assert (size < 126, size < 1 << 16) == (wide == 0, wide < 8)
    assert frame[2 + wide :].decode() == f"4{text}" and len(frame) == 2 + wide + size
