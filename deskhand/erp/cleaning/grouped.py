"""Digits with signs between them -> a number: 1,200.00, 1.200,00, 1'200, 1 200, 12,34,567.89. Knows no currency."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from deskhand.erp.cleaning.outcome import Refusal
from deskhand.erp.cleaning.rules import DecimalSign
from deskhand.erp.findings import Reason

Asked = Callable[[], DecimalSign | None]
_BY_SPACE = re.compile(r"\d{1,3}(?:([ '])\d{3})(?:\1\d{3})*(?=$|[.,])")
_THREES = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")
_MYRIADS = re.compile(r"\d{1,4}(?:,\d{4})+")
POINT, COMMA = DecimalSign.POINT, DecimalSign.COMMA
_OTHER = {",": ".", ".": ","}


@dataclass(frozen=True, slots=True)
class Digits:
    """A number without its sign.

    Attributes:
        decimal_sign: what it shows to be its column's decimal sign; None when it shows neither.
    """

    value: Decimal
    decimal_sign: DecimalSign | None = None
    thousands: bool = False


def digits(text: str, ask: Asked) -> Digits:
    """`ask` is called for what can be read both ways, 1,234 and 1.234, and says the column's decimal sign.

    Raises:
        Refusal: not a number, or nobody can say which.
    """
    spaced = _BY_SPACE.match(text)
    if spaced:
        return _after_spaces(text, spaced.end())
    commas, points = text.count(","), text.count(".")
    if not commas and not points:
        return Digits(_decimal(text))
    if commas and points:
        return _with_both(text, max(",", ".", key=text.rfind))
    sign = "," if commas else "."
    return _with_many(text, sign) if commas + points > 1 else _with_one(text, sign, ask)


def _after_spaces(text: str, end: int) -> Digits:
    """Thousands were parted by spaces or apostrophes, so what comes then is the decimal sign."""
    whole, rest = text[:end].replace(" ", "").replace("'", ""), text[end:]
    if not rest:
        return Digits(_decimal(whole), None, thousands=True)
    return Digits(_decimal(f"{whole}.{rest[1:]}"), DecimalSign(rest[0]), thousands=True)


def _with_both(text: str, sign: str) -> Digits:
    whole, _, fraction = text.rpartition(sign)
    if sign in whole or not _is_grouped(whole):
        raise Refusal(Reason.NOT_A_NUMBER)
    plain = whole.replace(_OTHER[sign], "")
    return Digits(_decimal(f"{plain}.{fraction}"), DecimalSign(sign), thousands=True)


def _with_many(text: str, sign: str) -> Digits:
    if not _is_grouped(text):
        raise Refusal(Reason.NOT_A_NUMBER)
    return Digits(_decimal(text.replace(sign, "")), DecimalSign(_OTHER[sign]), thousands=True)


def _is_grouped(text: str) -> bool:
    if text[0] == "0":
        return False
    return bool(_THREES.fullmatch(text) or _INDIAN.fullmatch(text) or _MYRIADS.fullmatch(text))


def _with_one(text: str, sign: str, ask: Asked) -> Digits:
    whole, _, fraction = text.partition(sign)
    if not could_be_either(whole, fraction):
        return Digits(_decimal(f"{whole or 0}.{fraction}"), DecimalSign(sign))
    decimal = ask()
    if decimal is None:
        raise Refusal(Reason.DECIMAL_SIGN_UNCLEAR)
    if decimal == sign:
        return Digits(_decimal(f"{whole}.{fraction}"), None)
    return Digits(_decimal(whole + fraction), None, thousands=True)


def could_be_either(whole: str, fraction: str) -> bool:
    """1,234 and 1.234 are a thousand and more, or one and a bit; 0,123 and 1234,567 can't be grouped like this."""
    return len(fraction) == 3 and 0 < len(whole) <= 3 and whole[0] != "0"


def _decimal(text: str) -> Decimal:
    whole, _, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit()) or (fraction and not (fraction.isascii() and fraction.isdigit())):
        raise Refusal(Reason.NOT_A_NUMBER)
    return Decimal(f"{whole}.{fraction}" if fraction else whole)
