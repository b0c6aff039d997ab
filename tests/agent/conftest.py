"""A server elsewhere: in a thread of its own, with an engine that says what it is told to say."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.llm_server.conftest import FakeEngine, serving


class Elsewhere:
    """What a test may change of it while it runs."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.url = ""
        self.started = threading.Event()
        self.stop: asyncio.Event
        self.loop: asyncio.AbstractEventLoop

    async def serve(self, **settings: object) -> None:
        self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
        self.engine = FakeEngine(at_once=4)
        self.engine.models = self.engine.models[:1]
        async with serving(self.engine, **settings) as server:
            self.url = server.url
            self.started.set()
            await self.stop.wait()


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest) -> Iterator[Elsewhere]:
    """A parameter of the fixture are settings of the server."""
    made = Elsewhere()
    settings = getattr(request, "param", {})
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(**settings)))
    thread.start()
    assert made.started.wait(300)
    yield made
    made.loop.call_soon_threadsafe(made.stop.set)
    thread.join()
