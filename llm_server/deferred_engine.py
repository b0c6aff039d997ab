"""An engine that is made only when it is loaded, on a thread of its own, one request after another.

So the server answers before torch is even imported. Knows nothing of HTTP.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Protocol

from llm_server.engine import (
    Embeddings,
    EngineFigures,
    EngineState,
    GenerationEvent,
    GenerationRequest,
    Message,
    Prompt,
    ServedModel,
)
from llm_server.errors import LibraryMissing

Emit = Callable[[GenerationEvent], None]


class BlockingEngine(Protocol):
    """A model whose calls block."""

    @property
    def context_length(self) -> int:
        """Most tokens of prompt and answer together; known once it is loaded."""

    def load(self) -> None:
        """Makes ready to generate; may take minutes."""

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The prompt's tokens. What looks like a control token inside a message counts as text."""

    def generate(self, request: GenerationRequest, emit: Emit, cancelled: Event) -> None:
        """Emits deltas and, for each choice, one ``ChoiceFinished``; returns early, without them, once cancelled."""


class DeferredEngine:
    """Stands for an engine whose name is known and whose making takes seconds."""

    def __init__(self, model_id: str, make: Callable[[], BlockingEngine]) -> None:
        self._name = model_id
        self._make = make
        self._engine: BlockingEngine | None = None
        self._worker = ThreadPoolExecutor(1, "engine")
        self._encoder = ThreadPoolExecutor(1, "encoder")
        self._failed = False
        self._settled = asyncio.Event()

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """The one model."""
        length = self._engine.context_length if self._engine else None
        return (ServedModel(self._name, "local", context_length=length),)

    async def start(self) -> None:
        """Makes the engine and loads it.

        Raises:
            LibraryMissing: what it is made of is not installed.
        """
        try:
            await asyncio.get_running_loop().run_in_executor(self._worker, self._load)
        except ModuleNotFoundError as error:
            raise LibraryMissing(str(error.name)) from error
        finally:
            self._failed = self._engine is None
            self._settled.set()

    def _load(self) -> None:
        engine = self._make()
        engine.load()
        self._engine = engine

    async def close(self) -> None:
        """Takes no more."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._encoder.shutdown(wait=False, cancel_futures=True)

    def state(self, model: str) -> EngineState:
        """Loading, ready, or failed."""
        if self._engine:
            return EngineState.READY
        return EngineState.FAILED if self._failed else EngineState.LOADING

    async def until_ready(self, model: str) -> None:
        """Waits for the model."""
        await self._settled.wait()

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """The engine's own."""
        if isinstance(source, str) or self._engine is None:
            raise NotImplementedError
        ids = await asyncio.get_running_loop().run_in_executor(self._encoder, self._engine.encode, source)
        return Prompt(len(ids), ids)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """The engine's own, event by event."""
        loop, cancelled = asyncio.get_running_loop(), Event()
        events: asyncio.Queue[GenerationEvent | None] = asyncio.Queue()

        def emit(event: GenerationEvent | None) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        assert self._engine is not None
        running = loop.run_in_executor(self._worker, self._engine.generate, request, emit, cancelled)
        running.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            await running
        finally:
            cancelled.set()

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """This engine has none."""
        raise NotImplementedError

    def figures(self, model: str) -> EngineFigures:
        """Nothing is counted."""
        return EngineFigures()
