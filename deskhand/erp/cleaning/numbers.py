"""Numbers and amounts as cells hold them -> Decimals. What a column decides (its decimal sign) is asked for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from deskhand.erp.cleaning.grouped import Asked, Digits, digits
from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.numerals import in_words, named_coin
from deskhand.erp.cleaning.outcome import Refusal
from deskhand.erp.cleaning.rules import DecimalSign
from deskhand.erp.cleaning.signs import Around, apart, currencies_of
from deskhand.erp.cleaning.texts import narrow, tidy
from deskhand.erp.findings import Reason

PLACES = Decimal("0.0001")  # of quantities and prices: what the store keeps
_ONE = Decimal(1)
_LONGEST = 100  # characters of a number
_LARGEST = Decimal(10) ** 14
_SIMPLE = re.compile(r"-?(?:0|[1-9]\d{0,13})(?:\.(?:\d{1,2}|\d{4,8}))?", re.ASCII)
EXPONENT = re.compile(r"(?P<mantissa>-?\d+(?:[.,](?P<places>\d+))?)[eE](?P<exponent>(?P<plus>\+)?-?\d{1,3})", re.ASCII)
_NO_COINS = re.compile(r"(?<=\d)[.,]-{1,2}$")  # 1'200.-
_FOLD = re.compile(r"(?P<number>\d(?:\.\d+)?|\d\d|[一二三四五六七八九]{1,2}) ?折")
_FOLD_DIGITS = {character: str(n) for n, character in enumerate("一二三四五六七八九", 1)}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and what its writing showed. `shows` is the decimal sign that only it can mean."""

    value: Decimal
    changes: tuple[Change, ...] = ()
    currencies: frozenset[str] = frozenset()
    percent: bool = False
    unit: str = ""
    shows: DecimalSign | None = field(default=None, compare=False)


def number(text: str, ask: Asked) -> Number:
    """Reads a text.

    Raises:
        Refusal: not a number, too large, its digits lost, or its decimal sign unclear.
    """
    if len(text) > _LONGEST:
        raise Refusal(Reason.NOT_A_NUMBER)
    if _SIMPLE.fullmatch(text):
        return Number(Decimal(text) + 0, shows=DecimalSign.POINT if "." in text else None)
    tidied, changes = tidy(text)
    if not tidied.isascii() and any(unicodedata.category(character) == "No" for character in tidied):
        raise Refusal(Reason.NOT_A_NUMBER)  # 10² is not 102, and ½ no 12
    plain = narrow(tidied).strip().replace("\u2019", "'").replace("\u02bc", "'").lstrip("'")
    changes += (Change.FULL_WIDTH,) if plain != tidied and Change.FULL_WIDTH not in changes else ()
    found = _read(_western(" ".join(plain.split())), ask)
    if abs(found.value) >= _LARGEST:
        raise Refusal(Reason.NUMBER_TOO_LARGE)
    return Number(found.value + 0, changes + found.changes, found.currencies, found.percent, found.unit, found.shows)


def _western(text: str) -> str:
    """Arabic and Indian digits as ours."""
    return text if text.isascii() else "".join(str(int(c)) if c.isdecimal() else c for c in text)


def _read(text: str, ask: Asked) -> Number:
    text = _NO_COINS.sub("", text)
    exponent = EXPONENT.fullmatch(text)
    if exponent:
        return Number(scientific(exponent), (Change.EXPONENT,))
    fold = _FOLD.fullmatch(text)
    if fold:
        return Number(_discount(fold["number"]), (Change.PERCENT,), percent=True)
    try:
        around = apart(text)
        return _dressed(around, digits(around.number, ask))
    except Refusal as refusal:
        spoken = in_words(text) if refusal.reason is Reason.NOT_A_NUMBER else None
        if spoken is None:
            raise
        return Number(spoken, (Change.NUMERAL,), currencies_of(named_coin(text)))


def scientific(match: re.Match[str]) -> Decimal:
    """1.5E7 is what programs write and exact; 1.23457E+12 is what spreadsheets leave of a longer number.

    Raises:
        Refusal: digits are lost, or it is out of all proportion.
    """
    places, power = len(match["places"] or ""), int(match["exponent"])
    if match["plus"] and power > places:
        raise Refusal(Reason.DIGITS_LOST)
    if abs(power) > 30:
        raise Refusal(Reason.NUMBER_TOO_LARGE if power > 0 else Reason.NOT_A_NUMBER)
    return Decimal(match["mantissa"].replace(",", ".")).scaleb(power) + 0


def _dressed(around: Around, read: Digits) -> Number:
    value = -read.value if around.negative else read.value
    flags = (
        (Change.THOUSANDS, read.thousands),
        (Change.DECIMAL_COMMA, read.decimal_sign is DecimalSign.COMMA),
        (Change.CURRENCY_SIGN, bool(around.currencies)),
        (Change.NEGATIVE, around.turned),
        (Change.PERCENT, around.percent),
        (Change.UNIT_TAKEN_OFF, bool(around.unit)),
    )
    changes = tuple(change for change, holds in flags if holds)
    value = value / around.coin if around.coin else value / 100 if around.percent else value
    return Number(value, changes, around.currencies, around.percent, around.unit, read.decimal_sign)


def _discount(said: str) -> Decimal:
    """9折 is ten per cent off, 85折 fifteen."""
    plain = "".join(_FOLD_DIGITS.get(character, character) for character in said)
    tenths = Decimal(plain) if "." in plain or len(plain) == 1 else Decimal(plain) / 10
    return 1 - tenths / 10


def rounded(value: Decimal) -> Decimal:
    """Half-up to four places, without needless zeros: one number has one form."""
    short = value.quantize(PLACES, rounding=ROUND_HALF_UP)
    return short.quantize(_ONE) if short == short.to_integral_value() else short.normalize()
