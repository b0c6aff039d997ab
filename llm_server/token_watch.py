"""Watches a running generation: turns its tokens into text and says when each choice is to stop.

It is one of transformers' stopping criteria, which sees every token of every choice; so streaming, stop strings, the
token limit and cancellation need no second mechanism. Knows nothing of HTTP.
"""

from collections.abc import Sequence
from threading import Event
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream
from transformers import StoppingCriteria

from llm_server.deferred_engine import Emit
from llm_server.engine import ChoiceFinished, FinishReason, GenerationRequest, TextDelta
from llm_server.stop_strings import StopScanner


class ChoiceText:
    """The text of one choice as its tokens come."""

    def __init__(self, index: int, request: GenerationRequest, tokenizer: Tokenizer, ends: frozenset[int]) -> None:
        self.index = index
        self.tokens = 0
        self.finished: FinishReason | None = None
        self._limit = request.max_tokens
        self._tokenizer = tokenizer
        self._ends = ends
        self._decoder = DecodeStream(skip_special_tokens=True)
        self._scanner = StopScanner(request.stop)

    def feed(self, token: int) -> str:
        """The text that this token makes certain; half a character waits for its other half."""
        self.tokens += 1
        ended = token in self._ends
        text = "" if ended else self._scanner.feed(self._decoder.step(self._tokenizer, token) or "")
        if ended or self._scanner.stopped:
            self.finished = FinishReason.STOP
        elif self.tokens >= self._limit:
            self.finished = FinishReason.LENGTH
        return text + self._scanner.flush() if self.finished else text


class Cancelled(Exception):
    """The request was given up while a long prompt was being read."""


class PromptWatch:
    """Gives up between two layers: reading a long prompt takes seconds, and no token comes of it until the end."""

    def __init__(self) -> None:
        self.cancelled: Event | None = None

    def attach(self, model: Any) -> None:
        """Watches every layer of the model's decoder."""
        for layer in getattr(model.get_decoder(), "layers", []):
            layer.register_forward_pre_hook(self._check)

    def _check(self, layer: object, given: object) -> None:
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled


class TokenWatch(StoppingCriteria):
    """Emits the text of all choices, and ends each on its own; ends all once the request is cancelled."""

    def __init__(self, choices: Sequence[ChoiceText], emit: Emit, cancelled: Event) -> None:
        self._choices = choices
        self._emit = emit
        self._cancelled = cancelled

    def __call__(self, input_ids: torch.Tensor, scores: object, **kwargs: Any) -> torch.Tensor:
        """One bool for each choice: stop it. Called after every token."""
        if self._cancelled.is_set():
            return torch.ones(len(self._choices), dtype=torch.bool, device=input_ids.device)
        for choice, token in zip(self._choices, input_ids[:, -1].tolist(), strict=True):
            if choice.finished is None:
                self._feed(choice, token)
        done = [choice.finished is not None for choice in self._choices]
        return torch.tensor(done, dtype=torch.bool, device=input_ids.device)

    def _feed(self, choice: ChoiceText, token: int) -> None:
        text = choice.feed(token)
        if text:
            self._emit(TextDelta(choice.index, text))
        if choice.finished is not None:
            self._emit(ChoiceFinished(choice.index, choice.finished, choice.tokens))
