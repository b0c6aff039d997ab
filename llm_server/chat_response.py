"""Generation events -> the bodies that OpenAI's clients read: one completion, or chunks of a stream.

Knows nothing of HTTP or of the model.
"""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from llm_server.engine import ChoiceFinished, GenerationEvent, TextDelta
from llm_server.errors import RequestError

Body = dict[str, Any]


def usage_body(prompt_tokens: int, completion_tokens: int) -> Body:
    """What a request took, in tokens; the prompt counts once however many choices were asked for."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def error_body(error: RequestError) -> Body:
    """An error as OpenAI's clients expect it."""
    return {
        "error": {"message": str(error), "type": error.kind, "param": error.param, "code": error.told_code},
    }


def model_body(model: str, created: int) -> Body:
    """One entry of the list of models."""
    return {"id": model, "object": "model", "created": created, "owned_by": "deskhand"}


@dataclass(slots=True)
class ChatCompletion:
    """One answer as it grows: ``add`` each event, then take ``body``; or send ``chunk`` of each at once."""

    model: str
    choices: int
    with_usage_chunk: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))
    completion_tokens: int = 0
    _texts: dict[int, list[str]] = field(default_factory=dict)
    _reasons: dict[int, str] = field(default_factory=dict)

    def add(self, event: GenerationEvent) -> None:
        """Takes up one event."""
        if isinstance(event, TextDelta):
            self._texts.setdefault(event.choice, []).append(event.text)
        else:
            self._reasons[event.choice] = event.reason.value
            self.completion_tokens += event.tokens

    @property
    def is_complete(self) -> bool:
        """True once every choice has ended; a cancelled generation never gets there."""
        return len(self._reasons) == self.choices

    def body(self, prompt_tokens: int) -> Body:
        """The whole answer."""
        return {
            **self._head("chat.completion"),
            "choices": [self._choice(index) for index in range(self.choices)],
            "usage": usage_body(prompt_tokens, self.completion_tokens),
        }

    def opening_chunks(self) -> list[Body]:
        """The chunks that say, for each choice, who speaks."""
        return [self._chunk(index, {"role": "assistant", "content": ""}) for index in range(self.choices)]

    def chunk(self, event: GenerationEvent) -> Body:
        """The chunk of one event."""
        if isinstance(event, ChoiceFinished):
            return self._chunk(event.choice, {}, event.reason.value)
        return self._chunk(event.choice, {"content": event.text})

    def usage_chunk(self, prompt_tokens: int) -> Body:
        """The last chunk of a stream that was asked to tell its usage."""
        usage = usage_body(prompt_tokens, self.completion_tokens)
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": usage}

    def _head(self, kind: str) -> Body:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _choice(self, index: int) -> Body:
        text = "".join(self._texts.get(index, []))
        message = {"role": "assistant", "content": text, "refusal": None}
        return {"index": index, "message": message, "logprobs": None, "finish_reason": self._reasons[index]}

    def _chunk(self, index: int, delta: Body, reason: str | None = None) -> Body:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}
        usage = {"usage": None} if self.with_usage_chunk else {}
        return {**self._head("chat.completion.chunk"), "choices": [choice], **usage}
