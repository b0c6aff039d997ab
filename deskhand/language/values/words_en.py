"""English words of the calendar: ordinals, small numbers, spans of time, as patterns and as values."""

from __future__ import annotations

import re

from deskhand.language.values.english import PARTS, numerals_in
from deskhand.numerals import ONES, SMALL

_ORDINALS = {"first": 1, "second": 2, "third": 3} | {
    word: value for word, value in PARTS.items() if 4 <= value <= 20 and word != "quarter"
}
_ORDINALS |= {"thirtieth": 30, "twentieth": 20}
_FIRSTS = [word for word, value in _ORDINALS.items() if value < 10]
_TWENTIES = {
    f"{ties}{joint}{word}": base + _ORDINALS[word]
    for ties, base in (("twenty", 20), ("thirty", 30))
    for joint in ("-", " ")
    for word in _FIRSTS
}
ORDINALS = _ORDINALS | _TWENTIES
ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|" + "|".join(sorted(ORDINALS, key=len, reverse=True)) + r")(?![A-Za-z])"
DAY = rf"(?:{ORDINAL}|\d{{1,2}}(?![\d:%]|\.\d))"
_ONES = "|".join(ONES)
_NUMBER = "|".join(sorted(SMALL, key=len, reverse=True))
NUMBER = rf"(?:{_NUMBER})(?:[- ](?:{_ONES}))?"
AMOUNT = rf"(?:\d+(?:\.\d+)?|{NUMBER}|half an?|half|an?(?: couple(?: of)?)?|couple of|a hundred|one hundred)"
UNITS = {
    "day": "day", "week": "week", "wk": "week", "month": "month", "year": "year", "yr": "year",
    "fortnight": "fortnight", "decade": "decade", "hour": "hour", "hr": "hour", "h": "hour",
    "minute": "minute", "min": "minute",
    "second": "second", "sec": "second", "workday": "workday", "working day": "workday", "business day": "workday",
}  # fmt: skip
UNIT = "(?:" + "|".join(sorted(UNITS, key=len, reverse=True)) + r")s?(?![A-Za-z])"


def ordinal_of(word: str) -> int:
    """3 for 3rd, third and 3."""
    figures = re.match(r"\d+", word)
    return int(figures[0]) if figures else ORDINALS[re.sub(" +", " ", word.lower())]


def amount_of(word: str) -> float:
    """How many: 3, three, a, half a, a couple of."""
    said = word.lower().strip()
    if said.startswith("half"):
        return 0.5
    if "couple" in said:
        return 2
    if said in {"a", "an"}:
        return 1
    figures = re.fullmatch(r"\d+(?:\.\d+)?", said)
    return float(said) if figures else float(sum(numeral.value for numeral in numerals_in(said)))


def unit_of(word: str) -> str:
    """The unit of a span of time in the singular."""
    said = word.lower()
    return UNITS.get(said) or UNITS[said.removesuffix("s")]
