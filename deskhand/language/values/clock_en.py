"""Times of day in English: 3pm, half past five, quarter to six, seven thirty, 15:30, noon, 8 in the evening."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

from deskhand.language.values.pieces import Piece
from deskhand.language.values.words_en import NUMBER, amount_of
from deskhand.numerals import MONTHS, ONES, TEENS, WEEKDAYS

_ONES = "|".join(ONES)
_TEENS = "|".join(TEENS)
_HOURS = f"{_ONES}|ten|eleven|twelve"
_HOUR = rf"(?:\d{{1,2}}|{_HOURS})"
_AMPM = r"(?P<x>[ap])(?:\.? ?m\b\.?|(?![A-Za-z]))"
_AMPM_FULL = r"(?P<x>[ap])\.? ?m\b\.?"
_MINUTE_WORDS = (
    rf"(?:oh[- ](?:{_ONES})|(?:twenty|thirty|forty|fifty)(?:[- ](?:{_ONES}))?"
    rf"|{_TEENS})"
)
_FIGURES = re.compile(
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-4]) ?: ?(?P<m>[0-5]\d)(?: ?: ?(?P<s>[0-5]\d)(?:\.\d+)?)?(?:Z|z)?"
    rf"(?: ?{_AMPM})?(?![\d:])",
    re.IGNORECASE,
)
_DOTTED = re.compile(rf"(?<![\d:.])(?P<h>1?\d)\.(?P<m>[0-5]\d) ?{_AMPM_FULL}", re.IGNORECASE)
_HOUR_AMPM = re.compile(
    rf"(?<![\w:.$])(?P<h>1?\d|{_HOURS})(?: o'?clock)? ?{_AMPM_FULL}|(?<![\w:.$])(?P<h2>1?\d)(?P<y>[ap])(?![A-Za-z])",
    re.IGNORECASE,
)
_PACKED = re.compile(rf"(?<![\w:.$])(?P<h>1[0-2]|0?[1-9])(?P<m>[0-5]\d) ?{_AMPM_FULL}", re.IGNORECASE)
_OCLOCK = re.compile(rf"\b(?P<h>{_HOUR}) ?o ?['`]? ?clock\b", re.IGNORECASE)
_PAST = re.compile(
    rf"\b(?:(?P<q>(?:a )?quarter|half)|(?:(?P<n>\d{{1,2}}|{NUMBER})(?P<min> min(?:ute)?s?)?))"
    r" (?P<d>past|after|to|of|before|till?) "
    rf"(?P<h>{_HOUR})(?!\d|:\d)(?P<sure> ?{_AMPM_FULL}| o'?clock)?\b(?!-| ?(?:%|[$€£]))",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    rf"(?<![\w-])(?P<h>{_HOURS})[- ](?P<m>{_MINUTE_WORDS})(?: ?{_AMPM_FULL})?\b"
    r"(?!-| (?:hundred|thousand|million|boxes|units|packs|people|dollars|percent|of)|[%$])",
    re.IGNORECASE,
)
_END = (
    r"(?=$|[,;!?，。]|\.(?!\d)| (?:on|in|at|this|to|today|tonight|tomorrow|tmr|yesterday|for|and|or|sharp|please"
    rf"|if|when|every|next|last|the|with|but|then|{'|'.join(WEEKDAYS)}|{'|'.join(name[:3] for name in MONTHS)}"
    r"|is|would|works|morning)\w*)"
)
_NOTHING_COUNTED = re.compile(_END, re.IGNORECASE)
_AT = re.compile(
    r"(?:\bat|@|\baround|\babout(?= [^ ]+ (?:o'clock|tomorrow|today|tonight|on)))(?: about| around)? ?"
    rf"(?P<h>[01]?\d(?![\d:.]\d|\d)|2[0-4](?!\d)|{_HOURS}){_END}",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"(?<![\w:.$,-])(?P<h>1?\d|{_HOURS})"
    r"(?=,? (?:tonight|(?:in the|this|at|tomorrow|yesterday) (?:morning|afternoon|evening|night)\b))"
    rf"|(?<=tonight )(?P<h2>1?\d|{_HOURS})(?![\w:]| ?[ap]\.?m)",
    re.IGNORECASE,
)
_NOON = re.compile(
    r"\b(?:(?:12 ?)?(?P<noon>noon(?:ish)?|mid[- ]?day)|(?:12 ?)?(?P<midnight>mid[- ]?night)|(?P<ten>mid[- ]?morning)"
    r"|(?P<two>mid[- ]?afternoon))\b",
    re.IGNORECASE,
)
_NOONS = {"noon": 12, "midnight": 0, "ten": 10, "two": 14}
_ISH = re.compile(rf"\b(?P<h>1?\d|{_HOURS})-?ish\b", re.IGNORECASE)
_PART = re.compile(r"\b(?:in the |at |the )?(?P<p>morning|afternoon|evening|night)\b", re.IGNORECASE)
_RANGE_BEFORE = re.compile(r"(?:from|between) $", re.IGNORECASE)


def pieces_in(text: str) -> Iterator[Piece]:
    """Every clock time and part of the day of a plain text."""
    for pattern in (_FIGURES, _DOTTED, _PACKED, _HOUR_AMPM, _WRITTEN, _ISH, _OCLOCK, _AT, _BESIDE):
        for match in pattern.finditer(text):
            yield from _said(match)
    for match in _PAST.finditer(text):
        yield from _past(text, match)
    for match in _NOON.finditer(text):
        yield Piece(*match.span(), clock=time(_NOONS[match.lastgroup or "noon"]), settled=True)
    for match in _PART.finditer(text):
        yield Piece(*match.span(), part=match["p"].lower())


def _int(said: str) -> int:
    return int(amount_of(re.sub(r"^oh[- ]", "", said.lower())))


def _said(match: re.Match[str]) -> Iterator[Piece]:
    groups = match.groupdict()
    hour, minute = _int(groups.get("h2") or groups["h"]), _int(groups.get("m") or "0")
    second, mark = int(groups.get("s") or 0), (groups.get("y") or groups.get("x") or "").lower()
    beside = match.re in {_AT, _BESIDE}
    yield from _at(
        match.span("h2" if groups.get("h2") else "h") if beside else match.span(), hour * 60 + minute, second, mark
    )


def _past(text: str, match: re.Match[str]) -> Iterator[Piece]:
    """Ten to nine is a time, from ten to nine is two; "five of six" needs its minutes said."""
    if _RANGE_BEFORE.search(text[: match.start()]) or not _is_past(text, match):
        return
    if match["q"]:
        minutes = 30 if match["q"].lower() == "half" else 15
    else:
        minutes = _int(match["n"])
    if match["d"].lower() in {"to", "of", "before", "till", "til"}:
        minutes = -minutes
    elif not 0 < minutes < 60:
        return
    yield from _at(match.span(), _int(match["h"]) * 60 + minutes, 0, (match["x"] or "").lower())


def _is_past(text: str, match: re.Match[str]) -> bool:
    """Five to ten boxes are no time: bare numbers want the word past or to, and nothing counted behind them."""
    if match["q"] or match["min"] or match["sure"]:
        return True
    if match["d"].lower() not in {"past", "to", "till", "til"} or match["n"].isdigit() or match["h"].isdigit():
        return False
    return _int(match["n"]) % 5 == 0 and bool(_NOTHING_COUNTED.match(text, match.end()))


def _at(span: tuple[int, int], minutes: int, second: int = 0, mark: str = "") -> Iterator[Piece]:
    hour, minute = divmod(minutes, 60)
    if mark and 1 <= hour <= 12:
        hour = hour % 12 + (12 if mark == "p" else 0)
    if 0 <= hour <= 24 and (hour < 24 or not minute):
        settled = bool(mark) or not 1 <= hour <= 12
        yield Piece(*span, clock=time(hour % 24, minute, second), settled=settled)
