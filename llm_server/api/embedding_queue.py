"""Texts on their way to vectors: bounded, one request after another for each model. Knows nothing of HTTP.

A request's texts are done a few at a time, so that one who goes away, or is too late, holds the engine no longer.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from llm_server.api.generation_queue import GenerationQueue
from llm_server.engines.engine import Embeddings, Engine
from llm_server.errors import GenerationTimeout, QueueFull

BATCH = 16
_RETRY_SECONDS = 1


class EmbeddingQueue:
    """Takes requests while fewer than ``limit`` wait."""

    def __init__(self, engine: Engine, queue: GenerationQueue, limit: int) -> None:
        self._engine = engine
        self._queue = queue
        self._limit = limit
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.taken = 0

    async def embed(self, texts: Sequence[str], model: str, seconds: float) -> Embeddings:
        """The vectors, in the order of the texts.

        Raises:
            QueueFull: as many requests wait as may wait.
            ModelLoading, ServerClosing: not now.
            GenerationTimeout: they were not ready in time.
        """
        self._queue.check_open()
        if self.taken > self._limit:
            raise QueueFull(_RETRY_SECONDS)
        self.taken += 1
        try:
            async with asyncio.timeout(seconds), self._turns[model]:
                return await self._all(texts, model)
        except TimeoutError:
            raise GenerationTimeout() from None
        finally:
            self.taken -= 1

    async def _all(self, texts: Sequence[str], model: str) -> Embeddings:
        await self._engine.until_ready(model)
        batches = [
            await self._engine.embed(texts[first : first + BATCH], model) for first in range(0, len(texts), BATCH)
        ]
        vectors = tuple(vector for batch in batches for vector in batch.vectors)
        return Embeddings(vectors, sum(batch.tokens for batch in batches))
