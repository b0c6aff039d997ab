"""A model of this machine as the server sees it: a process of its own that is started anew when it dies.

Knows nothing of HTTP or torch.
"""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from llm_server.engines.child_process import ChildProcess
from llm_server.engines.engine import (
    Embeddings,
    EngineFigures,
    EngineState,
    GenerationEvent,
    GenerationRequest,
    Message,
    Prompt,
    ServedModel,
)
from llm_server.engines.grammar_compiler import GrammarCompiler
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import (
    EngineFailed,
    EngineLost,
    GenerationFailed,
    InvalidRequest,
    LibraryMissing,
    ModelUnloadable,
)

log = logging.getLogger(__name__)

RETRY_SECONDS = 3  # a small model is back by then

# So many deaths within so many seconds of being ready are no bad luck any more.
MOST_DEATHS = 5
DEATHS_SECONDS = 60.0

Arrival = list[GenerationEvent] | Exception | None


class LocalEngine:
    """One model in a process of its own."""

    def __init__(
        self, spec: ModelSpec, grammars: GrammarCompiler, module: str = "llm_server.engines.engine_process"
    ) -> None:
        self._spec = spec
        self._grammars = grammars
        self._module = module
        self._model = ServedModel(spec.name, "local", spec.at_once)
        self._state = EngineState.LOADING
        self._settled = asyncio.Event()
        self._child: ChildProcess | None = None
        self._watching: asyncio.Task[None] | None = None
        self._numbers = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._running: dict[str, asyncio.Queue[Arrival]] = {}
        self._figures = EngineFigures()
        self._steps_before = self._reused_before = 0
        self._deaths: list[float] = []
        self._vocabulary: str | None = None

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """The one model."""
        return (self._model,)

    @property
    def pid(self) -> int | None:
        """The number of its process, while it has one."""
        return self._child.pid if self._child else None

    def state(self, model: str) -> EngineState:
        """Whether it can answer now."""
        return self._state

    def figures(self, model: str) -> EngineFigures:
        """The latest that its process told, and what those before it had counted."""
        figures, restarts = self._figures, len(self._deaths)
        return replace(
            figures,
            steps=figures.steps + self._steps_before,
            prefix_tokens_reused=figures.prefix_tokens_reused + self._reused_before,
            restarts=restarts,
        )

    async def start(self) -> None:
        """Starts the process and waits for its model.

        Raises:
            LibraryMissing, ModelUnloadable: it can't be loaded.
        """
        try:
            await self._start_child()
        except BaseException:
            self._settle(EngineState.FAILED)
            raise
        self._watching = asyncio.create_task(self._watch(), name=f"engine {self._spec.name}")

    async def close(self) -> None:
        """Ends the process at once."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        self._settle(EngineState.FAILED)
        self._lose_all(EngineFailed())
        if self._child is not None:
            await self._child.kill()
            self._child = None

    async def until_ready(self, model: str) -> None:
        """Waits while its process is being started.

        Raises:
            EngineFailed: it never will be ready.
        """
        await self._settled.wait()
        if self._state is EngineState.FAILED:
            raise EngineFailed()

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """By the model's own tokenizer, in its process."""
        ids = await self._ask("encode", source if isinstance(source, str) else tuple(source))
        return Prompt(len(ids), ids)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """Streams what the process tells of this request."""
        _check(request)
        grammar = await self._grammar(request)
        if self._child is None or self._state is not EngineState.READY:
            raise EngineLost(RETRY_SECONDS)
        request_id, arrivals = str(next(self._numbers)), asyncio.Queue[Arrival]()
        self._running[request_id] = arrivals
        wire = self._child.wire
        wire.send("generate", request_id, request, grammar)
        over = False
        try:
            while (arrival := await arrivals.get()) is not None:
                if isinstance(arrival, Exception):
                    over = True
                    raise arrival
                for event in arrival:
                    yield event
            over = True
        finally:
            self._running.pop(request_id, None)
            if not over:
                wire.send("cancel", request_id)

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """A model that continues texts makes no vectors."""
        raise InvalidRequest(f"The model {model!r} makes no embeddings.", param="model")

    async def _grammar(self, request: GenerationRequest) -> str | None:
        if request.grammar is None:
            return None
        if self._vocabulary is None:
            self._vocabulary = str(await self._ask("vocabulary"))
        return await self._grammars.compiled(request.grammar, self._vocabulary)

    async def _ask(self, what: str, *given: object) -> Any:
        if self._child is None or self._state is not EngineState.READY:
            raise EngineLost(RETRY_SECONDS)
        number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._child.wire.send(what, number, *given)
        try:
            return await answer
        finally:
            self._answers.pop(number, None)

    async def _start_child(self) -> None:
        self._child = await ChildProcess.start(self._module)
        self._child.wire.send("load", self._spec)
        first = await self._child.wire.receive()
        if first is None or first[0] != "ready":
            child, self._child = self._child, None
            await child.kill()
            raise _unloadable(first)
        _, length, vocabulary, digest = first
        self._model = replace(self._model, context_length=length, vocabulary=vocabulary, digest=digest)
        self._settle(EngineState.READY)

    async def _watch(self) -> None:
        """Hands on what the process says, and starts another one when it is gone."""
        while self._child is not None:
            while (message := await self._child.wire.receive()) is not None:
                getattr(self, f"_on_{message[0]}")(*message[1:])
            await self._bury(self._child)
            while self._state is EngineState.RECOVERING:
                await self._revive()

    async def _bury(self, child: ChildProcess) -> None:
        self._settled.clear()
        self._state = EngineState.RECOVERING
        self._lose_all(EngineLost(RETRY_SECONDS))
        await child.kill()
        log.error("%s: the engine's process ended with %d; starting another", self._spec.name, await child.ended())
        self._steps_before += self._figures.steps
        self._reused_before += self._figures.prefix_tokens_reused
        self._figures = EngineFigures()
        self._deaths.append(time.monotonic())

    async def _revive(self) -> None:
        lately = [death for death in self._deaths if death > time.monotonic() - DEATHS_SECONDS]
        if len(lately) > MOST_DEATHS:
            log.error("%s: it died %d times within a minute; waiting", self._spec.name, len(lately))
            await asyncio.sleep(DEATHS_SECONDS / MOST_DEATHS)
        try:
            await self._start_child()
        except (LibraryMissing, ModelUnloadable, OSError) as problem:
            log.error("%s: %s", self._spec.name, problem)
            self._deaths.append(time.monotonic())
            await asyncio.sleep(1.0)

    def _settle(self, state: EngineState) -> None:
        self._state = state
        self._settled.set()

    def _lose_all(self, why: Exception) -> None:
        for arrivals in self._running.values():
            arrivals.put_nowait(why)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(why)

    def _on_events(self, request_id: str, events: list[GenerationEvent]) -> None:
        if arrivals := self._running.get(request_id):
            arrivals.put_nowait(events)

    def _on_over(self, request_id: str, failed: str | None) -> None:
        if failed:
            log.error("%s: a request failed: %s", self._spec.name, failed[:500])
        if arrivals := self._running.get(request_id):
            arrivals.put_nowait(GenerationFailed() if failed else None)

    def _on_answer(self, number: int, value: Any, problem: str | None) -> None:
        answer = self._answers.get(number)
        if answer is None or answer.done():
            return
        if problem:
            log.error("%s: %s", self._spec.name, problem)
            answer.set_exception(GenerationFailed())
        else:
            answer.set_result(value)

    def _on_figures(self, figures: EngineFigures) -> None:
        self._figures = figures


def _check(request: GenerationRequest) -> None:
    """What a search with several beams can't have as well."""
    wanted = request.sampling
    if wanted.beams > 1:
        penalties = wanted.presence_penalty or wanted.frequency_penalty
        if wanted.temperature or request.grammar or penalties or request.top_logprobs is not None:
            raise InvalidRequest(
                "A search with several beams draws nothing and knows no log probabilities, grammar, presence or "
                "frequency penalty: give temperature 0 and leave them out.",
                param="num_beams",
            )
    elif wanted.length_penalty != 1.0:
        raise InvalidRequest("'length_penalty' weighs the beams of a search: give 'num_beams'.", param="length_penalty")


def _unloadable(first: tuple[Any, ...] | None) -> Exception:
    if first is None:
        return ModelUnloadable("The engine's process died while it loaded the model: is there enough memory?")
    return LibraryMissing(first[1]) if first[0] == "missing" else ModelUnloadable(first[2])
