"""English numerals in words: one hundred and five, two thirds, half a dozen, three point one four.

A small machine over the words of a text: which word may follow which, and what the sum is so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from deskhand.language.values.numeral import Numeral
from deskhand.numerals import ONES, SCALES, SMALL, TEENS, TIES

_KINDS = dict.fromkeys(ONES, "one") | dict.fromkeys(TEENS, "teen") | dict.fromkeys(TIES, "ten")
_KINDS |= dict.fromkeys(SCALES, "scale") | {"hundred": "hundred", "zero": "zero"}
_AFTER = {
    "one": {"", "ten", "hundred", "scale"},
    "teen": {"", "hundred", "scale"},
    "ten": {"", "hundred", "scale"},
    "hundred": {"one", "teen", "ten"},
    "scale": {"one", "teen", "ten", "hundred", "scale"},
    "zero": {""},
}
_ROOTS = "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth"
_LATER = "seventeenth eighteenth nineteenth"
PARTS = {"third": 3, "half": 2, "quarter": 4} | {w: n for n, w in enumerate(f"{_ROOTS} {_LATER}".split(), 4)}
PARTS |= {word[:-1] + "ieth": n for word, n in TIES.items()}
PARTS |= {"hundredth": 100, "thousandth": 1000, "millionth": 10**6, "billionth": 10**9, "trillionth": 10**12}
_PARTS = PARTS | {word + "s": n for word, n in PARTS.items() if word != "half"} | {"halves": 2}
_ORDINALS = frozenset(["first", "second", *PARTS]) - {"half", "quarter"}
_DOZEN = {"dozen", "dozens"}
_GAP = re.compile(r" {1,2}| ?- {0,2}")
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    joined: bool


@dataclass(frozen=True)
class _Sum:
    """So much has been said: whole groups, the group under way, the kind of the last word, the next word's place."""

    total: int = 0
    group: int = 0
    last: str = ""
    limit: int = 10**15
    at: int = 0

    @property
    def value(self) -> Decimal:
        """All that was said."""
        return Decimal(self.total + self.group)


def numerals_in(text: str) -> Iterator[Numeral]:
    """Every numeral in English words of a plain text; ordinals as barred."""
    words = _words(text)
    at = 0
    while at < len(words):
        found = _numeral(words, at)
        if found is None:
            at += 1
            continue
        value, shape, after = found
        yield Numeral(words[at].start, words[after - 1].end, value, shape)
        at = after


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    for match in _WORD.finditer(text):
        gap = text[found[-1].end : match.start()] if found else ""
        found.append(_Word(match[0].lower(), match.start(), match.end(), bool(_GAP.fullmatch(gap))))
    return found


def _said(words: Sequence[_Word], at: int, *choices: str) -> bool:
    return at < len(words) and words[at].text in choices and (words[at].joined or at == 0)


def _numeral(words: Sequence[_Word], at: int) -> tuple[Decimal, str, int] | None:
    if words[at].text == "half":
        return _half(words, at)
    if words[at].text in {"minus", "negative"}:
        return _negative(words, at)
    article = words[at].text in {"a", "an"} and at + 1 < len(words) and words[at + 1].joined
    start = _Sum(group=1, last="one", at=at + 1) if article else _Sum(at=at)
    said = _summed(words, start)
    if article and said.at == at + 1:
        return _article(words, at)
    if said.at == at:
        return _ordinal(words, at)
    return _finished(words, said)


def _negative(words: Sequence[_Word], at: int) -> tuple[Decimal, str, int] | None:
    if at + 1 >= len(words) or not words[at + 1].joined:
        return None
    found = _numeral(words, at + 1)
    return (-found[0], found[1], found[2]) if found and found[1] != "barred" else None


def _summed(words: Sequence[_Word], said: _Sum) -> _Sum:
    """As far as the words go on counting."""
    first = said.at
    while said.at < len(words) and (words[said.at].joined or said.at == first):
        at = said.at
        if words[at].text == "and" and said.last in {"hundred", "scale"} and at + 1 < len(words):
            at += 1
            if words[at].text not in SMALL or not words[at].joined:
                break
        following = _step(said, words[at].text, at)
        if following is None:
            break
        said = following
    return said


def _step(said: _Sum, word: str, at: int) -> _Sum | None:
    kind = _KINDS.get(word)
    if kind is None or said.last not in _AFTER[kind]:
        return None
    if kind == "hundred":
        return replace(said, group=said.group * 100, last=kind, at=at + 1) if said.group < 100 else None
    if kind == "scale":
        if said.last == "scale":
            return replace(said, total=said.total * SCALES[word], at=at + 1) if SCALES[word] > said.limit else None
        if SCALES[word] >= said.limit:
            return None
        total = said.total + said.group * SCALES[word]
        return replace(said, total=total, group=0, last=kind, limit=SCALES[word], at=at + 1)
    return replace(said, group=said.group + SMALL.get(word, 0), last=kind, at=at + 1)


def _finished(words: Sequence[_Word], said: _Sum) -> tuple[Decimal, str, int]:
    """The sum with what may come behind it: point, dozen, and a half, thirds; twenty-first is barred."""
    value, at = said.value, said.at
    if _said(words, at, "point"):
        return _decimals(words, value, at)
    if _said(words, at, *_DOZEN):
        last = said.group % 100 if said.group > 100 and words[at - 2].text == "and" else 0
        return (value + 11 * last if last else value * 12), "en", at + 1
    part = _part(words, at, value)
    if part:
        return part
    if _said(words, at, *_ORDINALS) or _said(words, at, "and") and _said(words, at + 1, *_ORDINALS):
        return value, "barred", at + 1
    return _and_part(words, value, at)


def _part(words: Sequence[_Word], at: int, top: Decimal) -> tuple[Decimal, str, int] | None:
    """Thirds after two, a third after one: twenty fifth is no fraction."""
    composed = _said(words, at, *TIES) and _said(words, at + 1, *_PARTS) and words[at + 1].text.endswith("s")
    place = at + 1 if composed else at
    if not _said(words, place, *_PARTS):
        return None
    word = words[place].text
    if word.endswith("s") != (top != 1) and not (word.endswith("s") and top == 1):
        return None
    return top / (_PARTS[word] + (SMALL[words[at].text] if composed else 0)), "fraction", place + 1


def _and_part(words: Sequence[_Word], value: Decimal, at: int) -> tuple[Decimal, str, int]:
    """Two and a half, five and three quarters; a scale may follow."""
    if not _said(words, at, "and") or at + 2 >= len(words):
        return value, "en", at
    article = _said(words, at + 1, "a", "an")
    top = Decimal(1) if article else Decimal(SMALL.get(words[at + 1].text, 0))
    part = _part(words, at + 2, top) if top and words[at + 1].joined else None
    if not part:
        return value, "en", at
    return _scaled(words, value + part[0], part[2])


def _scaled(words: Sequence[_Word], value: Decimal, at: int) -> tuple[Decimal, str, int]:
    if _said(words, at, *SCALES, "hundred"):
        return value * SCALES.get(words[at].text, 100), "en", at + 1
    if _said(words, at, *_DOZEN):
        return value * 12, "en", at + 1
    return value, "fraction", at


def _decimals(words: Sequence[_Word], value: Decimal, at: int) -> tuple[Decimal, str, int]:
    digits, after = "", at + 1
    while after < len(words) and words[after].joined and words[after].text in {*SMALL, "zero", "oh"}:
        number = SMALL.get(words[after].text, 0)
        ties = digits[-1:] == "0" and len(digits) > 1 and words[after - 1].text in TIES and 0 < number < 10
        digits = digits[:-1] + str(number) if ties else digits + str(number)
        after += 1
    if not digits:
        return value, "en", at
    value, shape, after = _scaled(words, value + Decimal(f"0.{digits}"), after)
    return value, "en", after


def _half(words: Sequence[_Word], at: int) -> tuple[Decimal, str, int] | None:
    """Half, half a dozen, half a million; half past is a time."""
    if _said(words, at + 1, "past"):
        return None
    place = at + 2 if _said(words, at + 1, "a", "an") else at + 1
    if _said(words, place, *_DOZEN, *SCALES, "hundred"):
        return _scaled(words, Decimal("0.5"), place)
    return Decimal("0.5"), "half", at + 1


def _article(words: Sequence[_Word], at: int) -> tuple[Decimal, str, int] | None:
    """A dozen, a third, a half; the article alone counts nothing here."""
    if _said(words, at + 1, *_DOZEN):
        return Decimal(12), "en", at + 2
    if _said(words, at + 1, "hundred", *SCALES):
        return None
    part = _part(words, at + 1, Decimal(1))
    return part if part and not words[at + 1].text.endswith("s") else None


def _ordinal(words: Sequence[_Word], at: int) -> tuple[Decimal, str, int] | None:
    if words[at].text in _DOZEN and at and words[at - 1].text == "the":
        return Decimal(12), "en", at + 1
    return (Decimal(0), "barred", at + 1) if words[at].text in _ORDINALS else None
