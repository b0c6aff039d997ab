"""English words of the calendar: months, weekdays, ordinals, small numbers, as patterns and as values."""

from __future__ import annotations

import re

from deskhand.language.values.english import PARTS, SMALL, numerals_in

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
WEEKDAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|weds?|wedn|thurs?|thu|fri|sat|sun)"
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
_NUMBER = "|".join(sorted(SMALL, key=len, reverse=True))
NUMBER = rf"(?:{_NUMBER})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
AMOUNT = rf"(?:\d+(?:\.\d+)?|{NUMBER}|half an?|half|an?(?: couple(?: of)?)?|couple of|a hundred|one hundred)"
UNITS = {
    "day": "day", "week": "week", "wk": "week", "month": "month", "year": "year", "yr": "year",
    "fortnight": "fortnight", "decade": "decade", "hour": "hour", "hr": "hour", "h": "hour",
    "minute": "minute", "min": "minute",
    "second": "second", "sec": "second", "workday": "workday", "working day": "workday", "business day": "workday",
}  # fmt: skip
UNIT = "(?:" + "|".join(sorted(UNITS, key=len, reverse=True)) + r")s?(?![A-Za-z])"


def month_of(word: str) -> int:
    """1 for January."""
    return _MONTHS.index(word[:3].lower()) + 1


def weekday_of(word: str) -> int:
    """0 for Monday."""
    return _DAYS.index(word[:3].lower())


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
