"""Many, slow, silent and oversized: what they take is bounded, and everybody else is served.

The counts here are small; those of a real crowd are marked `full` and run apart, with the gateway as a process.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from deskhand.gateway import packets, slow_bodies, socket_server
from deskhand.gateway.door import DOOR, SOCKETS
from deskhand.gateway.sockets import LARGEST_MESSAGE
from tests.support.gateway import PATIENCE, Gateway, tab, until

WEBSOCKET, POLLING = "/socket.io/?EIO=4&transport=websocket", "/socket.io/?EIO=4&transport=polling"


@pytest.fixture
async def http(gateway: Gateway) -> AsyncIterator[ClientSession]:
    async with ClientSession(gateway.url, connector=aiohttp.TCPConnector(limit=0)) as client:
        yield client


def sessions(gateway: Gateway) -> int:
    """How many of Engine.IO are open, whoever they are."""
    return len([each for each in gateway.app[SOCKETS].server.eio.sockets.values() if not each.closed])


async def is_cut(socket: ClientWebSocketResponse) -> bool:
    while (await asyncio.wait_for(socket.receive(), PATIENCE)).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass
    return True


@asynccontextmanager
async def served(gateway: Gateway) -> AsyncIterator[None]:
    """Somebody who works on through all of it."""
    async with tab(gateway, "clerk") as bystander:
        yield
        assert (await bystander.resume())["ok"]
        assert (await bystander.say("m-after", "hello"))["ok"]
        await bystander.wait("bot_uttered")


async def test_who_never_says_who_they_are_is_sent_away(gateway: Gateway, http: ClientSession) -> None:
    async with served(gateway), AsyncExitStack() as lines:
        silent = [await lines.enter_async_context(http.ws_connect(WEBSOCKET)) for _ in range(20)]
        refused = await lines.enter_async_context(http.ws_connect(WEBSOCKET))
        await refused.send_str('40{"token":"none"}')
        await until(lambda: sessions(gateway) == 22, "all are here")

        await gateway.app[SOCKETS].sweep()
        assert sessions(gateway) == 22
        gateway.clock.forward(seconds=socket_server.CONNECT_SECONDS + 1)
        await gateway.app[SOCKETS].sweep()

        assert all([await is_cut(line) for line in (*silent, refused)])
        assert sessions(gateway) == 1


async def test_one_session_too_many_is_told_to_come_later(
    gateway: Gateway, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(gateway), http.ws_connect(WEBSOCKET):
        await until(lambda: sessions(gateway) == 2, "both are here")
        monkeypatch.setattr(socket_server, "MOST_SESSIONS", 2)

        async with http.get(POLLING) as response:
            assert response.status == 503
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await http.ws_connect(WEBSOCKET)
    monkeypatch.undo()
    async with http.get(POLLING) as response:
        assert response.status == 200


async def test_an_oversized_frame_ends_its_line_and_no_other(gateway: Gateway, http: ClientSession) -> None:
    async with served(gateway), http.ws_connect(WEBSOCKET, max_msg_size=0) as line:
        await line.receive()
        await line.send_str("4" + "2" * LARGEST_MESSAGE)

        assert await is_cut(line)


async def test_an_oversized_poll_is_refused_and_the_session_is_over(gateway: Gateway, http: ClientSession) -> None:
    async with served(gateway):
        async with http.get(POLLING) as response:
            sid = json.loads((await response.text())[1:])["sid"]
        async with http.post(POLLING, params={"sid": sid}, data=b"4" * (LARGEST_MESSAGE + 1)) as response:
            assert response.status == 413
        async with http.get(POLLING, params={"sid": sid}) as response:
            assert response.status == 400


async def test_a_line_that_takes_nothing_is_cut_when_its_session_ends(
    gateway: Gateway, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its client is signed out while more lies in front of it than it will ever take."""
    monkeypatch.setattr(socket_server, "ENDED_SECONDS", 0.2)
    server = gateway.app[SOCKETS].server
    async with served(gateway), http.ws_connect(WEBSOCKET) as deaf:
        token = gateway.token("finance")
        await deaf.send_str("40" + json.dumps({"token": token}))
        await until(lambda: gateway.app[DOOR].metrics.sockets._value.get() == 2, "both are connected")
        (sid,) = [each for each, who in gateway.app[SOCKETS]._sessions.items() if who.user_id == "finance"]
        socket = server.eio.sockets[server.manager.eio_sid_from_sid(sid, "/")]
        while not socket.queue.on_its_way:
            await server.emit("notification", {"text": "x" * 60_000}, to=sid)

        await socket.close(wait=False)
        await until(lambda: socket.line.transport.is_closing() and not socket.queue.on_its_way, "the line is cut")


async def test_an_upgrade_that_is_begun_and_left_holds_up_nothing(
    gateway: Gateway, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session polls on, as if nothing had been."""
    monkeypatch.setattr(packets, "STEP_SECONDS", 0.1)
    async with http.get(POLLING) as response:
        sid = json.loads((await response.text())[1:])["sid"]
    socket = gateway.app[SOCKETS].server.eio.sockets[sid]

    for sent in ((), ("2probe",), ("3",)):
        async with http.ws_connect(WEBSOCKET, params={"sid": sid}) as line:
            for frame in sent:
                await line.send_str(frame)
            assert await is_cut(line)
        assert not socket.upgrading

    async with http.post(POLLING, params={"sid": sid}, data="40" + json.dumps({"token": gateway.token()})) as response:
        assert response.status == 200
    said = ""
    while "40{" not in said:
        async with http.get(POLLING, params={"sid": sid}) as response:
            said += await response.text()
            assert response.status == 200, said


async def test_a_body_that_does_not_come_holds_no_connection(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_bodies, "LOOK_SECONDS", 0.1)
    host, port = gateway.url.removeprefix("http://").split(":")
    head = f"Host: {host}\r\nAuthorization: Bearer {gateway.token()}\r\nContent-Type: application/json\r\n"
    async with served(gateway):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"POST /api/chat HTTP/1.1\r\n{head}Content-Length: 1000\r\n\r\n{{".encode())

        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()
        await writer.wait_closed()


async def test_a_body_that_comes_slowly_enough_to_be_real_is_read(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_bodies, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(slow_bodies, "LEAST", 1)

    async def body() -> AsyncIterator[bytes]:
        yield b'{"id":"m-1",'
        for _ in range(4):
            looked = asyncio.get_running_loop().time() + 0.03
            while asyncio.get_running_loop().time() < looked:
                await asyncio.sleep(0.01)
            yield b" "
        yield b'"text":"hello"}'

    async with (
        gateway.http() as http,
        http.post("/api/chat", data=body(), headers={"Content-Type": "application/json"}) as said,
    ):
        assert said.status == 200, await said.text()
