"""Which fact a value is, where several are alike: a date of delivery and a date of payment may not change places.

The words nearest to a value in its clause say what it is about; these must be the words of a fact that has this value.
Knows nothing of how values are found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deskhand.writing.facts import Fact, FactKind
from deskhand.writing.lexicon import lexicon

_AT = -1
_BESIDE = 4  # a name or an id is called something only by words right before or after it
_AFTER = 6  # a word behind the value counts as that much further away
_BREAK = re.compile(r"[,;。;!?,!?\n:]|\.(?=\s|$)")
_SENTENCE = re.compile(r"[。!?!?\n]|\.(?=\s|$)")
_PARTS_OF_DATE = re.compile(r"(?<=[A-Za-z\d]),(?= ?\d{4})")
_CLOSE = (FactKind.NAME, FactKind.ID)
_STRICT = (FactKind.DATE, FactKind.MONEY)  # without any such word they are nobody's


@dataclass(frozen=True, slots=True)
class Found:
    """A value in the text, and the facts that have it."""

    span: tuple[int, int]
    surface: str
    facts: tuple[Fact, ...]


def misplaced(prose: str, rest: str, found: Sequence[Found], keyed: Mapping[str, Fact], language: str) -> list[str]:
    """The values that the text gives to another fact than the one they are."""
    rivals = {key: _rivals(key, keyed) for key in keyed}
    return [each.surface for each in found if not _is_placed(prose, rest, each, keyed, rivals, language)]


def _is_placed(
    prose: str,
    rest: str,
    found: Found,
    keyed: Mapping[str, Fact],
    rivals: Mapping[str, frozenset[str]],
    language: str,
) -> bool:
    own = {key for key, fact in keyed.items() if fact in found.facts}
    others = frozenset().union(*(rivals[key] for key in own)) - own
    absent = frozenset().union(*(lexicon().alike.get(key, frozenset()) for key in own)) - keyed.keys()
    if not own & lexicon().cues.keys() or not others | absent or len(found.facts) > len(own):
        return True
    if keyed[next(iter(own))].kind in _CLOSE:
        keys = own | others
        if _is_behind_carrier(prose, found.span, keyed) and "tracking" in keys:
            return "tracking" in own
        gaps = _gaps(rest, _around(prose, found.span, _SENTENCE), found.span, keys, language)
        return not gaps or min(gaps.values()) > _BESIDE or _is_nearest(gaps, own)
    keys = own | others | absent
    clause = _around(prose, found.span, _BREAK)
    gaps = _gaps(rest, clause, found.span, keys, language)
    gaps = gaps or _gaps(rest, _around(prose, found.span, _SENTENCE), found.span, own | others, language)
    if not gaps:
        return not others or keyed[next(iter(own))].kind not in _STRICT
    return _is_nearest(gaps, own) and not _is_claimed(prose, rest, clause[0], found.span, own, others, language)


def _is_claimed(
    prose: str, rest: str, start: int, span: tuple[int, int], own: set[str], others: frozenset[str], language: str
) -> bool:
    """By a word before it, whatever stands between: what "usually comes to" so much is the usual amount."""
    cues = lexicon().cues
    stronger = [key for key in others & cues.keys() if own & set(cues[key].claims)]
    matches = (match for key in stronger for match in cues[key].words[language].finditer(rest, start, span[0]))
    return any(not re.search(r"\d", prose[match.end() : span[0]]) for match in matches)


def _is_behind_carrier(prose: str, span: tuple[int, int], keyed: Mapping[str, Fact]) -> bool:
    """What stands right behind the carrier's name is the parcel's number."""
    forms = keyed["carrier"].spellings if "carrier" in keyed else ()
    return any(prose[: span[0]].rstrip(" ,:(-").endswith(form) for form in forms)


def _is_nearest(gaps: Mapping[str, int], own: set[str]) -> bool:
    """Or said to be more than what is nearer: "usually amounts to" is the usual amount."""
    nearest = min(gaps.values())
    beaten = {key for mine in own & gaps.keys() for key in lexicon().cues[mine].over}
    return any(gap == nearest and key in own | beaten for key, gap in gaps.items())


def _gaps(rest: str, around: tuple[int, int], span: tuple[int, int], keys: set[str], language: str) -> dict[str, int]:
    gaps: dict[str, int] = {}
    for key in keys & lexicon().cues.keys():
        cues = lexicon().cues[key]
        if cues.before[language].search(rest[: span[0]]) or cues.after[language].match(rest, span[1]):
            gaps[key] = _AT
            continue
        for match in cues.words[language].finditer(rest, *around):
            before = match.end() <= span[0]
            gap = span[0] - match.end() if before else match.start() - span[1] + _AFTER
            gaps[key] = min(gap, gaps.get(key, gap))
    return gaps


def _around(prose: str, span: tuple[int, int], pattern: re.Pattern[str]) -> tuple[int, int]:
    plain = _PARTS_OF_DATE.sub(" ", prose)
    starts = [match.end() for match in pattern.finditer(plain, 0, span[0])]
    after = pattern.search(plain, span[1])
    return (starts[-1] if starts else 0), (after.start() if after else len(prose))


def _rivals(key: str, keyed: Mapping[str, Fact]) -> frozenset[str]:
    """Other facts of the kind, in the same currency or unit, with another value."""
    fact = keyed[key]
    return frozenset(other for other, each in keyed.items() if other != key and _alike(fact, each))


def _alike(one: Fact, other: Fact) -> bool:
    if one.kind is not other.kind or one.kind in (FactKind.STATE, FactKind.LIST):
        return False
    if one.kind is FactKind.NAME:
        return one.spellings != other.spellings
    if one.kind is FactKind.ID:
        return one.en != other.en
    if one.day is not None:
        return one.day != other.day
    return one.value != other.value and one.currency == other.currency and one.units == other.units
