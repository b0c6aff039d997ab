"""Several engines as one: each request goes to the engine of the model that it names. Knows nothing of HTTP.

A model may name another as its fallback, which answers when the first is away before its first word.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
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
from llm_server.engines.grammar_compiler import GrammarCompiler
from llm_server.errors import EngineFailed, EngineLost, LibraryMissing

log = logging.getLogger(__name__)


class Engines:
    """All models of the server. ``optional`` ones are left out, with a warning, if they can't be started."""

    def __init__(
        self,
        engines: Sequence[Engine],
        *,
        optional: Sequence[Engine] = (),
        fallbacks: Mapping[str, str] | None = None,
        grammars: GrammarCompiler | None = None,
    ) -> None:
        self._engines = [*engines, *optional]
        self._optional = list(optional)
        self._fallbacks = dict(fallbacks or {})
        self._grammars = grammars

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """All of them, in the order of the file."""
        return tuple(model for engine in self._engines for model in engine.models)

    async def start(self) -> None:
        """Starts all at once."""
        optional = self._optional
        results = await asyncio.gather(*(self._start(engine) for engine in self._engines), return_exceptions=True)
        problems = [result for result in results if isinstance(result, BaseException)]
        if problems:
            raise problems[0]
        self._engines = [engine for engine, result in zip(self._engines, results, strict=True) if result]
        self._optional = [engine for engine in optional if engine in self._engines]

    async def close(self) -> None:
        """Ends all."""
        await asyncio.gather(*(engine.close() for engine in self._engines))
        if self._grammars is not None:
            await self._grammars.close()

    def state(self, model: str) -> EngineState:
        """A model whose fallback is ready is ready."""
        state = self._engine(model).state(model)
        fallback = self._fallbacks.get(model)
        if state is not EngineState.READY and fallback and self.state(fallback) is EngineState.READY:
            return EngineState.READY
        return state

    async def until_ready(self, model: str) -> None:
        """Waits for the model itself, unless its fallback is ready."""
        if self.state(model) is not EngineState.READY:
            await self._engine(model).until_ready(model)

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """By the model's own engine; by the fallback's if that is away. The source goes along for the other."""
        model = self._present(model)
        prompt = await self._engine(model).encode(source, model)
        if isinstance(source, str):
            return replace(prompt, text=source)
        return replace(prompt, messages=tuple(source))

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """By the engine of the request's model, or of its fallback."""
        spoken = False
        try:
            async with aclosing(self._generated(request, self._present(request.model))) as events:
                async for event in events:
                    spoken = True
                    yield event
                return
        except (EngineLost, EngineFailed):
            fallback = self._fallbacks.get(request.model)
            if spoken or fallback is None or self.state(fallback) is not EngineState.READY:
                raise
        log.warning("%s is away, %s answers", request.model, fallback)
        async with aclosing(self._generated(request, fallback)) as events:
            async for event in events:
                yield event

    async def _generated(self, request: GenerationRequest, model: str) -> AsyncGenerator[GenerationEvent]:
        """For another model than the one asked for, the prompt is encoded anew: its tokens are others."""
        engine, prompt = self._engine(model), request.prompt
        if model != request.model and (prompt.messages or prompt.text is not None):
            prompt = await engine.encode(prompt.messages or prompt.text or "", model)
        async with aclosing(engine.generate(replace(request, model=model, prompt=prompt))) as events:
            async for event in events:
                yield event

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """By the model's engine."""
        return await self._engine(model).embed(texts, model)

    def figures(self, model: str) -> EngineFigures:
        """The engine's own."""
        return self._engine(model).figures(model)

    def _engine(self, model: str) -> Engine:
        return next(engine for engine in self._engines if any(one.name == model for one in engine.models))

    def _present(self, model: str) -> str:
        """The model itself or, while it is away, its fallback."""
        fallback = self._fallbacks.get(model)
        if fallback is None or self._engine(model).state(model) is EngineState.READY:
            return model
        return fallback

    async def _start(self, engine: Engine) -> bool:
        try:
            await engine.start()
        except (LibraryMissing, EngineFailed) as problem:
            if engine not in self._optional:
                raise
            log.warning("%s is not served: %s", engine.models[0].name, problem)
            return False
        return True
