"""Two gateways over one PostgreSQL: whichever answers, everything is answered and stored once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from deskhand.gateway.app import DOOR
from tests.support.gateway import TENANT, Clock, Gateway, open_desk, problem, running_gateway, tab
from tests.support.postgres import NoPostgres, postgres_server

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    try:
        with postgres_server() as url:
            yield url
    except NoPostgres as reason:
        pytest.skip(str(reason))


def replies(gateway: Gateway) -> list[str | None]:
    with gateway.desk.unit_of_work(TENANT) as uow:
        conversation = uow.conversations.open("clerk", "chat")
        assert conversation is not None
        return [m.text for m in uow.messages.after(conversation.id, 0) if m.direction == "out"]


async def test_a_message_and_a_key_are_worked_on_once(tmp_path: Path, server: str) -> None:
    clock = Clock()
    desk = open_desk(tmp_path, clock, server)
    async with (
        running_gateway(tmp_path, clock, desk) as one,
        running_gateway(tmp_path, clock, desk, one.rasa) as two,
        tab(one) as here,
        tab(two, "finance") as finance,
    ):
        one.rasa.delay = 0.3
        await here.say("m-1", "hello")
        clock.forward(seconds=5)
        await two.app[DOOR].chat.retry(timedelta(0))  # the other takes it for left behind
        await here.wait("turn_ended")
        await asyncio.sleep(0.8)
        assert replies(one) == ["heard: hello"]

        order = {"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "1"}]}
        key = {"Idempotency-Key": "k-1"}
        async with one.http("clerk") as http, two.http("clerk") as other:
            first, second = await asyncio.gather(
                http.post("/api/orders", json=order, headers=key), other.post("/api/orders", json=order, headers=key)
            )
            assert await first.json() == await second.json()
            number = (await first.json())["order"]["number"]
            await problem(await http.get("/api/orders/SO-9999"), 404, "not_found")
            assert len((await (await other.get("/api/orders")).json())["items"]) == 1

            confirmed = await http.post(f"/api/orders/{number}/confirm")
            assert confirmed.status == 200
        desk.project_notifications(TENANT)
        two.notify("role:finance", number)
        assert (await finance.wait("notification"))[-1]["order"] == number
    desk.database.close()
