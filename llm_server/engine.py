"""What an engine is: messages go in, pieces of text come out. Knows nothing of HTTP, asyncio or torch.

An engine's calls block. ``load`` and ``generate`` are made from one worker thread, ``encode`` from another;
``generation_queue`` sees to that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol


class Role(StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"  # the rules of the conversation
    USER = "user"  # the one who asks
    ASSISTANT = "assistant"  # the model


class FinishReason(StrEnum):
    """Why a choice ended."""

    STOP = "stop"  # the model ended it, or a stop string was met
    LENGTH = "length"  # the token limit was reached


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. Temperature 0 always takes the likeliest; a seed makes a run repeatable."""

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """An encoded prompt and what is wanted of it. Stop strings end a choice and are not part of its text."""

    prompt: tuple[int, ...]
    max_tokens: int
    sampling: Sampling = Sampling()
    choices: int = 1
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of one choice."""

    choice: int
    text: str


@dataclass(frozen=True, slots=True)
class ChoiceFinished:
    """One choice is complete. ``tokens`` counts every token drawn, the one that ended it among them."""

    choice: int
    reason: FinishReason
    tokens: int


GenerationEvent = TextDelta | ChoiceFinished
Emit = Callable[[GenerationEvent], None]


class Engine(Protocol):
    """A language model that can be loaded and asked."""

    @property
    def model_id(self) -> str:
        """The name under which clients ask for it; known before it is loaded."""

    @property
    def context_length(self) -> int:
        """Most tokens of prompt and answer together; known once it is loaded."""

    def load(self) -> None:
        """Makes ready to generate; may take minutes."""

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The prompt's tokens. What looks like a control token inside a message counts as text."""

    def generate(self, request: GenerationRequest, emit: Emit, cancelled: Event) -> None:
        """Emits deltas and, for each choice, one ``ChoiceFinished``; returns early, without them, once cancelled."""
