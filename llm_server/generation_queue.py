"""The one queue between asyncio and the engine: bounded, first come first served, one generation at a time.

Knows nothing of HTTP. Everything here runs on the event loop; only ``Engine.load`` and ``Engine.generate`` run on the
worker thread (torch's thread count belongs to the thread that set it) and ``Engine.encode`` on a thread of its own,
so that a long prompt neither stops the loop nor waits for a generation.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import NoReturn

from llm_server.engine import ChoiceFinished, Engine, GenerationEvent, GenerationRequest, Message
from llm_server.errors import GenerationFailed, GenerationTimeout, ModelLoading, QueueFull, RequestError, ServerClosing

log = logging.getLogger(__name__)

LOADING_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 60


class Job:
    """One request on its way through the queue, with the times (``time.monotonic``) at which it got there."""

    def __init__(self, request: GenerationRequest, seconds: float) -> None:
        self.request = request
        self.cancelled = Event()
        self.queued_at = time.monotonic()
        self.deadline = self.queued_at + seconds
        self.started_at: float | None = None
        self.first_text_at: float | None = None
        self.ended_at: float | None = None
        self.completion_tokens = 0
        self._arrivals: asyncio.Queue[GenerationEvent | RequestError | None] = asyncio.Queue()

    async def events(self) -> AsyncIterator[GenerationEvent]:
        """What the engine emits, until the end.

        Raises:
            GenerationTimeout: the deadline passed first.
            RequestError: the job was not brought to its end.
        """
        while (arrival := await self._arrival()) is not None:
            if isinstance(arrival, RequestError):
                raise arrival
            yield arrival

    async def _arrival(self) -> GenerationEvent | RequestError | None:
        remaining = max(0.0, self.deadline - time.monotonic())
        try:
            return await asyncio.wait_for(self._arrivals.get(), remaining)
        except TimeoutError:
            return GenerationTimeout()

    def deliver(self, event: GenerationEvent) -> None:
        """Hands on one event; called on the event loop."""
        if isinstance(event, ChoiceFinished):
            self.completion_tokens += event.tokens
        elif self.first_text_at is None:
            self.first_text_at = time.monotonic()
        self._arrivals.put_nowait(event)

    def end(self, error: RequestError | None = None) -> None:
        """Ends the job, well or with an error."""
        self.ended_at = time.monotonic()
        self._arrivals.put_nowait(error)


class GenerationQueue:
    """Takes jobs while fewer than ``limit`` wait, and runs them one after another on the engine."""

    def __init__(self, engine: Engine, limit: int) -> None:
        self._engine = engine
        self._limit = limit
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._arrived = asyncio.Event()
        self._loaded = False
        self._closing = False
        self._seconds_per_job = 1.0
        self._worker = ThreadPoolExecutor(1, "engine")
        self._encoder = ThreadPoolExecutor(1, "encoder")

    @property
    def waiting(self) -> int:
        """Jobs not begun."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Jobs begun: 0 or 1."""
        return int(self._running is not None)

    @property
    def ready(self) -> bool:
        """True once the model is loaded, until the server closes."""
        return self._loaded and not self._closing

    async def serve(self) -> NoReturn:
        """Loads the model, then runs jobs until cancelled. What loading raises is raised here."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._worker, self._engine.load)
        self._loaded = True
        while True:
            await self._run(await self._next())

    async def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The prompt's tokens; refuses as ``submit`` does, before the work is done."""
        self._check_room()
        return await asyncio.get_running_loop().run_in_executor(self._encoder, self._engine.encode, messages)

    def submit(self, request: GenerationRequest, seconds: float) -> Job:
        """Queues a request that must be answered within ``seconds``.

        Raises:
            QueueFull: ``limit`` jobs wait already.
            ModelLoading, ServerClosing: not now.
        """
        self._check_room()
        job = Job(request, seconds)
        self._waiting.append(job)
        self._arrived.set()
        return job

    def cancel(self, job: Job) -> None:
        """Takes a waiting job out of the queue, or stops it at its next token. Harmless on one that has ended."""
        job.cancelled.set()
        with suppress(ValueError):
            self._waiting.remove(job)

    def close(self) -> None:
        """Ends every job and takes no more."""
        self._closing = True
        if self._running:
            self._running.cancelled.set()
        while self._waiting:
            self._waiting.popleft().end(ServerClosing(LOADING_RETRY_SECONDS))
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._encoder.shutdown(wait=False, cancel_futures=True)

    def _check_room(self) -> None:
        if self._closing:
            raise ServerClosing(LOADING_RETRY_SECONDS)
        if not self._loaded:
            raise ModelLoading(LOADING_RETRY_SECONDS)
        places = self._limit + 1 - self.running  # the engine's own place counts while it is free
        if len(self._waiting) >= places:
            raise QueueFull(self._retry_after())

    async def _next(self) -> Job:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    async def _run(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        self._running, job.started_at = job, time.monotonic()

        def emit(event: GenerationEvent) -> None:
            loop.call_soon_threadsafe(job.deliver, event)

        try:
            await loop.run_in_executor(self._worker, self._engine.generate, job.request, emit, job.cancelled)
            job.end(ServerClosing(LOADING_RETRY_SECONDS) if self._closing else None)
        except asyncio.CancelledError:
            job.end(ServerClosing(LOADING_RETRY_SECONDS))
            raise
        except Exception:  # whatever the engine raises ends this request, not the server
            log.exception("the engine failed")
            job.end(GenerationFailed())
        finally:
            self._running = None
            self._learn(time.monotonic() - job.started_at)

    def _learn(self, seconds: float) -> None:
        self._seconds_per_job += 0.3 * (seconds - self._seconds_per_job)

    def _retry_after(self) -> int:
        """Seconds until a place is likely to be free: the time of one job, since one leaves the queue then."""
        return min(LONGEST_RETRY_SECONDS, max(1, math.ceil(self._seconds_per_job)))
