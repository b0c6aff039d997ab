"""Which one of a list: 第二个, the second one, 2, line 3, the last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from deskhand.language.text import blank, normalise
from deskhand.language.values.words_en import ORDINALS
from deskhand.language.words import stems
from deskhand.numerals import parse_chinese, parse_english

_ORDINALS = tuple(word for word, place in ORDINALS.items() if place <= 10)
_THINGS_EN = r"(?: (?:one|line|item|option|choice|row|product|customer|order))?"
_ORDINAL_ZH = re.compile(r"第([一二三四五六七八九十两\d]{1,3})(?:个|行|项|条|种|家|款|样|单|位|件)?")
_ORDINAL_EN = re.compile(
    rf"\b(?:the )?(?:(?P<word>{'|'.join(_ORDINALS)})|(?P<digits>\d{{1,2}})(?:st|nd|rd|th)){_THINGS_EN}\b", re.IGNORECASE
)
_NUMBERED = re.compile(
    r"\b(?:line|item|option|number|no\.?|choice|row)[ #]*(\d{1,2}|one|two|three|"
    r"four|five)\b|(?:选项?|选择)(\d{1,2}|[一二三四五])",
    re.IGNORECASE,
)
_LAST = re.compile(
    rf"最后(?:一|那)?(?:个|行|项|条|种|家|款|样)?|\b(?:the )?last{_THINGS_EN}\b|\bthe latter\b|"
    r"后者|下面(?:那)?个|\bthe bottom one\b",
    re.IGNORECASE,
)
_REFUSED_AT = re.compile(r"(?:不是|不要|别|\bnot) ?$", re.IGNORECASE)
_REFUSED_AFTER = re.compile(r" ?(?:不是|不要|不对|别|(?:is |was )?(?:wrong|not))")
_NOT_IT = re.compile(r"不|别|\b(?:not|no|none|neither|except)\b", re.IGNORECASE)
_NO_NAME = frozenset(["的", "the", "a", "of", "and", "one", "那", "个"])
_FORMER = re.compile(r"前者|\bthe former\b|上面(?:那)?个|\bthe top one\b", re.IGNORECASE)
_BARE = re.compile(
    r"(?:选|要|就|the |number |no\.? ?|#|option )*(\d{1,2}|[一二三四五六七八九]|"
    r"one|two|three|four|five)(?:号|个|吧|了|\.|\)| please|那个)*",
    re.IGNORECASE,
)


def ordinal_in(text: str) -> tuple[int, tuple[int, int]] | None:
    """The place in a list, counted from 1, that a normalised text points at; -1 for the last."""
    for pattern in (_ORDINAL_ZH, _ORDINAL_EN, _NUMBERED):
        match = pattern.search(text)
        if match:
            place = _place(next(group for group in match.groups() if group))
            return (place, match.span()) if place else None
    for pattern, place in ((_LAST, -1), (_FORMER, 1)):
        match = pattern.search(text)
        if match:
            return place, match.span()
    return None


def choice_in(text: str) -> int | None:
    """A choice from a list: an ordinal that is not refused (not the first, the second), or a bare number alone."""
    rest, ordinal = text, ordinal_in(text)
    while ordinal and (_REFUSED_AT.search(rest[: ordinal[1][0]]) or _REFUSED_AFTER.match(rest, ordinal[1][1])):
        rest = blank(rest, ordinal[1])
        ordinal = ordinal_in(rest)
    if ordinal:
        return ordinal[0]
    bare = _BARE.fullmatch(text.strip(" .,!。"))
    return _place(bare[1]) or None if bare else None


def _place(word: str) -> int:
    if word.lower() in ORDINALS:
        return ORDINALS[word.lower()]
    value = parse_english(word) if word.isascii() and not word.isdigit() else parse_chinese(word)
    return int(value) if value is not None else 0


def pick(text: str, options: Sequence[Iterable[str]]) -> int | None:
    """The place, from 1, of the option that the words fit better than any other: 黑色的, the Ltd one.

    What all options have in common says nothing; "not the black one" picks none.
    """
    said, named = set(stems(normalise(text))), [_words_of(names) for names in options]
    if not named or _NOT_IT.search(normalise(text)):
        return None
    common = set.intersection(*named)
    hits = [len(said & (words - common)) for words in named]
    return hits.index(max(hits)) + 1 if max(hits) and hits.count(max(hits)) == 1 else None


def _words_of(names: Iterable[str]) -> set[str]:
    return {stem for name in names for stem in stems(normalise(name))} - _NO_NAME
