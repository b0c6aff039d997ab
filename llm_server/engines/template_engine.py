"""An engine without a model: it answers each request with the same text, and says so by its backend's name.

For rehearsals, and as a fallback where any answer in time is better than none. Knows nothing of HTTP.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence

from llm_server.engines.engine import (
    ChoiceFinished,
    Embeddings,
    EngineFigures,
    EngineState,
    FinishReason,
    GenerationEvent,
    GenerationRequest,
    Message,
    Prompt,
    Role,
    ServedModel,
    TextDelta,
)
from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import InvalidRequest

MESSAGE = "{message}"  # in a template: what the user said last
LONGEST_MESSAGE = 2000
CONTEXT_LENGTH = 1_000_000


class TemplateEngine:
    """One text; a token of it is a word."""

    def __init__(self, spec: ModelSpec) -> None:
        digest = hashlib.sha256(spec.text.encode()).hexdigest()
        self.models = (ServedModel(spec.name, "template", spec.at_once, CONTEXT_LENGTH, None, digest),)
        self._text = spec.text

    async def start(self) -> None:
        """There is nothing to load."""

    async def close(self) -> None:
        """There is nothing to end."""

    def state(self, model: str) -> EngineState:
        """Always."""
        return EngineState.READY

    async def until_ready(self, model: str) -> None:
        """At once."""

    def figures(self, model: str) -> EngineFigures:
        """There are none."""
        return EngineFigures()

    async def encode(self, source: Sequence[Message] | str, model: str) -> Prompt:
        """The prompt as it is."""
        if isinstance(source, str):
            return Prompt(len(source.split()), text=source)
        return Prompt(sum(len(message.content.split()) for message in source), messages=tuple(source))

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[GenerationEvent]:
        """The template, cut at a stop string and at the token limit like any other text."""
        if request.grammar is not None or request.top_logprobs is not None:
            raise InvalidRequest("A template keeps no schema and has no log probabilities.", param="model")
        text, reason = self._text.replace(MESSAGE, _said(request.prompt)), FinishReason.STOP
        cut = min((at for stop in request.stop if (at := text.find(stop)) >= 0), default=len(text))
        words = text[:cut].split(" ")
        if len(words) > request.max_tokens:
            words, reason = words[: request.max_tokens], FinishReason.LENGTH
        for choice in range(request.choices):
            yield TextDelta(choice, " ".join(words), drawn=len(words))
            yield ChoiceFinished(choice, reason, len(words))

    async def embed(self, texts: Sequence[str], model: str) -> Embeddings:
        """A template has no meaning."""
        raise InvalidRequest("A template makes no embeddings.", param="model")


def _said(prompt: Prompt) -> str:
    asked = [message.content for message in prompt.messages if message.role is Role.USER]
    return (asked[-1] if asked else prompt.text or "")[:LONGEST_MESSAGE]
