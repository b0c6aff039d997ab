"""A text under examination: what is accounted for is struck out, position by position. Knows nothing of facts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

STRUCK = "\ue000"  # private use: no letter, no digit, no space
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")
_QUOTES = dict.fromkeys(map(ord, "’‘`´"), "'")


def normalise(text: str) -> str:
    """Full width to half width, one kind of dash, nothing invisible that could split a number.

    A Chinese comma is none of a number's: 4014，792 are two.
    """
    folded = unicodedata.normalize("NFKC", text.replace("，", ", ")).translate(_DASHES | _QUOTES)
    return "".join(char for char in folded if unicodedata.category(char) != "Cf" and char != STRUCK)


class Page:
    """Normalised prose and what is left of it (`rest`, of the same length)."""

    def __init__(self, text: str) -> None:
        self.prose = normalise(text)
        self.rest = self.prose

    def take(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Each match in what is left, struck out as it is handed over."""
        for match in list(pattern.finditer(self.rest)):
            self.strike(*match.span())
            yield match

    def strike(self, start: int, end: int) -> None:
        self.rest = self.rest[:start] + STRUCK * (end - start) + self.rest[end:]
