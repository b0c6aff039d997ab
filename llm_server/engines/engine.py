"""What an engine is: prompts go in, pieces of text come out, many at once. Knows nothing of HTTP or torch.

All of it is called on the event loop and returns at once or awaits; whatever computes does so elsewhere, in a process
of its own or in another server. One engine may serve several models; each request names its own.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum
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


class EngineState(StrEnum):
    """Whether a model can answer."""

    LOADING = "loading"  # not yet
    READY = "ready"  # now
    RECOVERING = "recovering"  # its process died and is started anew; it comes back by itself
    FAILED = "failed"  # it could not be loaded, or dies each time; only a person can help


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. Temperature 0 always takes the likeliest; a seed makes a run repeatable.

    The defaults change nothing. ``logit_bias`` adds to the score of single tokens. ``beams`` above 1 searches instead
    of drawing and weighs the candidates by ``length_penalty``.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    top_k: int = 0
    min_p: float = 0.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    beams: int = 1
    length_penalty: float = 1.0

    @property
    def is_deterministic(self) -> bool:
        """True if the same request must be answered alike: only such an answer may be kept."""
        return self.temperature == 0 or self.beams > 1 or self.seed is not None


@dataclass(frozen=True, slots=True)
class Grammar:
    """The form that the text must have: a JSON schema (as text), or any JSON object if there is none."""

    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is to be continued. Made by ``Engine.encode``.

    ``tokens`` is exact where the engine has the model's tokenizer (``ids`` are given then) and an estimate elsewhere.
    """

    tokens: int
    ids: tuple[int, ...] = ()
    messages: tuple[Message, ...] = ()
    text: str | None = None
    made_by: int = 0  # the version whose tokenizer made it, where the model has versions


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """A prompt and what is wanted of it. Stop strings end a choice and are not part of its text.

    ``top_logprobs`` is None where no log probabilities are wanted, 0 for those of the drawn tokens alone.
    """

    model: str
    prompt: Prompt
    max_tokens: int
    sampling: Sampling = Sampling()
    choices: int = 1
    stop: tuple[str, ...] = ()
    top_logprobs: int | None = None
    grammar: Grammar | None = None
    ignore_end: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that might have been drawn. ``raw`` are its bytes: one token may be half a character."""

    text: str
    raw: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class DrawnToken:
    """A token that was drawn, and the likeliest ones in its place."""

    drawn: Candidate
    likeliest: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of one choice; with the tokens that it is made of, if log probabilities were asked for.

    ``drawn`` counts the tokens of the choice so far: what was computed is known although it may never come to its end.
    """

    choice: int
    text: str
    tokens: tuple[DrawnToken, ...] = ()
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class ChoiceFinished:
    """One choice is complete. ``tokens`` counts every token drawn, the one that ended it among them.

    ``prompt_tokens`` is told by an engine that learns it only with the answer. ``cached_tokens`` of the prompt were
    not computed anew.
    """

    choice: int
    reason: FinishReason
    tokens: int
    prompt_tokens: int | None = None
    cached_tokens: int = 0


GenerationEvent = TextDelta | ChoiceFinished


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model, or an adapter on one, as clients name it.

    What is None or 0 is known only once the model is loaded, or never (another server's). ``digest`` changes with
    whatever changes the answers. ``at_once`` is how many choices are computed together. ``version`` is the registry's,
    and ``problem`` says in a few words why it isn't the one that it should be.
    """

    name: str
    backend: str
    at_once: int = 1
    context_length: int | None = None
    vocabulary: int | None = None
    digest: str | None = None
    embeds: bool = False
    version: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector for each text, all of length 1, and how many tokens were read."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """What a model's engine tells of itself, for the metrics; counters never fall, but for a restart of the server."""

    batch: int = 0  # choices in the last step
    steps: int = 0
    cache_tokens: int = 0  # room of the key-value cache, in tokens
    cache_tokens_used: int = 0
    prefix_tokens_reused: int = 0  # prompt tokens found in the prefix cache
    restarts: int = 0
    memory_bytes: int = 0  # of the engine's process
    gpu_memory_bytes: int = 0
    swaps: int = 0  # versions that were changed to
    swap_failures: int = 0


class Engine(Protocol):
    """One or more language models that can be started and asked."""

    @property
    def models(self) -> tuple[ServedModel, ...]:
        """What is served, known by name before it is loaded."""

    async def start(self) -> None:
        """Loads everything; returns when all models have been ready once. Raises a ``ModelError`` if it can't be."""

    async def close(self) -> None:
        """Ends what runs, at once."""

    def state(self, model: str) -> EngineState:
        """Whether this model can answer now."""

    async def until_ready(self, model: str) -> None:
        """Waits while it is loading or recovering. Raises ``EngineFailed`` if it never will be ready."""

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """Messages through the model's chat template, or a text as it is. A message's control tokens count as text."""

    def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """Deltas, and one ``ChoiceFinished`` for each choice. Closing it early cancels what still runs.

        Raises:
            InvalidRequest: the grammar or an option is not possible with this model; always before the first event.
            EngineLost: its process died; ``until_ready`` tells when to ask again.
            GenerationFailed: this request failed; others are not touched.
        """

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """Vectors of texts; only of a model that ``embeds``."""

    def figures(self, model: str) -> EngineFigures:
        """The latest known."""
