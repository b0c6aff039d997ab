"""The one queue before the engine: bounded, first come first served, as many at once as each model computes together.

Knows nothing of HTTP. A job that waits while the engine recovers from a crash is kept until its deadline; one that the
crash caught before its first word is run once more, alone, so that what killed the engine can't take others along
again.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import NoReturn

from llm_server.api.job import Job
from llm_server.engines.engine import Engine, EngineState, GenerationRequest, Message, Prompt, ServedModel
from llm_server.errors import EngineLost, GenerationFailed, ModelLoading, QueueFull, RequestError, ServerClosing

log = logging.getLogger(__name__)

RETRY_SECONDS = 5  # of what ends by itself soon: loading, closing
LONGEST_RETRY_SECONDS = 60
ATTEMPTS = 2


class GenerationQueue:
    """Takes jobs while fewer than ``limit``, of fewer than ``token_limit`` prompt tokens, wait; runs what fits."""

    def __init__(self, engine: Engine, limit: int, token_limit: int | None = None) -> None:
        self._engine = engine
        self._limit = limit
        self._token_limit = token_limit
        self._waiting: deque[Job] = deque()
        self._running: set[Job] = set()
        self._in_hand = 0
        self._changed = asyncio.Event()
        self._loaded = False
        self._draining = False
        self._closed = False
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
    def in_hand(self) -> int:
        """Requests taken and not answered, whether they have become jobs or not."""
        return self._in_hand

    def count(self, model: str) -> tuple[int, int]:
        """Jobs of one model: begun, and not begun."""
        begun = sum(job.request.model == model for job in self._running)
        return begun, sum(job.request.model == model for job in self._waiting)

    @property
    def ready(self) -> bool:
        """True while every model can answer, from the first load until the server drains."""
        states = (self._engine.state(model.name) for model in self._engine.models)
        return self._loaded and not self._draining and all(state is EngineState.READY for state in states)

    @property
    def draining(self) -> bool:
        """True once nothing new is taken."""
        return self._draining

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

    @contextmanager
    def taking(self) -> Iterator[None]:
        """A request is taken from its first line until its answer has left: so long a drain waits for it.

        Raises:
            ServerClosing: nothing new is taken.
        """
        if self._draining:
            raise ServerClosing(RETRY_SECONDS)
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1

    def check_room(self, model: str, tokens: int = 0) -> None:
        """Refuses as ``submit`` does, before there is work to do.

        Raises:
            QueueFull: as many requests, or prompt tokens, wait as may wait.
            ModelLoading, ServerClosing: not now.
        """
        self.check_open()
        free = max(0, self._served(model).at_once - self._taken(model))  # the engine's free places count too
        if len(self._waiting) >= self._limit + free or (not free and self._has_no_room_for(tokens)):
            raise QueueFull(self._retry_after())

    def check_open(self) -> None:
        """Raises ``ModelLoading`` or ``ServerClosing`` while nothing can be answered; in a drain what was taken can."""
        if self._closed:
            raise ServerClosing(RETRY_SECONDS)
        if not self._loaded:
            raise ModelLoading(RETRY_SECONDS)

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """The prompt; refuses as ``submit`` does, before the work is done. Of an engine that dies it is asked again."""
        self.check_room(model)
        await self._engine.until_ready(model)
        try:
            return await self._engine.encode(source, model)
        except EngineLost:
            await self._engine.until_ready(model)
            return await self._engine.encode(source, model)

    def submit(self, request: GenerationRequest, seconds: float) -> Job:
        """Queues a request that must be answered within ``seconds``; raises as ``check_room`` does."""
        self.check_room(request.model, request.prompt.tokens)
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
            self._changed.set()

    async def drain(self, seconds: float) -> None:
        """Takes nothing new and waits until all that was taken is answered, for so many seconds at most."""
        self._draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._in_hand or self._running or self._waiting:
                    await asyncio.sleep(0.05)

    def close(self) -> None:
        """Ends every job and takes no more."""
        self._draining = self._closed = True
        for job in self._running:
            job.end(ServerClosing(RETRY_SECONDS))
            if job.running is not None:
                job.running.cancel()
        while self._waiting:
            self._waiting.popleft().end(ServerClosing(RETRY_SECONDS))

    def _has_no_room_for(self, tokens: int) -> bool:
        """A prompt above the bound may still wait alone, else nobody would ever answer it."""
        if self._token_limit is None or not self._waiting:
            return False
        return self.waiting_tokens + max(tokens, 1) > self._token_limit

    def _served(self, model: str) -> ServedModel:
        return next(served for served in self._engine.models if served.name == model)

    def _taken(self, model: str) -> int:
        return sum(job.request.choices for job in self._running if job.request.model == model)

    def _begin_what_fits(self) -> None:
        """Begins the jobs whose turn it is; one for a busy model doesn't keep those for another waiting."""
        full: set[str] = set()
        for job in list(self._waiting):
            model = job.request.model
            if model in full or not self._fits(job):
                full.add(model)  # who came later doesn't overtake a large one
                continue
            self._waiting.remove(job)
            self._running.add(job)
            job.running = asyncio.create_task(self._run(job), name="generation")

    def _fits(self, job: Job) -> bool:
        model = job.request.model
        others = [one for one in self._running if one.request.model == model]
        if not others:
            return True
        if job.attempts or any(one.attempts > 1 for one in others):
            return False
        return self._taken(model) + job.request.choices <= self._served(model).at_once

    async def _run(self, job: Job) -> None:
        job.attempts += 1
        try:
            await self._engine.until_ready(job.request.model)
            job.started_at = job.started_at or time.monotonic()
            async with aclosing(self._engine.generate(job.request)) as events:
                async for event in events:
                    job.deliver(event)
            job.end()
        except EngineLost as error:
            self._again_or_end(job, error)
        except RequestError as error:
            job.end(error)
        except Exception:  # whatever the engine raises ends this request, not the server
            log.exception("the engine failed")
            job.end(GenerationFailed())
        finally:
            self._leave(job)

    def _again_or_end(self, job: Job, error: EngineLost) -> None:
        if job.has_spoken or job.attempts >= ATTEMPTS or self._closed or job.deadline < time.monotonic():
            job.end(error)
        else:
            self._waiting.appendleft(job)

    def _leave(self, job: Job) -> None:
        self._running.discard(job)
        self._changed.set()
        if job in self._waiting:
            return
        job.end(ServerClosing(RETRY_SECONDS) if self._closed else None)
        if job.started_at is not None:
            self._learn(time.monotonic() - job.started_at)

    def _learn(self, seconds: float) -> None:
        self._seconds_per_job += 0.3 * (seconds - self._seconds_per_job)

    def _retry_after(self) -> int:
        """Seconds until a place is likely to be free: the time of one job, since one leaves the queue then."""
        return min(LONGEST_RETRY_SECONDS, max(1, math.ceil(self._seconds_per_job)))
