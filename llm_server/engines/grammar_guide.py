"""A compiled grammar at work beside one choice: which tokens may come next. Runs in the engine's process."""

from functools import lru_cache
from typing import Any

import torch


class Grammars:
    """Makes guides from what the grammar process compiled; ``size`` is how many tokens the model scores."""

    def __init__(self, tokenizer: Any, size: int, ends: frozenset[int]) -> None:
        self._tokenizer = tokenizer
        self._size = size
        self._ends = ends

    @lru_cache(maxsize=1)  # noqa: B019  # there is one object for the life of the process
    def info(self) -> Any:
        """What xgrammar must know of the vocabulary."""
        import xgrammar  # a quarter of a second that only those pay who ask for a grammar

        ends = sorted(self._ends)
        return xgrammar.TokenizerInfo.from_huggingface(self._tokenizer, vocab_size=self._size, stop_token_ids=ends)

    def guides(self, compiled: str, choices: int) -> list["GrammarGuide"]:
        """One guide for each choice."""
        import xgrammar

        grammar = xgrammar.CompiledGrammar.deserialize_json(compiled, self.info())
        return [GrammarGuide(xgrammar.GrammarMatcher(grammar), self._size) for _ in range(choices)]


class GrammarGuide:
    """The grammar's place in one text."""

    def __init__(self, matcher: Any, size: int) -> None:
        import xgrammar

        self._apply = xgrammar.apply_token_bitmask_inplace
        self._matcher = matcher
        self._mask = xgrammar.allocate_token_bitmask(1, size)

    def mask(self, scores: torch.Tensor) -> None:
        """Takes away every token that the grammar does not allow here."""
        self._matcher.fill_next_token_bitmask(self._mask)
        self._apply(scores.unsqueeze(0), self._mask)

    def accept(self, token: int) -> None:
        """Goes on past a token.

        Raises:
            ValueError: the grammar does not allow it.
        """
        if not self._matcher.is_terminated() and not self._matcher.accept_token(token):
            raise ValueError("a token against the grammar")
