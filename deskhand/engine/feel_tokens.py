"""FEEL text -> tokens. Names may hold spaces where they are known beforehand."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass

from deskhand.engine.errors import ExpressionInvalid

KEYWORDS = frozenset({"and", "or", "if", "then", "else", "in", "between", "true", "false", "null"})
MOST_TOKENS = 600  # keeps the closures from nesting deeper than Python can call

_PATTERN = re.compile(
    r"""(?P<space>\s+)
      | (?P<at>@"(?:[^"\\]|\\.)*")
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<sign>\*\*|\.\.|<=|>=|!=|[-+*/<>=()\[\],?])
      | (?P<number>\d+(?:\.\d+)?|\.\d+)
      | (?P<dot>\.)
      | (?P<name>[^\W\d]\w*)""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is string, number, name, end, or the sign or keyword itself."""

    kind: str
    text: str
    position: int


def tokens(text: str, names: Collection[str] = ()) -> list[Token]:
    """The tokens of a text, closed by one of kind `end`.

    Args:
        names: names that hold spaces or signs, such as `Monthly Salary`; the longest that fits is taken.
    """
    known = _known_names(names)
    found: list[Token] = []
    position = 0
    while position < len(text):
        token, position = _next(text, position, known)
        if token is not None:
            found.append(token)
        if len(found) > MOST_TOKENS:
            raise ExpressionInvalid(text, position, "the expression is too long")
    return [*found, Token("end", "", len(text))]


def unquoted(literal: str) -> str:
    return _ESCAPED.sub(_character, literal[1:-1])


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= sys.maxunicode else match[0]
    return _ESCAPES.get(match[3], match[0])


def _known_names(names: Collection[str]) -> re.Pattern[str] | None:
    odd = sorted((name for name in names if re.search(r"\W", name)), key=len, reverse=True)
    return re.compile("|".join(rf"{re.escape(name)}(?!\w)" for name in odd)) if odd else None


def _next(text: str, position: int, known: re.Pattern[str] | None) -> tuple[Token | None, int]:
    match = known.match(text, position) if known else None
    if match:
        return Token("name", match[0], position), match.end()
    match = _PATTERN.match(text, position)
    if match is None:
        raise ExpressionInvalid(text, position, f"{text[position]!r} is not understood")
    return _token(match), match.end()


def _token(match: re.Match[str]) -> Token | None:
    kind, text = str(match.lastgroup), match[0]
    if kind == "space":
        return None
    if kind in ("sign", "dot") or text in KEYWORDS:
        kind = text
    return Token(kind, text, match.start())
