"""A text in one spelling and of its own length, so that a span found in it is true of what was written."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from opencc import OpenCC

from deskhand.language.text import MAX_CHARACTERS, detect_language, is_han

_SIMPLIFIED = OpenCC("t2s")
_ALIKE = {**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63", "-"), "\u2018": "'", "\u2019": "'"}
_KEPT = frozenset("，")  # 3，14 are two numbers, 3,14 is one
_ALIKE |= {"\u3000": " ", "\t": " ", "\u00a0": " ", "點": "点"}


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """Half width and simplified, character for character; at most 2,000 characters."""
    narrow = "".join(map(_narrow, text[:MAX_CHARACTERS]))
    if not any(map(is_han, narrow)):
        return narrow
    simplified: str = _SIMPLIFIED.convert(narrow)
    return simplified if len(simplified) == len(narrow) else narrow


def _narrow(character: str) -> str:
    if character.isascii() or character in _KEPT or unicodedata.category(character) == "No":
        return _ALIKE.get(character, character)
    folded = unicodedata.normalize("NFKC", _ALIKE.get(character, character))
    return folded if len(folded) == 1 else character


def language_of(text: str, language: str | None) -> str:
    """The language that was said, else the one that most of the words are in."""
    return language or detect_language(text)
