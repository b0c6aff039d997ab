"""A model that is loaded when it is called for, and unloaded when others need its place. Knows no HTTP or torch.

Of all models that share a room so many are loaded at once; who has waited longest for a call gives way. One that
answers is never unloaded. To its clients such a model is ready all the time: its first answer only takes longer.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from llm_server.engines.engine import (
    Embeddings,
    Engine,
    EngineFigures,
    EngineState,
    GenerationEvent,
    GenerationRequest,
    Message,
    Prompt,
    ServedModel,
)
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import EngineFailed, EngineLost, InvalidRequest, LibraryMissing, ModelUnloadable

log = logging.getLogger(__name__)

WAIT_SECONDS = 60.0  # for a place; who asked is told to come back after it
RETRY_SECONDS = 5


class Room:
    """Who is loaded, least lately called first."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._loaded: list[CalledEngine] = []
        self._turn = asyncio.Lock()
        self._idle = asyncio.Event()

    async def enter(self, engine: "CalledEngine") -> None:
        """Waits for a place, and has somebody unloaded for it."""
        async with self._turn:
            while len(self._loaded) >= self._places:
                idle = next((one for one in self._loaded if not one.callers), None)
                if idle is None:
                    self._idle.clear()
                    await self._idle.wait()
                else:
                    self._loaded.remove(idle)
                    await idle.unload()
            self._loaded.append(engine)

    def leave(self, engine: "CalledEngine") -> None:
        """Gives its place back, if it has one."""
        if engine in self._loaded:
            self._loaded.remove(engine)
        self._idle.set()

    def called(self, engine: "CalledEngine") -> None:
        """Puts it at the end of those who may be unloaded."""
        self._loaded.sort(key=lambda one: one is engine)  # the others keep their order

    def is_idle(self) -> None:
        """Somebody may be unloaded now."""
        self._idle.set()


class CalledEngine:
    """One model that shares a room with others; ``make`` makes the engine that serves it while it is loaded."""

    def __init__(self, spec: ModelSpec, room: Room, make: Callable[[ModelSpec], Engine]) -> None:
        self._spec = spec
        self._room = room
        self._make = make
        self._model = ServedModel(spec.name, "local", spec.at_once)
        self._engine: Engine | None = None
        self._turn = asyncio.Lock()
        self._before = EngineFigures()
        self.callers = 0

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """The one model; its length and digest are known once it was loaded."""
        return (self._model,)

    def state(self, model: str) -> EngineState:
        """Ready, or what its engine says."""
        return self._engine.state(model) if self._engine else EngineState.READY

    def figures(self, model: str) -> EngineFigures:
        """Those of its engine, and what earlier ones had counted."""
        if self._engine is None:
            return self._before
        return replace(self._engine.figures(model), **_counted(self._engine.figures(model), self._before))

    async def start(self) -> None:
        """Loads nothing yet."""

    async def close(self) -> None:
        """Ends what runs."""
        self._room.leave(self)
        await self.unload()

    async def until_ready(self, model: str) -> None:
        """Waits until it is loaded, and while it recovers."""
        async with self._loaded() as engine:
            await engine.until_ready(model)

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """By the loaded model's own tokenizer."""
        async with self._loaded() as engine:
            return await engine.encode(source, model)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """By the loaded model; it stays loaded until the end."""
        async with self._loaded() as engine, aclosing(engine.generate(request)) as events:
            async for event in events:
                yield event

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """A model that continues texts makes no vectors."""
        raise InvalidRequest(f"The model {model!r} makes no embeddings.", param="model")

    async def unload(self) -> None:
        """Ends its process; the next call starts another."""
        engine, self._engine = self._engine, None
        if engine is not None:
            self._before = EngineFigures(**_counted(engine.figures(self._spec.name), self._before))
            await engine.close()
            log.info("%s is unloaded", self._spec.name)

    @asynccontextmanager
    async def _loaded(self) -> AsyncIterator[Engine]:
        """Keeps it loaded meanwhile.

        Raises:
            EngineLost: there was no place for too long.
            EngineFailed: it can't be loaded.
        """
        self.callers += 1
        try:
            async with self._turn:
                engine = self._engine or await self._load()
            self._room.called(self)
            yield engine
        finally:
            self.callers -= 1
            if not self.callers:
                self._room.is_idle()

    async def _load(self) -> Engine:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._room.enter(self)
        except TimeoutError:
            raise EngineLost(RETRY_SECONDS) from None
        engine = self._make(self._spec)
        try:
            await engine.start()
        except BaseException as problem:
            self._room.leave(self)
            await engine.close()
            if isinstance(problem, LibraryMissing | ModelUnloadable | OSError):
                log.error("%s: %s", self._spec.name, problem)
                raise EngineFailed() from problem
            raise
        self._engine, self._model = engine, engine.models[0]
        return engine


def _counted(now: EngineFigures, before: EngineFigures) -> dict[str, int]:
    """What is counted on when the process changes."""
    return {name: getattr(now, name) + getattr(before, name) for name in ("steps", "prefix_tokens_reused", "restarts")}
