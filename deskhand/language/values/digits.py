"""Numerals in figures: 1,234.5, -3, 2 1/2, ½, 3.5 million, 10k, 1e6."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from deskhand.language.values.numeral import Numeral
from deskhand.numerals import GROUPS, SCALES

_PLAIN = (
    r"(?:\d{1,3}(?:[,，]\d{3})+(?![\d])(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+(?!\d)"
    r"|(?:(?<=[$€£¥])|(?=\d{1,3}(?: \d{3}){2}))\d{1,3}(?: \d{3})+(?!\d)"
    r"|(?<!\d,)\d+,\d{1,2}(?![\d,.]|,\d)|(?<!\d\.)\d+\.\d+(?!\.?\d)|\d+|\.\d+)"
)
_SCALES = {**SCALES, **GROUPS, "bn": 10**9, "mn": 10**6, "tn": 10**12, "mil": 10**6}
_LETTERS = {"k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9, "G": 10**9, "T": 10**12}
_SCALE_WORDS = "|".join(sorted(_SCALES, key=len, reverse=True))
_PATTERN = re.compile(
    r"(?<![\w.])(?P<whole>\d+)(?: +and)? +(?P<top>\d+)/(?P<bottom>\d+)(?![\d/])"
    r"|(?<![\d./])(?P<over>\d+)/(?P<under>\d+)(?![\d/])"
    r"|(?P<glyph>(?:(?<![\d.])\d+ ?)?[¼-¾⅐-⅞])"
    rf"|(?<!\d)(?P<number>{_PLAIN})"
    r"(?:[eE](?P<exponent>[+-]?\d+)(?![\w])|\^(?P<power>[+-]?\d+)"
    rf"|(?P<scales>(?: {{0,2}}-? ?(?i:{_SCALE_WORDS})(?![A-Za-z]))+)"
    r"|(?P<letter> {0,2}[kKM]|[BGT])(?![A-Za-z0-9/²³^-]))?"
)
_MINUS = re.compile(r"(?:(?:^|[^\w)\]%°℃])-|^- |[,;:(]- |(?<![\d一二三四五六七八九十])[一-鿿]-|负|零下 ?)$")
_CODE_BEFORE = re.compile(r"[A-Za-z_][-/]?$")


def numerals_in(text: str) -> Iterator[Numeral]:
    """Every numeral in figures of a plain text; a digit inside a code (A4, SKU-1002) is none."""
    for match in _PATTERN.finditer(text):
        if _CODE_BEFORE.search(text[max(0, match.start() - 2) : match.start()]) and not _is_currency(text, match):
            continue
        value = _value(match)
        if value is not None:
            yield _signed(text, match, value)


def _is_currency(text: str, match: re.Match[str]) -> bool:
    """USD30 and "x3" are no codes."""
    return bool(re.search(r"(?<![A-Za-z])(?:[A-Z]{3}|RMB|rmb|usd|[xX])$", text[: match.start()]))


def _value(match: re.Match[str]) -> Decimal | None:
    if match["glyph"]:
        return _glyph(match["glyph"])
    if match["bottom"] or match["under"]:
        top, bottom = Decimal(match["top"] or match["over"]), Decimal(match["bottom"] or match["under"])
        return Decimal(match["whole"] or 0) + top / bottom if bottom else None
    value = _plain(match["number"])
    if match["power"] or match["exponent"]:
        return _raised(value, match["power"], match["exponent"])
    for word in re.findall(r"[a-z]+", (match["scales"] or "").lower()):
        value *= _SCALES[word]
    return value * _LETTERS.get((match["letter"] or "").strip(), 1)


def _plain(said: str) -> Decimal:
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", said):
        said = said.replace(".", "").replace(",", ".")
    if re.fullmatch(r"\d+,\d{1,2}", said):
        return Decimal(said.replace(",", "."))
    return Decimal(re.sub("[ ,，]", "", said))


def _raised(value: Decimal, power: str | None, exponent: str | None) -> Decimal | None:
    if abs(int(power or exponent or 0)) > 60 or power and not value:
        return None
    return value ** int(power) if power else value.scaleb(int(exponent or 0))


def _glyph(said: str) -> Decimal:
    whole = said[:-1].strip()
    return Decimal(whole or 0) + Decimal(unicodedata.numeric(said[-1])).quantize(Decimal("1e-12"))


def _signed(text: str, match: re.Match[str], value: Decimal) -> Numeral:
    start, end = match.span()
    shape = "fraction" if match["bottom"] or match["under"] or match["glyph"] else "digits"
    before = text[max(0, start - 4) : start]
    if _MINUS.search(before):
        return Numeral(max(text.rfind(sign, 0, start) for sign in "-负零"), end, -value, shape)
    worded = re.search(r"\b(?:minus|negative) $", text[max(0, start - 10) : start], re.IGNORECASE)
    return (
        Numeral(worded.start() + max(0, start - 10), end, -value, shape)
        if worded
        else Numeral(start, end, value, shape)
    )
