"""The lane beside continuous batching, for what that lacks: a search with several beams, by plain ``generate``.

One request after another, on a thread of its own. A search has no text before its end, so nothing is streamed.
"""

import queue
from threading import Event, Thread
from typing import Any

import torch
from transformers import StoppingCriteria, StoppingCriteriaList

from llm_server.engines.batch_lane import Tell
from llm_server.engines.choice_text import ChoiceText
from llm_server.engines.engine import GenerationEvent, GenerationRequest
from llm_server.engines.model_loading import LoadedModel


class _GivenUp(StoppingCriteria):
    def __init__(self, cancelled: Event) -> None:
        self._cancelled = cancelled

    def __call__(self, input_ids: torch.Tensor, scores: object, **kwargs: Any) -> torch.Tensor:
        return torch.full((len(input_ids),), self._cancelled.is_set(), device=input_ids.device)


class PlainLane:
    """Searches; ``tell`` hears of the whole answer."""

    def __init__(self, loaded: LoadedModel, tell: Tell) -> None:
        self._loaded = loaded
        self._tell = tell
        self._waiting: queue.Queue[tuple[str, GenerationRequest]] = queue.Queue()
        self._cancelled: dict[str, Event] = {}

    def start(self) -> None:
        """Starts the thread."""
        Thread(target=self._run, name="plain", daemon=True).start()

    def submit(self, request_id: str, request: GenerationRequest) -> None:
        """Queues a request."""
        self._cancelled[request_id] = Event()
        self._waiting.put((request_id, request))

    def cancel(self, request_id: str) -> None:
        """Ends a request at its next token."""
        if cancelled := self._cancelled.get(request_id):
            cancelled.set()

    def _run(self) -> None:
        while True:
            request_id, request = self._waiting.get()
            try:
                events, failed = self._searched(request, self._cancelled[request_id]), None
            except Exception as problem:  # this request's trouble, told as such; the lane goes on
                events, failed = [], f"{type(problem).__name__}: {problem}"
            if not self._cancelled.pop(request_id).is_set():
                self._tell(request_id, events, failed)

    def _searched(self, request: GenerationRequest, cancelled: Event) -> list[GenerationEvent]:
        if cancelled.is_set():
            return []
        wanted, ends = request.sampling, sorted(self._loaded.vocabulary.ends)
        prompt = torch.tensor([request.prompt.ids], device=self._loaded.model.device)
        with torch.inference_mode():
            found = self._loaded.model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=request.max_tokens,
                num_beams=max(wanted.beams, request.choices),
                num_return_sequences=request.choices,
                length_penalty=wanted.length_penalty,
                repetition_penalty=wanted.repetition_penalty,
                sequence_bias={(token,): bias for token, bias in wanted.logit_bias} or None,
                do_sample=False,
                early_stopping=True,
                eos_token_id=ends,
                pad_token_id=ends[0],
                stopping_criteria=StoppingCriteriaList([_GivenUp(cancelled)]),
            )
        return [event for index, row in enumerate(found) for event in self._told(index, row, request)]

    def _told(self, index: int, row: torch.Tensor, request: GenerationRequest) -> list[GenerationEvent]:
        text = ChoiceText(index, request.max_tokens, request.stop, self._loaded.vocabulary)
        events: list[GenerationEvent] = []
        for token in row[len(request.prompt.ids) :].tolist():
            if text.finished is None:
                events += text.feed(token)
        return events
