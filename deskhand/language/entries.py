"""Things with names - products, customers - and how words find them: by whole name, by part, by a slip of the pen.

Knows nothing of what the things are; an answer is a place in the row of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from deskhand.language.index import NameIndex
from deskhand.language.readings import Span
from deskhand.language.text import is_han
from deskhand.language.words import Token, tokens

MAX_CHOICES = 5
E = TypeVar("E")


@dataclass(frozen=True)
class Resolved:
    """What a phrase names: one entry, several to choose from, or none."""

    entries: tuple[int, ...]
    score: float = 100.0


NOTHING = Resolved(())


class Entries(Generic[E]):
    """Entries with the index of their names; immutable once built, safe to share."""

    def __init__(self, items: Iterable[E], names_of: Callable[[E], Iterable[str]]) -> None:
        self.items = tuple(items)
        self._names = NameIndex((n, name) for n, item in enumerate(self.items) for name in names_of(item))

    def spans(self, text: str) -> list[tuple[Span, Resolved]]:
        """Whole names in a normalised text."""
        words = tokens(text)
        return [
            (_span(words, found.first, found.last), Resolved(found.entries[:MAX_CHOICES]))
            for found in self._names.whole_names(words)
        ]

    def knows(self, word: str) -> bool:
        """Whether a word is part of any name."""
        return self._names.knows(word)

    def resolve(self, words: tuple[str, ...]) -> Resolved:
        """What the words name, the surest way first."""
        if not words or len(words) > 40:
            return NOTHING
        exact = self._names.exactly(words)
        if exact:
            return Resolved(exact[:MAX_CHOICES])
        part = self._names.containing(words, MAX_CHOICES)
        if part:
            return Resolved(part, 90.0)
        return self._misspelt(words)

    def _misspelt(self, words: tuple[str, ...]) -> Resolved:
        names = self._names
        fixed = tuple(w if names.knows(w) else names.corrected(w) or w for w in words)
        if fixed != words:
            found = names.exactly(fixed) or names.containing(fixed, MAX_CHOICES)
            if found:
                return Resolved(found[:MAX_CHOICES], 85.0)
        cutoff = 60.0 if is_han(words[0][0]) and len(words) >= 3 else 84.0
        near = names.alike(fixed, MAX_CHOICES, cutoff)
        if not near:
            return NOTHING
        best = near[0][1]
        return Resolved(tuple(entry for entry, score in near if score > best - 4), best)


def _span(words: Sequence[Token], first: int, last: int) -> Span:
    return words[first].start, words[last - 1].end
