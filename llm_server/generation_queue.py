"""The one queue before the engine: first come first served, as many at once as each model computes together.

Knows nothing of HTTP. A job that waits while the engine recovers from a crash is kept, until its deadline.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import NoReturn

from llm_server.engine import ChoiceFinished, Engine, EngineState, GenerationEvent, GenerationRequest, Message, Prompt
from llm_server.errors import GenerationFailed, GenerationTimeout, ModelLoading, QueueFull, RequestError, ServerClosing

log = logging.getLogger(__name__)

LOADING_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 60


class Job:
    """One request on its way through the queue, with the times (``time.monotonic``) at which it got there."""

    def __init__(self, request: GenerationRequest, seconds: float) -> None:
        self.request = request
        self.queued_at = time.monotonic()
        self.deadline = self.queued_at + seconds
        self.started_at: float | None = None
        self.first_text_at: float | None = None
        self.ended_at: float | None = None
        self.prompt_tokens = request.prompt.tokens
        self.completion_tokens = 0
        self.cached_tokens = 0
        self.running: asyncio.Task[None] | None = None
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
        """Hands on one event."""
        if isinstance(event, ChoiceFinished):
            self.completion_tokens += event.tokens
            self.prompt_tokens = event.prompt_tokens or self.prompt_tokens
            self.cached_tokens = max(self.cached_tokens, event.cached_tokens)
        elif self.first_text_at is None:
            self.first_text_at = time.monotonic()
        self._arrivals.put_nowait(event)

    def end(self, error: RequestError | None = None) -> None:
        """Ends the job, well or with an error; a second end changes nothing."""
        if self.ended_at is None:
            self.ended_at = time.monotonic()
            self._arrivals.put_nowait(error)


class GenerationQueue:
    """Takes jobs while fewer than ``limit`` wait, and runs as many as the engine computes at once."""

    def __init__(self, engine: Engine, limit: int) -> None:
        self._engine = engine
        self._limit = limit
        self._waiting: deque[Job] = deque()
        self._running: set[Job] = set()
        self._changed = asyncio.Event()
        self._loaded = False
        self._closing = False
        self._seconds_per_job = 1.0

    @property
    def waiting(self) -> int:
        """Jobs not begun."""
        return len(self._waiting)

    @property
    def waiting_tokens(self) -> int:
        """Prompt tokens of the jobs not begun."""
        return sum(job.request.prompt.tokens for job in self._waiting)

    @property
    def running(self) -> int:
        """Jobs begun."""
        return len(self._running)

    @property
    def ready(self) -> bool:
        """True while every model can answer, from the first load until the server closes."""
        states = (self._engine.state(model.name) for model in self._engine.models)
        return self._loaded and not self._closing and all(state is EngineState.READY for state in states)

    async def serve(self) -> NoReturn:
        """Starts the engine, then runs jobs until cancelled. What starting raises is raised here."""
        try:
            await self._engine.start()
            self._loaded = True
            while True:
                self._changed.clear()
                self._begin_what_fits()
                await self._changed.wait()
        finally:
            self.close()
            await asyncio.gather(*(job.running for job in self._running if job.running), return_exceptions=True)
            await self._engine.close()

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """The prompt; refuses as ``submit`` does, before the work is done."""
        self._check_room(model)
        await self._engine.until_ready(model)
        return await self._engine.encode(source, model)

    def submit(self, request: GenerationRequest, seconds: float) -> Job:
        """Queues a request that must be answered within ``seconds``.

        Raises:
            QueueFull: ``limit`` jobs wait already.
            ModelLoading, ServerClosing: not now.
        """
        self._check_room(request.model)
        job = Job(request, seconds)
        self._waiting.append(job)
        self._changed.set()
        return job

    def cancel(self, job: Job) -> None:
        """Takes a waiting job out of the queue, or stops it. Harmless on one that has ended."""
        if job.running is not None:
            job.running.cancel()
        with suppress(ValueError):
            self._waiting.remove(job)

    def close(self) -> None:
        """Ends every job and takes no more."""
        self._closing = True
        for job in self._running:
            job.end(ServerClosing(LOADING_RETRY_SECONDS))
            if job.running is not None:
                job.running.cancel()
        while self._waiting:
            self._waiting.popleft().end(ServerClosing(LOADING_RETRY_SECONDS))

    def _check_room(self, model: str) -> None:
        if self._closing:
            raise ServerClosing(LOADING_RETRY_SECONDS)
        if not self._loaded:
            raise ModelLoading(LOADING_RETRY_SECONDS)
        free = max(0, self._places(model) - self._taken(model))  # the engine's free places count too
        if len(self._waiting) >= self._limit + free:
            raise QueueFull(self._retry_after())

    def _places(self, model: str) -> int:
        return next(served.at_once for served in self._engine.models if served.name == model)

    def _taken(self, model: str) -> int:
        return sum(job.request.choices for job in self._running if job.request.model == model)

    def _begin_what_fits(self) -> None:
        """Begins the jobs whose turn it is; one for a busy model doesn't keep those for another waiting."""
        for job in list(self._waiting):
            taken = self._taken(job.request.model)
            if taken and taken + job.request.choices > self._places(job.request.model):
                continue
            self._waiting.remove(job)
            self._running.add(job)
            job.running = asyncio.create_task(self._run(job), name="generation")

    async def _run(self, job: Job) -> None:
        try:
            await self._engine.until_ready(job.request.model)
            job.started_at = time.monotonic()
            async with aclosing(self._engine.generate(job.request)) as events:
                async for event in events:
                    job.deliver(event)
            job.end()
        except RequestError as error:
            job.end(error)
        except Exception:  # whatever the engine raises ends this request, not the server
            log.exception("the engine failed")
            job.end(GenerationFailed())
        finally:
            self._leave(job)

    def _leave(self, job: Job) -> None:
        job.end(ServerClosing(LOADING_RETRY_SECONDS) if self._closing else None)
        self._running.discard(job)
        self._changed.set()
        if job.started_at is not None:
            self._learn(time.monotonic() - job.started_at)

    def _learn(self, seconds: float) -> None:
        self._seconds_per_job += 0.3 * (seconds - self._seconds_per_job)

    def _retry_after(self) -> int:
        """Seconds until a place is likely to be free: the time of one job, since one leaves the queue then."""
        return min(LONGEST_RETRY_SECONDS, max(1, math.ceil(self._seconds_per_job)))
