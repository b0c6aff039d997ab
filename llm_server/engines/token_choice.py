"""Which token comes next, for each request of a batch by its own options.

transformers' continuous batching knows temperature, top-k and top-p of single requests and takes the likeliest token or
draws for the whole batch alike. This stands among its logits processors: it chooses for each row and leaves the chosen
token as the likeliest, so that seeds, penalties, biases, grammars and log probabilities work in the batch too.
"""

import logging
from collections import Counter
from typing import Any

import torch
from transformers.generation.continuous_batching.cb_logits_processors import ContinuousBatchingLogitsProcessor

from llm_server.engines.engine import Sampling

log = logging.getLogger(__name__)

# Whatever is above this share of the mass has always been found among so many tokens; else all are sorted.
_NUCLEUS = 1024

Ranked = list[tuple[int, float]]


class TokenChoice:
    """The choosing of one choice of one request, token by token."""

    def __init__(
        self,
        sampling: Sampling,
        prompt: tuple[int, ...],
        *,
        choice: int = 0,
        top_logprobs: int | None = None,
        grammar: Any = None,
        end: int = 0,
    ) -> None:
        self._sampling = sampling
        self._prompt = frozenset(prompt)
        self._top = top_logprobs
        self._grammar = grammar
        self._end = end
        self._seen: Counter[int] = Counter()
        self._generator = torch.Generator()
        if sampling.seed is not None:
            self._generator.manual_seed((sampling.seed + choice) % 2**63)
        else:
            self._generator.seed()
        self.ranked: list[tuple[float, Ranked]] = []
        self.failed: str | None = None

    def __deepcopy__(self, memo: object) -> "TokenChoice":
        """A request that had to leave the cache comes back with the same state."""
        return self

    @property
    def is_seeded(self) -> bool:
        """True if the same seed is to draw the same tokens again."""
        return self._sampling.seed is not None and self._sampling.temperature > 0

    @property
    def is_plain(self) -> bool:
        """True if the likeliest token is simply taken."""
        wanted = self._sampling
        adjusts = wanted.logit_bias or wanted.presence_penalty or wanted.frequency_penalty
        return not (wanted.temperature or adjusts or self._grammar or self._top is not None) and (
            wanted.repetition_penalty == 1.0
        )

    def next_token(self, scores: torch.Tensor) -> int:
        """Chooses from one row of scores, in float32; the end of the text, if that can't be done."""
        try:
            return self._chosen(scores)
        except Exception as problem:  # one request's trouble must not be the batch's
            log.exception("a token could not be chosen")
            self.failed = type(problem).__name__
            return self._end

    def _chosen(self, scores: torch.Tensor) -> int:
        if not bool(torch.isfinite(scores.max())):
            raise ValueError("the model's scores are not finite")
        adjusted = self._adjusted(scores)
        token = int(adjusted.argmax()) if self._sampling.temperature == 0 else self._drawn(adjusted)
        if self._top is not None:
            self._rank(scores, token)
        self._seen[token] += 1
        if self._grammar is not None:
            self._grammar.accept(token)
        return token

    def _adjusted(self, scores: torch.Tensor) -> torch.Tensor:
        wanted, scores = self._sampling, scores.clone()
        for token, bias in wanted.logit_bias:
            scores[token] += bias
        if wanted.repetition_penalty != 1.0:
            known = torch.tensor(sorted({*self._prompt, *self._seen}))
            values = scores[known]
            scores[known] = torch.where(
                values > 0, values / wanted.repetition_penalty, values * wanted.repetition_penalty
            )
        if self._seen and (wanted.presence_penalty or wanted.frequency_penalty):
            often = torch.tensor(list(self._seen.values()), dtype=scores.dtype)
            scores[torch.tensor(list(self._seen))] -= wanted.presence_penalty + wanted.frequency_penalty * often
        if self._grammar is not None:
            self._grammar.mask(scores)
        return scores

    def _drawn(self, scores: torch.Tensor) -> int:
        wanted = self._sampling
        scores = scores / wanted.temperature
        if wanted.top_k:
            scores[scores < scores.topk(min(wanted.top_k, len(scores))).values[-1]] = -torch.inf
        chances = scores.softmax(-1)
        if wanted.min_p:
            chances[chances < wanted.min_p * chances.max()] = 0.0
        if wanted.top_p >= 1.0:
            return int(torch.multinomial(chances, 1, generator=self._generator))
        likeliest, tokens = chances.topk(min(_NUCLEUS, len(chances)))
        if float(likeliest.sum()) < wanted.top_p * float(chances.sum()):
            likeliest, tokens = chances.sort(descending=True)
        before = likeliest.cumsum(0) - likeliest
        likeliest[before >= wanted.top_p * float(chances.sum())] = 0.0
        return int(tokens[torch.multinomial(likeliest, 1, generator=self._generator)])

    def _rank(self, scores: torch.Tensor, token: int) -> None:
        """Log probabilities of the model itself, before any option, as vLLM tells them."""
        logged = scores.log_softmax(-1)
        best = logged.topk(self._top or 0)
        ranked = list(zip(best.indices.tolist(), best.values.tolist(), strict=True))
        self.ranked.append((float(logged[token]), ranked))


class BatchChoice(ContinuousBatchingLogitsProcessor):
    """All rows of a step."""

    supported_kwargs = {"chooser": TokenChoice}
    ignored_kwargs = ()

    def __init__(self) -> None:
        self._choosers: list[TokenChoice | None] = []
        self.batch = self.steps = 0

    def fill_defaults(self, int32_tensor: torch.Tensor) -> None:
        """Nothing goes by tensor."""
        int32_tensor.zero_()

    def prepare_tensor_args(self, requests_with_new_token: list[Any]) -> torch.Tensor:
        """Remembers whose rows come next."""
        states = [request.state for request in requests_with_new_token]
        self._choosers = [state.logit_processor_kwargs.get("chooser") for state in states]
        self.batch, self.steps = len(states), self.steps + 1
        return torch.zeros(len(states), dtype=torch.int32)

    def __call__(self, scores: torch.Tensor, tensor_arg: torch.Tensor) -> torch.Tensor:
        """The scores, with each row's chosen token made the likeliest."""
        sound = scores.amax(-1).isfinite().tolist()
        for row, chooser in enumerate(self._choosers):
            if chooser is not None and not (chooser.is_plain and sound[row]):
                token = chooser.next_token(scores[row].cpu())
                scores[row].nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
                scores[row, token] = torch.inf
        return scores
