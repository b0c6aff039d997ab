"""What a Socket.IO client of any make may count on (protocol 5 over Engine.IO 4), against our server with no sign-in.

The server answers as an echo: `message` comes back as `message-back`, `message-with-ack` as its acknowledgement, and
whoever connects is told by `auth` what it gave.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from deskhand.gateway import socket_server
from deskhand.gateway.socket_server import make_server
from tests.support.gateway import PATIENCE

LARGEST = 1_000_000
PATH = "/socket.io/"
POLLING, WEBSOCKET = {"EIO": "4", "transport": "polling"}, {"EIO": "4", "transport": "websocket"}

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """Pings after a second; gives up after as many as the test says, or too many to matter."""
    monkeypatch.setattr(socket_server, "ENDED_SECONDS", 0.5)
    server = make_server("*", LARGEST, ping_interval=1, ping_timeout=getattr(request, "param", PATIENCE))
    for namespace in ("/", "/custom"):
        _echo(server, namespace)
    app = web.Application()
    server.attach(app)
    async with TestClient(TestServer(app)) as connected:
        yield connected
        for socket in list(server.eio.sockets.values()):
            await socket.close(wait=False, abort=True)
        await server.shutdown()


def _echo(server: Any, namespace: str) -> None:
    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        async def tell() -> None:
            await server.emit("auth", auth or {}, to=sid, namespace=namespace)

        server.start_background_task(tell)

    async def message(sid: str, *args: Any) -> None:
        await server.emit("message-back", args, to=sid, namespace=namespace)

    async def message_with_ack(sid: str, *args: Any) -> tuple[Any, ...]:
        return args

    server.on("connect", connect, namespace=namespace)
    server.on("message", message, namespace=namespace)
    server.on("message-with-ack", message_with_ack, namespace=namespace)


async def open_by_polling(client: Client) -> str:
    async with client.get(PATH, params=POLLING) as response:
        return str(json.loads((await response.text())[1:])["sid"])


async def poll(client: Client, sid: str) -> tuple[int, str]:
    async with client.get(PATH, params={**POLLING, "sid": sid}) as response:
        return response.status, await response.text()


async def push(client: Client, sid: str, body: str) -> int:
    async with client.post(PATH, params={**POLLING, "sid": sid}, data=body) as response:
        return response.status


async def next_data(socket: aiohttp.ClientWebSocketResponse, passing: str = "2") -> str | bytes:
    """The next message that is no ping; pings are answered."""
    while True:
        got = await asyncio.wait_for(socket.receive(), PATIENCE)
        assert got.type in (WSMsgType.TEXT, WSMsgType.BINARY), got
        if got.data != passing:
            return got.data  # type: ignore[no-any-return]  # str or bytes, by its type
        await socket.send_str("3")


async def is_closed(socket: aiohttp.ClientWebSocketResponse) -> bool:
    """Whether the server ends the line; nothing that it sends before that counts."""
    while (await asyncio.wait_for(socket.receive(), PATIENCE)).type in (WSMsgType.TEXT, WSMsgType.BINARY):
        pass
    return True


async def connected(client: Client) -> aiohttp.ClientWebSocketResponse:
    socket = await client.ws_connect(PATH, params=WEBSOCKET)
    await next_data(socket)
    await socket.send_str("40")
    assert str(await next_data(socket)).startswith("40{")
    assert await next_data(socket) == '42["auth",{}]'
    return socket


async def test_a_session_by_polling_says_its_limits(client: Client) -> None:
    async with client.get(PATH, params=POLLING) as response:
        said = json.loads((await response.text())[1:])

    assert set(said) == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert (said["upgrades"], said["pingInterval"], said["pingTimeout"]) == (["websocket"], 1000, 30_000)
    assert said["maxPayload"] == LARGEST


async def test_a_session_by_websocket_says_its_limits(client: Client) -> None:
    async with client.ws_connect(PATH, params=WEBSOCKET) as socket:
        assert json.loads(str(await next_data(socket))[1:])["upgrades"] == []


@pytest.mark.parametrize(
    "params",
    [{"transport": "polling"}, {"EIO": "abc", "transport": "polling"}, {"EIO": "4"}, {"EIO": "4", "transport": "abc"}],
)
async def test_a_handshake_that_is_none_is_refused(client: Client, params: dict[str, str]) -> None:
    async with client.get(PATH, params=params) as response:
        assert response.status == 400
    with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
        await client.ws_connect(PATH, params={**params, **({"transport": "websocket"} if "EIO" not in params else {})})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_method_that_opens_no_session_is_refused(client: Client, method: str) -> None:
    async with client.request(method, PATH, params=POLLING) as response:
        assert response.status == 400


async def test_polls_bring_pings_and_pushes_take_pongs(client: Client) -> None:
    sid = await open_by_polling(client)

    for _ in range(2):
        assert await poll(client, sid) == (200, "2")
        assert await push(client, sid, "3") == 200


@pytest.mark.parametrize("client", [1], indirect=True)
async def test_a_session_that_answers_no_ping_is_over(client: Client) -> None:
    sid = await open_by_polling(client)
    socket = await client.ws_connect(PATH, params=WEBSOCKET)

    assert await is_closed(socket)
    assert (await poll(client, sid))[0] == 400


async def test_pings_come_by_websocket_and_pongs_keep_it_open(client: Client) -> None:
    async with client.ws_connect(PATH, params=WEBSOCKET) as socket:
        await next_data(socket)
        for _ in range(3):
            assert await next_data(socket, passing="") == "2"
            await socket.send_str("3")


async def test_a_poll_that_waits_is_answered_when_its_session_ends(client: Client) -> None:
    sid, answer = await open_by_polling(client), (200, "2")
    while answer == (200, "2"):  # a ping, which a busy machine may have sent before the end
        waiting = asyncio.create_task(poll(client, sid))
        await asyncio.sleep(0.05)
        if not waiting.done():
            assert await push(client, sid, "1") == 200
        answer = await waiting
        if answer == (200, "2"):
            sid = await open_by_polling(client)

    assert answer == (200, "6")
    assert (await poll(client, sid))[0] == 400


async def test_a_client_ends_its_websocket(client: Client) -> None:
    socket = await client.ws_connect(PATH, params=WEBSOCKET)
    await next_data(socket)
    await socket.send_str("1")

    assert await is_closed(socket)


async def test_a_session_becomes_a_websocket_and_answers_nothing_else(client: Client) -> None:
    sid = await open_by_polling(client)
    socket = await client.ws_connect(PATH, params={**WEBSOCKET, "sid": sid})
    await socket.send_str("2probe")
    await socket.send_str("5")

    assert (await poll(client, sid))[0] == 400
    assert await is_closed(await client.ws_connect(PATH, params={**WEBSOCKET, "sid": sid}))
    assert await next_data(socket) == "3probe"
    await socket.close()


async def test_a_poll_during_an_upgrade_is_answered_soon(client: Client) -> None:
    """The client upgrades only when its poll has ended: held back, neither would go on."""
    sid = await open_by_polling(client)
    waiting = asyncio.create_task(poll(client, sid))
    await asyncio.sleep(0.05)
    socket = await client.ws_connect(PATH, params={**WEBSOCKET, "sid": sid})
    await socket.send_str("2probe")
    assert await next_data(socket) == "3probe"

    assert await asyncio.wait_for(waiting, PATIENCE) == (200, "6")
    assert await asyncio.wait_for(poll(client, sid), PATIENCE) == (200, "6")
    await socket.send_str("5")
    await socket.send_str("40")
    assert str(await next_data(socket)).startswith("40{")
    await socket.close()


@pytest.mark.parametrize("namespace", ["", "/custom,"])
@pytest.mark.parametrize("auth", ["", '{"token":"123"}'])
async def test_a_namespace_is_entered_with_what_the_client_gives(client: Client, namespace: str, auth: str) -> None:
    async with client.ws_connect(PATH, params=WEBSOCKET) as socket:
        await next_data(socket)
        await socket.send_str(f"40{namespace}{auth}")

        entered = str(await next_data(socket))
        assert entered.startswith(f"40{namespace}") and set(json.loads(entered[2 + len(namespace) :])) == {"sid"}
        assert await next_data(socket) == f'42{namespace}["auth",{auth or "{}"}]'


async def test_a_namespace_that_is_none_is_told_with_a_message(client: Client) -> None:
    async with client.ws_connect(PATH, params=WEBSOCKET) as socket:
        await next_data(socket)
        await socket.send_str("40/random")

        assert await next_data(socket) == '44/random,{"message":"Invalid namespace"}'


async def test_leaving_a_namespace_leaves_the_others(client: Client) -> None:
    socket = await connected(client)
    await socket.send_str("40/custom")
    await next_data(socket)
    await next_data(socket)

    await socket.send_str("41/custom")
    await socket.send_str('42["message","to the other"]')

    assert await next_data(socket) == '42["message-back","to the other"]'
    await socket.close()


async def test_leaving_the_last_namespace_keeps_the_line(client: Client) -> None:
    socket = await connected(client)
    await socket.send_str("41")

    assert await next_data(socket, passing="") == "2"
    await socket.close()


async def test_events_and_their_answers_come_back_as_sent(client: Client) -> None:
    socket = await connected(client)

    await socket.send_str('42["message",1,"2",{"3":[true]}]')
    assert await next_data(socket) == '42["message-back",1,"2",{"3":[true]}]'
    await socket.send_str('42456["message-with-ack",1,"2",{"3":[false]}]')
    assert await next_data(socket) == '43456[1,"2",{"3":[false]}]'
    await socket.close()


@pytest.mark.parametrize(
    ("sent", "back"), [("452-", '452-["message-back",'), ("452-789", "462-789[")], ids=["event", "answer"]
)
async def test_binary_parts_come_back_as_sent(client: Client, sent: str, back: str) -> None:
    socket = await connected(client)
    places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
    name = "message-with-ack" if "789" in sent else "message"
    await socket.send_str(f'{sent}["{name}",{places}')
    await socket.send_bytes(bytes((1, 2, 3)))
    await socket.send_bytes(bytes((4, 5, 6)))

    assert await next_data(socket) == back + places
    assert [await next_data(socket) for _ in range(2)] == [bytes((1, 2, 3)), bytes((4, 5, 6))]
    await socket.close()


@pytest.mark.parametrize("wrong", ["4abc", "42{}", '42abc["message-with-ack",1]'])
async def test_what_is_no_packet_ends_the_line(client: Client, wrong: str) -> None:
    socket = await connected(client)
    await socket.send_str(wrong)

    assert await is_closed(socket)


async def test_what_is_no_handshake_ends_the_line(client: Client) -> None:
    socket = await client.ws_connect(PATH, params=WEBSOCKET)
    await next_data(socket)
    await socket.send_str("4abc")

    assert await is_closed(socket)
