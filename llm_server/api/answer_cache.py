"""Answers kept for the same question: only of requests that must be answered alike. Knows nothing of HTTP.

The key holds the model's digest, so that another model of the same name never answers with an old text. Bounded by
size; what was asked for least lately goes first.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import astuple, replace

from llm_server.api.text_request import Source, TextRequest
from llm_server.engines.engine import GenerationEvent, ServedModel, TextDelta

Events = tuple[GenerationEvent, ...]

_EVENT_BYTES = 300  # what an event takes beside its text, roughly
_TOKEN_BYTES = 500


def cache_key(asked: TextRequest, source: Source, served: ServedModel) -> bytes | None:
    """What stands for one prompt of a request, before it is encoded; None if its answer may not be kept."""
    if not asked.sampling.is_deterministic or served.digest is None:
        return None
    same = replace(asked, sources=(source,), stream=False, include_usage=False)
    return hashlib.sha256(repr((served.digest, astuple(same))).encode()).digest()


class AnswerCache:
    """Complete answers by key, of ``limit`` bytes together; 0 keeps nothing."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[bytes, tuple[Events, int]] = OrderedDict()
        self.size = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: bytes | None) -> Events | None:
        """The answer, if it is kept."""
        if key is None:
            return None
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: bytes | None, events: Sequence[GenerationEvent]) -> None:
        """Keeps a complete answer, unless it would take more than a tenth of the room."""
        size = sum(_size(event) for event in events)
        if key is None or key in self._kept or size > self._limit // 10:
            return
        self._kept[key] = (tuple(events), size)
        self.size += size
        while self.size > self._limit:
            _, (_, gone) = self._kept.popitem(last=False)
            self.size -= gone


def _size(event: GenerationEvent) -> int:
    if not isinstance(event, TextDelta):
        return _EVENT_BYTES
    candidates = sum(1 + len(token.likeliest) for token in event.tokens)
    return _EVENT_BYTES + 4 * len(event.text) + _TOKEN_BYTES * candidates
