"""Words of a text as a catalogue sees them: a Latin word or code is one token, so is each Chinese character."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deskhand.language.text import fold

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|\d+(?=[\u3400-\u9fff])|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_PLURALS = (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss"), ("zes", "ze"), ("s", ""))
_GLUED = re.compile(r"(\d+)([a-z]{3,})")


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place; `stem` is singular and lower case."""

    stem: str
    start: int
    end: int


def stem(word: str) -> str:
    """The singular of an English word; codes and short words stay."""
    if len(word) < 4 or not word.isalpha() or not word.isascii() or word.endswith(("ss", "us", "is")):
        return word
    for ending, singular in _PLURALS:
        if word.endswith(ending):
            return word[: -len(ending)] + singular
    return word


def tokens(text: str) -> list[Token]:
    """The tokens of a normalised text."""
    found: list[Token] = []
    for match in _TOKEN.finditer(fold(text)):
        word, start = match.group(), match.start()
        glued = _GLUED.fullmatch(word)
        if glued:
            found.append(Token(glued[1], start, start + len(glued[1])))
            start, word = start + len(glued[1]), glued[2]
        found.append(Token(stem(word), start, match.end()))
    return found


def stems(text: str) -> tuple[str, ...]:
    """The stems of a normalised text."""
    return tuple(token.stem for token in tokens(text))
