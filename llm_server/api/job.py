"""One request on its way through the queue. Knows nothing of HTTP or of the engine."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

from llm_server.engines.engine import ChoiceFinished, GenerationEvent, GenerationRequest
from llm_server.errors import GenerationTimeout, RequestError


class Job:
    """A request with the times (``time.monotonic``) at which it got somewhere, and what has come of it."""

    def __init__(self, request: GenerationRequest, seconds: float) -> None:
        self.request = request
        self.queued_at = time.monotonic()
        self.deadline = self.queued_at + seconds
        self.started_at: float | None = None
        self.first_text_at: float | None = None
        self.ended_at: float | None = None
        self.prompt_tokens = request.prompt.tokens
        self.cached_tokens = 0
        self.finish_reasons: list[str] = []
        self.has_spoken = False
        self.attempts = 0
        self.from_cache = False
        self.running: asyncio.Task[None] | None = None
        self._drawn: dict[int, int] = {}  # tokens, by choice
        self._arrivals: asyncio.Queue[GenerationEvent | RequestError | None] = asyncio.Queue()

    @property
    def completion_tokens(self) -> int:
        """Tokens drawn so far; of a job that was given up, those that had been told by then."""
        return sum(self._drawn.values())

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
        if not self._arrivals.empty():
            return self._arrivals.get_nowait()
        remaining = max(0.0, self.deadline - time.monotonic())
        try:
            async with asyncio.timeout(remaining):  # wait_for may lose a cancellation before Python 3.12
                return await self._arrivals.get()
        except TimeoutError:
            return GenerationTimeout()

    @classmethod
    def answered(cls, request: GenerationRequest, events: Sequence[GenerationEvent]) -> "Job":
        """A job that never waits: its answer is known."""
        job = cls(request, seconds=60)
        job.from_cache = True
        for event in events:
            job.deliver(event)
        job.cached_tokens = job.prompt_tokens
        job.end()
        return job

    def deliver(self, event: GenerationEvent) -> None:
        """Hands on one event."""
        self.has_spoken = True
        if isinstance(event, ChoiceFinished):
            self._drawn[event.choice] = event.tokens
            self.prompt_tokens = event.prompt_tokens or self.prompt_tokens
            self.cached_tokens = max(self.cached_tokens, event.cached_tokens)
            self.finish_reasons.append(event.reason.value)
        else:
            self._drawn[event.choice] = event.drawn
            self.first_text_at = self.first_text_at or time.monotonic()
        self._arrivals.put_nowait(event)

    def end(self, error: RequestError | None = None) -> None:
        """Ends the job, well or with an error; a second end changes nothing."""
        if self.ended_at is None:
            self.ended_at = time.monotonic()
            self._arrivals.put_nowait(error)
