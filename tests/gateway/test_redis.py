"""Several gateways behind a balancer, over one Redis: all is heard wherever one is connected, and lost nowhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from deskhand.notifications import redis_fan_out
from deskhand.orders.status import Role
from deskhand.store import User
from tests.support.balancer import balancer
from tests.support.gateway import TENANT, Clock, Gateway, Tab, open_desk, running_gateway, tab, until
from tests.support.redis import NoRedis, RedisServer, redis_server


@dataclass
class House:
    """Two gateways, the Redis between them and the balancer before them."""

    one: Gateway
    two: Gateway
    redis: RedisServer
    address: str

    async def both_say(self, redis: bool) -> None:
        """Until each of them knows whether Redis is there; they are ready either way."""
        async with ClientSession() as http:
            for gateway in (self.one, self.two):
                said: dict[str, Any] = {}
                while said.get("redis") is not redis:
                    async with http.get(f"{gateway.url}/readyz") as response:
                        assert response.status == 200
                        said = await response.json()
                    await asyncio.sleep(0.02)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    for name, seconds in (("ANSWER_SECONDS", 1.0), ("SILENCE_SECONDS", 0.3), ("RETRY_SECONDS", 0.1)):
        monkeypatch.setattr(redis_fan_out, name, seconds)
    clock = Clock()
    desk = open_desk(tmp_path, clock)
    try:
        with redis_server(tmp_path) as redis:
            async with (
                running_gateway(tmp_path, clock, desk, redis_url=redis.url) as one,
                running_gateway(tmp_path, clock, desk, one.rasa, redis_url=redis.url) as two,
                balancer([one.url, two.url]) as address,
            ):
                yield House(one, two, redis, address)
    except NoRedis as reason:
        pytest.skip(str(reason))
    finally:
        desk.close()


def texts(tab: Tab, name: str = "bot_uttered") -> list[str]:
    return [each["text"] for each in tab.of(name)]


async def caught_up(tab: Tab, times: int) -> list[str]:
    """What a browser does when its session is confirmed once more."""
    await tab.wait("session_confirm", times, seconds=30)
    return [each["text"] for each in (await tab.resume())["messages"]]


async def test_an_answer_reaches_the_tab_on_the_other_gateway(house: House) -> None:
    async with tab(house.one) as here, tab(house.two) as there, tab(house.two, "finance") as somebody_else:
        await house.both_say(redis=True)
        await here.say("m-1", "hello")

        (heard,) = await there.wait("bot_uttered")
        await here.wait("bot_uttered")
        assert heard["text"] == "heard: hello"
        assert texts(there, "message") == ["hello"]
        assert somebody_else.of("bot_uttered") == []


async def test_who_polls_through_a_balancer_that_keeps_them_together_hears_the_other_gateway(house: House) -> None:
    async with (
        tab(house.one, at=f"{house.address}?client=0", transports=["polling"]) as here,
        tab(house.one, at=f"{house.address}?client=1", transports=["polling"]) as there,
        tab(house.one, at=f"{house.address}?client=3") as upgraded,
    ):
        await house.both_say(redis=True)
        await here.say("m-1", "hello")

        for each in (here, there, upgraded):
            await each.wait("bot_uttered")
            assert texts(each) == ["heard: hello"]


async def test_a_poll_that_comes_to_the_wrong_gateway_is_told_to_begin_anew(house: House) -> None:
    path = f"{house.address}/socket.io/?EIO=4&transport=polling"
    async with ClientSession() as http:
        async with http.get(f"{path}&client=0") as response:
            sid = json.loads((await response.text())[1:])["sid"]
    async with ClientSession() as http, http.get(f"{path}&client=1&sid={sid}") as response:
        assert response.status == 400


async def test_without_redis_all_is_answered_and_told_later_and_with_it_again_at_once(house: House) -> None:
    async with tab(house.one) as here, tab(house.two) as there, tab(house.two, "finance") as finance:
        await house.both_say(redis=True)
        house.redis.stop()
        await here.say("m-1", "while it is away")
        await here.wait("bot_uttered")
        house.two.notify("role:finance")
        await finance.wait("notification")
        await house.both_say(redis=False)
        await here.say("m-2", "still away")
        await here.wait("bot_uttered", 2)
        assert texts(there) == []

        house.redis.start()
        await house.both_say(redis=True)
        later = await caught_up(there, 2)
        await here.say("m-3", "it is back")
        while "heard: it is back" not in texts(there):
            await asyncio.sleep(0.02)

    assert later[:4] == ["while it is away", "heard: while it is away", "still away", "heard: still away"]
    assert texts(here) == ["heard: while it is away", "heard: still away", "heard: it is back"]


async def test_a_redis_that_stands_still_holds_up_no_turn(house: House) -> None:
    async with tab(house.one) as here, tab(house.two) as there:
        await house.both_say(redis=True)
        with house.redis.frozen():
            await here.say("m-1", "hello")
            await here.wait("bot_uttered")
            await house.both_say(redis=False)
        await house.both_say(redis=True)

        assert (await caught_up(there, 2))[:2] == ["hello", "heard: hello"]


async def test_what_one_gateway_alone_could_not_send_is_caught_up_with(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other has heard nothing of it, and never lost Redis itself."""
    sent: list[bytes] = []

    async def publish(self: redis_fan_out.RedisFanOut, client: Any, text: bytes, was: Any = published) -> None:
        sent.append(text)
        if len(sent) < 3:
            raise TimeoutError
        await was(self, client, text)

    async with tab(house.one) as here, tab(house.two) as there:
        await house.both_say(redis=True)
        monkeypatch.setattr(redis_fan_out.RedisFanOut, "_published", publish)
        await here.say("m-1", "hello")
        await here.wait("bot_uttered")

        assert "heard: hello" in await caught_up(there, 2)


published = redis_fan_out.RedisFanOut._published


@dataclass
class Line:
    """A client that does as the widget does, and no more: after each confirmation it asks for what it has not seen."""

    socket: ClientWebSocketResponse
    messages: dict[int, str] = field(default_factory=dict)
    notices: set[int] = field(default_factory=set)

    async def listen(self) -> None:
        async for said in self.socket:
            if said.type is not WSMsgType.TEXT:
                return
            if said.data == "2":
                await self.socket.send_str("3")
            elif said.data.startswith("42"):
                await self._hear(*json.loads(said.data[2:]))
            elif said.data.startswith("431"):
                self._take(*json.loads(said.data[3:]))

    async def _hear(self, event: str, data: Any) -> None:
        if event == "session_confirm":
            cursors = {"conversation_seq": 0, "notification_seq": 0}
            await self.socket.send_str("421" + json.dumps(["resume", cursors]))
        elif event in {"bot_uttered", "message"}:
            self.messages[data["seq"]] = data["text"]
        elif event == "notification":
            self.notices.add(data["seq"])

    def _take(self, answer: Any) -> None:
        assert answer["ok"], answer
        self.messages |= {each["seq"]: each["text"] for each in answer["messages"]}
        self.notices |= {each["seq"] for each in answer["notifications"]}


@asynccontextmanager
async def crowd(house: House, count: int) -> AsyncIterator[list[Line]]:
    """Clerks' tabs through the balancer, by turns on the one and on the other gateway."""
    async with ClientSession(connector=TCPConnector(limit=0)) as http, AsyncExitStack() as open_ones:
        lines = []
        for number in range(count):
            login = f"clerk-{number % 20}"
            socket = await open_ones.enter_async_context(
                http.ws_connect(f"{house.address}/socket.io/?EIO=4&transport=websocket&client={number}")
            )
            await socket.send_str("40" + json.dumps({"token": house.one.token(login)}))
            lines.append(Line(socket))
        listening = [asyncio.create_task(line.listen()) for line in lines]
        yield lines
        for line in lines:
            await line.socket.close()
        await asyncio.gather(*listening)


@pytest.mark.parametrize("count", [40, pytest.param(400, marks=pytest.mark.full)])
async def test_under_load_nothing_is_lost_while_redis_goes_and_comes(house: House, count: int) -> None:
    """Twenty people with tabs on both gateways; each says something before, while and after it is away."""
    with house.one.desk.unit_of_work(TENANT) as uow:
        for number in range(20):
            uow.users.add(User(f"clerk-{number}", TENANT, f"clerk-{number}", f"Clerk {number}", Role.SALES))
        uow.commit()
    async with crowd(house, count) as lines:
        await house.both_say(redis=True)
        for stage in range(3):
            if stage == 1:
                house.redis.stop()
            if stage == 2:
                house.redis.start()
            for line in lines[:20]:
                said = {"id": f"m-{stage}-{lines.index(line)}", "text": f"stage {stage}"}
                await line.socket.send_str("42" + json.dumps(["user_uttered", said]))
            house.one.notify("role:sales", count=5)
            heard = [f"heard: stage {each}" for each in range(stage + 1)]
            await until(partial(_have, lines[:20], heard, 0), f"stage {stage} is answered", 60)

        await until(partial(_have, lines, heard, 15), "everybody has everything", 120)


def _have(lines: list[Line], heard: list[str], notices: int) -> bool:
    return all(set(heard) <= set(line.messages.values()) and len(line.notices) >= notices for line in lines)
