"""Which parts of a text are facts, that no augmentation may touch. Knows no records."""

from __future__ import annotations

import re
from collections.abc import Iterable

Span = tuple[int, int]

_FACTS = re.compile(
    r"""
      \{[^{}\n]{1,60}\}                                     # a placeholder
    | \[[^\[\]\n]{1,60}\]
    | https?://\S+ | [\w.+-]+@[\w.-]+                       # addresses
    | [“"「『《][^”"」』》\n]{1,80}[”"」』》]                  # what is quoted, titles
    | \S*\d\S*                                              # anything with a digit: ids, dates, amounts
    | [零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟半几第]+[^\s，。！？、;；,.!?]{0,2}  # counted in words
    | \b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|half|hundred|thousand|million|once
        |twice|first|second|third|last|next|every|each|per|all|none|both)\b
    | (?<![.!?]\s)(?<!^)\b[A-Z][\w&'-]*(?:\s+[A-Z][\w&'-]*)*  # names
    | \b[A-Z]{2,}\b
    | [¥￥$€£%]
    | \b(?:not|no|never|nor|without|n't|neither|don't|doesn't|didn't|can't|won't|isn't|aren't|cannot)\b
    | [不没未无非别勿莫否]+[^\s，。！？、]?                    # what turns a sentence into its opposite
    """,
    re.VERBOSE | re.MULTILINE,
)


def protected(text: str, facts: Iterable[str] = ()) -> list[Span]:
    """(start, end) of what may not be touched, in order, not overlapping."""
    spans = [found.span() for found in _FACTS.finditer(text)]
    for fact in facts:
        if len(fact) > 1 or not fact.isascii():
            spans += [found.span() for found in re.finditer(re.escape(fact), text, re.IGNORECASE)]
    return _joined(sorted(spans))


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def free_parts(text: str, facts: Iterable[str] = ()) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it may be changed; joined they are the text."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for start, end in protected(text, facts):
        if start > at:
            parts.append((text[at:start], True))
        parts.append((text[start:end], False))
        at = end
    if at < len(text):
        parts.append((text[at:], True))
    return parts
