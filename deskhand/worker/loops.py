"""A loop that works, rests and never dies of an error. Knows nothing of the work."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from deskhand.worker.backoff import Backoff
from deskhand.worker.metrics import Metrics

_LATE = 90.0  # seconds without a good round until the worker counts as not ready

_log = logging.getLogger(__name__)


class Running(Protocol):
    """What a worker runs until it is told to stop."""

    @property
    def name(self) -> str: ...

    @property
    def healthy(self) -> bool: ...

    async def run(self, stop: asyncio.Event) -> None: ...


class Loop:
    """Calls `work` again at once while there is something to do, else after `idle_seconds`."""

    def __init__(self, name: str, work: Callable[[], Awaitable[int]], idle_seconds: float, metrics: Metrics) -> None:
        self.name = name
        self._work = work
        self._idle = idle_seconds
        self._metrics = metrics
        self._pause = Backoff(first=max(idle_seconds, 0.5), longest=30.0)
        self._failures = 0
        self._good_at: float | None = None

    @property
    def healthy(self) -> bool:
        """Had a good round lately."""
        return self._good_at is not None and time.monotonic() - self._good_at < _LATE + self._idle

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: the round at work is finished, no other is begun."""
        while not stop.is_set():
            seconds = await self._round()
            if seconds:
                await pause(stop, seconds)

    async def _round(self) -> float:
        try:
            done = await self._work()
        except Exception:  # whatever it is: the loop tries again, later each time
            self._failures += 1
            self._metrics.round(self.name, None)
            _log.exception("%s: round failed", self.name)
            return self._pause.delay(self._failures).total_seconds()
        self._failures, self._good_at = 0, time.monotonic()
        self._metrics.round(self.name, done)
        return 0.0 if done else self._idle


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Shorter when it is time to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
