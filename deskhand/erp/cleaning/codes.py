"""Numbers of things: order numbers, SKUs, tracking numbers, telephones. Leading zeros and letter case stay."""

from __future__ import annotations

import re
from decimal import Decimal

from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.numbers import EXPONENT, scientific
from deskhand.erp.cleaning.outcome import Read, Refusal
from deskhand.erp.cleaning.texts import LOST, narrow, tidy
from deskhand.erp.cleaning.words import is_missing
from deskhand.erp.findings import Reason

_FLOAT = re.compile(r"(?P<whole>-?\d+)\.0+", re.ASCII)
_LED = re.compile(r"^(?:No\.?|(?:运|快递|物流)?单号)\s*[:：]\s*(?=[A-Za-z0-9-]{6,}$)", re.IGNORECASE)
_SAFE = 10**15  # a spreadsheet keeps fifteen digits
_LARGEST = 10**60
_JOINERS = re.compile("[\u200c\u200d]")
_PHONE = re.compile(r"(?=(?:\D*\d){5})[+\d(][\d\s().+/~,;*#xXextEXT:转分机-]{4,60}")


def code(cell: object, longest: int = 200, of_goods: bool = False) -> Read:
    """The code as text; those of goods may end in inches. Raises Refusal: not a code, its digits lost, or too long."""
    if not isinstance(cell, str):
        return Read(_of_number(cell))
    tidied, changes = tidy(cell)
    plain = tidied if tidied.isascii() else tidy(_JOINERS.sub("", narrow(tidied)))[0]
    if plain != tidied and Change.FULL_WIDTH not in changes:
        changes = (*changes, Change.FULL_WIDTH)
    plain, changes = _bare(plain, changes, of_goods)
    if LOST in plain:
        raise Refusal(Reason.CHARACTERS_LOST)
    as_float = _FLOAT.fullmatch(plain)
    if as_float:
        plain, changes = as_float["whole"], (*changes, Change.SPREADSHEET_NUMBER)
    elif "E+" in plain.upper():
        plain, changes = _whole(plain, changes)
    if len(plain) > longest:
        raise Refusal(Reason.TOO_LONG, str(len(plain)))
    return Read(plain or None, changes)


def is_plain(cell: str, longest: int = 200) -> bool:
    """Whether a text is a code as it stands: nothing but ASCII letters and digits, and no word for nothing."""
    return cell.isascii() and cell.isalnum() and len(cell) <= longest and not is_missing(cell, in_text=False)


def _bare(plain: str, changes: tuple[Change, ...], of_goods: bool) -> tuple[str, tuple[Change, ...]]:
    """Without a quote that another one lacks, and without what leads it in (No:75312345)."""
    if not of_goods and plain.count('"') == 1 and '"' in (plain[0], plain[-1]):
        plain, changes = plain.strip('"').strip(), (*changes, Change.QUOTE)
    unled = _LED.sub("", plain, count=1)
    return (plain, changes) if unled == plain else (unled, (*changes, Change.SPELLING))


def _whole(text: str, changes: tuple[Change, ...]) -> tuple[str, tuple[Change, ...]]:
    """1.5E+1 of a spreadsheet is 15; 1.23457E+12 has lost digits."""
    exponent = EXPONENT.fullmatch(text)
    if not exponent:
        return text, changes
    value = scientific(exponent)
    if value != value.to_integral_value():
        raise Refusal(Reason.DIGITS_LOST)
    return str(int(value)), (*changes, Change.EXPONENT)


def _of_number(cell: object) -> str:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal)):
        raise Refusal(Reason.NOT_A_CODE)  # a date, say: spreadsheets make one of MAR1
    if isinstance(cell, float):
        if abs(cell) >= _SAFE:
            raise Refusal(Reason.DIGITS_LOST)
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, Decimal):
        if not cell.is_finite() or abs(cell) >= _LARGEST:
            raise Refusal(Reason.NOT_A_CODE)
        return str(int(cell)) if cell == cell.to_integral_value() else format(cell, "f")
    return str(cell)


def phone(cell: object) -> Read:
    """As given, without the space around it. Raises Refusal: fewer than five digits, or what no number has."""
    found = code(cell, 100)
    if found.value is not None and not _PHONE.fullmatch(str(found.value)):
        raise Refusal(Reason.NOT_A_PHONE)
    return found
