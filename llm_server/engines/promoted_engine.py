"""The promoted version of a model in the registry, and its successor without a gap. Knows nothing of HTTP or torch.

A new version is fetched, started in a process of its own and tried beside the one that serves. What comes then goes to
it, and the old process ends when what it has begun is answered: of one model two versions run at most, and one model of
the server changes over at a time. A version that can't serve leaves the one before it in its place, and says so.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from llm_server.engines.engine import (
    Embeddings,
    Engine,
    EngineFigures,
    EngineState,
    GenerationEvent,
    GenerationRequest,
    Message,
    Prompt,
    Sampling,
    ServedModel,
)
from llm_server.engines.in_thread import in_thread
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import ContextLengthExceeded, EngineFailed
from llm_server.registry.store import Registry

log = logging.getLogger(__name__)

TRIAL = "Hello"
FIRST_WAIT, LONGEST_WAIT = 30.0, 600.0  # seconds until a version that could not be loaded is tried again


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where versions come from and where their files are kept; how often is looked, how long the old one may finish."""

    registry: Registry
    cache: Path
    look_seconds: float = 5.0
    drain_seconds: float = 60.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # one model changes over at a time


class _Version:
    """A version that runs, and how many are being answered by it."""

    def __init__(self, number: int, engine: Engine) -> None:
        self.number = number
        self.engine = engine
        self.idle = asyncio.Event()
        self.idle.set()
        self._users = 0

    @contextmanager
    def used(self) -> Iterator[None]:
        """Keeps it from being ended."""
        self._users += 1
        self.idle.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self.idle.set()


class PromotedEngine:
    """One model under one name, whatever version of it is the promoted one."""

    def __init__(self, spec: ModelSpec, shelf: Shelf, make: Callable[[ModelSpec], Engine]) -> None:
        self._spec = spec
        self._shelf = shelf
        self._make = make
        self._serving: _Version | None = None
        self._leaving: _Version | None = None
        self._state = EngineState.LOADING
        self._settled = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._problem: str | None = None
        self._failed: dict[int, tuple[float, float]] = {}  # version -> when it is tried again, after how long
        self._past = EngineFigures()

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """The one model, with its version."""
        if self._serving is None:
            return (ServedModel(self._spec.name, "local", self._spec.at_once, problem=self._problem),)
        loaded = self._serving.engine.models[0]
        return (replace(loaded, version=self._serving.number, problem=self._problem),)

    @property
    def version(self) -> int | None:
        """The one that serves."""
        return self._serving.number if self._serving else None

    async def start(self) -> None:
        """Loads the promoted version, or one that was so before if that can't be loaded, and goes on looking."""
        try:
            await self._begin()
        except BaseException:
            self._settle(EngineState.FAILED)
            raise
        self._settle(EngineState.READY if self._serving else EngineState.FAILED)
        self._watching = asyncio.create_task(self._watch(), name=f"versions of {self._spec.name}")

    async def close(self) -> None:
        """Ends every process at once."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        for version in (self._serving, self._leaving):
            if version is not None:
                await version.engine.close()
        self._settle(EngineState.FAILED)

    def state(self, model: str) -> EngineState:
        """Of the version that serves; without any only a person can help, by promoting one."""
        return self._serving.engine.state(model) if self._serving else self._state

    async def until_ready(self, model: str) -> None:
        """Waits for the version that serves. Raises EngineFailed where there is none."""
        await self._settled.wait()
        version = None
        while version is not self._serving or version is None:  # another may have come while this one was waited for
            version = self._present()
            try:
                await version.engine.until_ready(model)
            except EngineFailed:
                if version is self._serving:
                    raise

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """By the tokenizer of the version that serves; the prompt says which that was."""
        version = self._present()
        with version.used():
            prompt = await version.engine.encode(source, model)
        if isinstance(source, str):
            return replace(prompt, made_by=version.number, text=source)
        return replace(prompt, made_by=version.number, messages=tuple(source))

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """By the version that serves when it begins, to the end."""
        version = self._present()
        with version.used():
            fitting = await _fitting(request, version)
            async with aclosing(version.engine.generate(fitting)) as events:
                async for event in events:
                    yield event

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """As the version does it."""
        version = self._present()
        with version.used():
            return await version.engine.embed(texts, model)

    def figures(self, model: str) -> EngineFigures:
        """Of all versions since the server started; memory of those that run now."""
        past = self._past
        running = [one.engine.figures(model) for one in (self._serving, self._leaving) if one]
        return replace(
            running[0] if running else past,
            steps=past.steps + sum(one.steps for one in running),
            prefix_tokens_reused=past.prefix_tokens_reused + sum(one.prefix_tokens_reused for one in running),
            restarts=past.restarts + sum(one.restarts for one in running),
            memory_bytes=sum(one.memory_bytes for one in running),
            gpu_memory_bytes=sum(one.gpu_memory_bytes for one in running),
            swaps=past.swaps,
            swap_failures=past.swap_failures,
        )

    # --- versions

    async def _begin(self) -> None:
        """The latest that can be loaded, of the last few; where the store can't be read none, until it can."""
        name = self._spec.registry or ""
        try:
            promoted = await in_thread(lambda: self._shelf.registry.promoted(name))
        except Exception as problem:  # whatever a store raises
            self._says(f"the registry can't be read: {problem}", "no version serves")
            return
        if not promoted:
            self._says(f"no version of {name} has been promoted", "no version serves")
        for number in reversed(promoted[-3:]):
            if await self._change_to(number):
                return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._shelf.look_seconds)
            await self._look()

    async def _look(self) -> None:
        """One small file is read; whatever can be wrong with it leaves things as they are."""
        name = self._spec.registry or ""
        try:
            current = await in_thread(lambda: self._shelf.registry.current(name))
        except Exception as problem:  # whatever a store raises
            self._says(f"the registry can't be read: {problem}", self._stays())
            return
        if current is None or current == self.version:
            if current is not None:
                self._problem = None
                self._failed.clear()
        elif time.monotonic() >= self._failed.get(current, (0.0, 0.0))[0]:
            await self._change_to(current)

    async def _change_to(self, number: int) -> bool:
        """Starts a version, moves requests over to it, ends the one before. False if it can't be had."""
        began = time.monotonic()
        async with self._shelf.turn:
            try:
                version = await self._started(number)
            except Exception as problem:  # of a store, of a library, of the model: the old version serves on
                self._could_not(number, problem)
                return False
            self._leaving, self._serving = self._serving, version
            self._past = replace(self._past, swaps=self._past.swaps + 1)
            self._failed = {failed: when for failed, when in self._failed.items() if failed > number}
            self._problem = self._unloadable(max(self._failed)) if self._failed else None
            self._settle(EngineState.READY)
            log.info("%s: version %d answers, after %.1f s", self._spec.name, number, time.monotonic() - began)
            await self._drained()
            with suppress(Exception):  # what stays in the cache takes room, and nothing else
                name = self._spec.registry or ""
                await in_thread(lambda: self._shelf.registry.tidy(name, self._shelf.cache, number))
        return True

    async def _started(self, number: int) -> _Version:
        """A version that has answered once."""
        name = self._spec.registry or ""
        folder = await in_thread(lambda: self._shelf.registry.fetch(name, self._shelf.cache, number))
        engine = self._make(_told(self._spec, folder))
        try:
            await engine.start()
            prompt = await engine.encode(TRIAL, self._spec.name)
            trial = GenerationRequest(self._spec.name, prompt, 2, Sampling(temperature=0.0), ignore_end=True)
            async with aclosing(engine.generate(trial)) as events:
                async for _ in events:
                    pass
        except BaseException:
            await engine.close()
            raise
        return _Version(number, engine)

    async def _drained(self) -> None:
        """Waits until nobody is answered by the old version any more, for a while, and ends it."""
        old = self._leaving
        if old is None:
            return
        with suppress(TimeoutError):  # before Python 3.12 wait_for may lose a cancellation: closing would never end
            async with asyncio.timeout(self._shelf.drain_seconds):
                await old.idle.wait()
        ended = old.engine.figures(self._spec.name)
        await old.engine.close()
        self._leaving = None
        self._past = replace(
            self._past,
            steps=self._past.steps + ended.steps,
            prefix_tokens_reused=self._past.prefix_tokens_reused + ended.prefix_tokens_reused,
            restarts=self._past.restarts + ended.restarts,
        )

    def _could_not(self, number: int, problem: Exception) -> None:
        """Says so, once for each try, and waits longer each time."""
        _, before = self._failed.get(number, (0.0, FIRST_WAIT / 2))
        wait = min(before * 2, LONGEST_WAIT)
        self._failed[number] = time.monotonic() + wait, wait
        self._past = replace(self._past, swap_failures=self._past.swap_failures + 1)
        self._problem = self._unloadable(number)
        log.error("%s: %s: %s: %s", self._spec.name, self._problem, type(problem).__name__, problem)

    def _unloadable(self, number: int) -> str:
        return f"version {number} can't be loaded; {self._stays()}"

    def _stays(self) -> str:
        return "no version serves" if self._serving is None else f"version {self._serving.number} serves on"

    def _says(self, what: str, then: str) -> None:
        """Into the log, once for each problem; the reason is for the log alone, which strangers don't read."""
        told = f"{what.partition(':')[0]}; {then}"
        if told != self._problem:
            log.error("%s: %s; %s", self._spec.name, what, then)
        self._problem = told

    def _present(self) -> _Version:
        if self._serving is None:
            raise EngineFailed()
        return self._serving

    def _settle(self, state: EngineState) -> None:
        self._state = state
        self._settled.set()


def _told(spec: ModelSpec, folder: Path) -> ModelSpec:
    """The model in the folder or, where the registry's is an adapter, that adapter over the base."""
    if spec.folder is not None:
        return replace(spec, adapter=folder)
    return replace(spec, folder=folder)


async def _fitting(request: GenerationRequest, version: _Version) -> GenerationRequest:
    """The request for this version: its tokens are made anew if another version's tokenizer made them.

    Raises:
        ContextLengthExceeded: this version has less room than the one that it was taken for.
    """
    prompt = request.prompt
    if prompt.made_by in (0, version.number):
        return request
    source: Sequence[Message] | str = prompt.messages or prompt.text or ""
    made = await version.engine.encode(source, request.model)
    length = version.engine.models[0].context_length
    if length is not None and made.tokens + request.max_tokens > length:
        raise ContextLengthExceeded(made.tokens, request.max_tokens, length)
    return replace(request, prompt=replace(made, made_by=version.number, messages=prompt.messages, text=prompt.text))
