"""An answer as it grows, event by event: what the bodies of chat and plain completions are made from.

Knows nothing of HTTP or of the model.
"""

import time
import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from llm_server.api.openai_bodies import Body
from llm_server.engines.engine import ChoiceFinished, DrawnToken, GenerationEvent, TextDelta


@dataclass(slots=True)
class GrowingChoice:
    """One choice so far."""

    texts: list[str] = field(default_factory=list)
    tokens: list[DrawnToken] = field(default_factory=list)
    reason: str | None = None

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(self.texts)


class GrowingAnswer(ABC):
    """``add`` each event, then take ``body``; or send ``chunks`` of each at once."""

    prefix: ClassVar[str]
    kind: ClassVar[str]
    chunk_kind: ClassVar[str]

    def __init__(self, model: str, choices: int, *, with_usage: bool = False, with_logprobs: bool = False) -> None:
        self.id = f"{self.prefix}-{uuid.uuid4().hex}"
        self.created = int(time.time())
        self.model = model
        self.with_usage = with_usage
        self.with_logprobs = with_logprobs
        self.choices = [GrowingChoice() for _ in range(choices)]

    def add(self, event: GenerationEvent) -> None:
        """Takes up one event."""
        choice = self.choices[event.choice]
        if isinstance(event, TextDelta):
            choice.texts.append(event.text)
            choice.tokens += event.tokens
        else:
            choice.reason = event.reason.value

    @property
    def is_complete(self) -> bool:
        """True once every choice has ended; a cancelled generation never gets there."""
        return all(choice.reason is not None for choice in self.choices)

    def body(self, usage: Body) -> Body:
        """The whole answer."""
        whole = [self.whole(index, choice) for index, choice in enumerate(self.choices)]
        return {**self._head(self.kind), "choices": whole, "usage": usage}

    def opening_chunks(self) -> list[Body]:
        """What a stream begins with."""
        return []

    def chunk(self, event: GenerationEvent) -> Body:
        """The chunk of one event; to be taken before the event is added."""
        piece, reason = (event, None) if isinstance(event, TextDelta) else (TextDelta(event.choice, ""), _reason(event))
        return self.chunk_of({**self.piece(piece, ended=reason is not None), "finish_reason": reason})

    def usage_chunk(self, usage: Body) -> Body:
        """The last chunk of a stream that was asked to tell its usage."""
        return {**self._head(self.chunk_kind), "choices": [], "usage": usage}

    def chunk_of(self, choice: Body) -> Body:
        """A chunk with one choice."""
        return {**self._head(self.chunk_kind), "choices": [choice], **({"usage": None} if self.with_usage else {})}

    @abstractmethod
    def whole(self, index: int, choice: GrowingChoice) -> Body:
        """One complete choice."""

    @abstractmethod
    def piece(self, delta: TextDelta, *, ended: bool) -> Body:
        """More of one choice."""

    def _head(self, kind: str) -> Body:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def _reason(event: ChoiceFinished) -> str:
    return event.reason.value
