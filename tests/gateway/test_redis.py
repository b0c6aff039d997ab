"""Several gateways over one Redis: a person hears the answer wherever the tab is connected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gateway import Clock, open_desk, running_gateway, tab
from tests.support.redis import NoRedis, redis_server


async def test_an_answer_reaches_the_tab_on_the_other_gateway(tmp_path: Path) -> None:
    clock = Clock()
    desk = open_desk(tmp_path, clock)
    try:
        with redis_server(tmp_path) as redis_url:
            async with (
                running_gateway(tmp_path, clock, desk, redis_url=redis_url) as one,
                running_gateway(tmp_path, clock, desk, one.rasa, redis_url=redis_url) as two,
                tab(one) as here,
                tab(two) as there,
                tab(two, "finance") as somebody_else,
            ):
                await here.say("m-1", "hello")

                (heard,) = await there.wait("bot_uttered")
                await here.wait("bot_uttered")
                assert heard["text"] == "heard: hello"
                assert [message["text"] for message in await there.wait("message")] == ["hello"]
                assert somebody_else.of("bot_uttered") == []
    except NoRedis as reason:
        pytest.skip(str(reason))
    finally:
        desk.close()
