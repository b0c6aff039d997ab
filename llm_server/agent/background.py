"""An event loop in a thread: so that callers with and without one of their own use the same code. Knows no model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from llm_server.agent.errors import AgentClosed

T = TypeVar("T")


class Background:
    """Runs coroutines until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="agent", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Waits for the outcome; interrupted (Ctrl-C), the work is ended too."""
        future = asyncio.run_coroutine_threadsafe(self._open(work), self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    async def await_(self, work: Coroutine[Any, Any, T]) -> T:
        """The same on the caller's own loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._open(work), self._loop))

    def close(self) -> None:
        """Ends whatever runs; harmless when it is closed."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _open(self, work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
        if self._loop.is_closed():
            work.close()
            raise AgentClosed("This agent is closed. Load it again, and use it inside its `with`.")
        return work


async def _cancel_others() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*others, return_exceptions=True)
