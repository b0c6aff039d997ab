"""An index of names: whole names in a text, parts of names, and misspelt names, among ten thousand products.

Knows nothing of orders; an entry is a number given by its owner.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from deskhand.language.text import is_han, normalise
from deskhand.language.words import Token, stems

_TYPO_CUTOFF = 80
_COMMON = 1500


@dataclass(frozen=True, slots=True)
class Found:
    """A whole name found at tokens [first, last) of a text, with the entries that bear it."""

    first: int
    last: int
    entries: tuple[int, ...]


class NameIndex:
    """Names of entries, prebuilt for look-up by whole name, by part and by likeness."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self._keys: list[tuple[str, ...]] = []
        self._lengths: list[int] = []
        self._owner: list[int] = []
        self._whole: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._longest: dict[str, int] = {}
        self._having: dict[str, list[int]] = defaultdict(list)
        self._pairs: dict[str, list[int]] = defaultdict(list)
        for entry, name in names:
            self._add(entry, stems(normalise(name)))
        self._words: dict[int, list[str]] = defaultdict(list)
        for word in self._having:
            if len(word) >= 4 and word.isalpha() and not is_han(word[0]):
                self._words[len(word)].append(word)

    def _add(self, entry: int, key: tuple[str, ...]) -> None:
        if not key:
            return
        owners = self._whole.get(key, ())
        if entry in owners:
            return
        self._whole[key] = (*owners, entry)
        self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))
        number = len(self._keys)
        self._keys.append(key)
        self._lengths.append(len(key))
        self._owner.append(entry)
        for part in set(key):
            self._having[part].append(number)
        for left, right in set(zip(key, key[1:], strict=False)):
            if is_han(left[0]) and is_han(right[0]):
                self._pairs[left + right].append(number)

    def knows(self, word: str) -> bool:
        """Whether the word is part of any name."""
        return word in self._having

    def whole_names(self, text: Sequence[Token]) -> list[Found]:
        """The longest whole names from left to right; a Chinese name of one character needs to stand alone."""
        found: list[Found] = []
        at = 0
        while at < len(text):
            match = self._longest_at(text, at)
            if match:
                found.append(match)
            at = match.last if match else at + 1
        return found

    def _longest_at(self, text: Sequence[Token], at: int) -> Found | None:
        for length in range(min(self._longest.get(text[at].stem, 0), len(text) - at), 0, -1):
            entries = self._whole.get(tuple(token.stem for token in text[at : at + length]))
            if entries and not (length == 1 and len(text) > 1 and is_han(text[at].stem[0])):
                return Found(at, at + length, entries)
        return None

    def exactly(self, words: tuple[str, ...]) -> tuple[int, ...]:
        """The entries that bear exactly this name."""
        return self._whole.get(words, ())

    def containing(self, words: tuple[str, ...], limit: int) -> tuple[int, ...]:
        """Entries with a name that has all these words in it, the closest names first.

        Chinese characters must stand side by side, as they do in the phrase.
        """
        numbers = self._common(words)
        if not numbers:
            return ()
        phrase = "".join(words) if is_han(words[0][0]) else ""
        kept = sorted(n for n in numbers if not phrase or phrase in "".join(self._keys[n]))
        kept.sort(key=self._lengths.__getitem__)
        return self._owners(kept, limit)

    def _common(self, words: tuple[str, ...]) -> set[int]:
        pairs = [a + b for a, b in zip(words, words[1:], strict=False) if is_han(a[0]) and is_han(b[0])]
        postings = [self._having.get(word, []) for word in words] + [self._pairs.get(pair, []) for pair in pairs]
        postings.sort(key=len)
        if not postings or not postings[0]:
            return set()
        numbers = set(postings[0])
        for posting in postings[1:]:
            numbers.intersection_update(posting)
        return numbers

    def _owners(self, numbers: Iterable[int], limit: int) -> tuple[int, ...]:
        owners: dict[int, None] = {}
        for number in numbers:
            owners[self._owner[number]] = None
            if len(owners) >= limit:
                break
        return tuple(owners)

    def corrected(self, word: str) -> str | None:
        """The word of the catalogue that this one is a slip of, if there is one close enough."""
        if len(word) < 4 or not word.isalpha() or is_han(word[0]):
            return None
        near = [w for size in range(len(word) - 2, len(word) + 3) for w in self._words.get(size, ())]
        best = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=_TYPO_CUTOFF)
        return str(best[0]) if best else None

    def alike(self, words: tuple[str, ...], limit: int, cutoff: float) -> list[tuple[int, float]]:
        """Entries whose names look like the phrase, best first, with a score of 0 to 100."""
        votes: Counter[int] = Counter()
        for word in {*words, *(a + b for a, b in zip(words, words[1:], strict=False))}:
            posting = self._pairs.get(word) or self._having.get(word) or []
            if len(posting) <= _COMMON:
                votes.update(posting)
        phrase = " ".join(words) if not is_han(words[0][0]) else "".join(words)
        best: dict[int, float] = {}
        for number, _ in votes.most_common(60):
            score = fuzz.ratio(phrase, (" " if " " in phrase else "").join(self._keys[number]))
            if score >= cutoff and score > best.get(self._owner[number], 0):
                best[self._owner[number]] = score
        return sorted(best.items(), key=lambda pair: -pair[1])[:limit]
