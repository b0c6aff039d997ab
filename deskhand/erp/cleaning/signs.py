"""What stands around a number: signs and names of currencies, minus in all its forms, per cent, what is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from deskhand.erp.cleaning.outcome import Refusal
from deskhand.erp.findings import Reason
from deskhand.language.units import GENERAL
from deskhand.language.values.currencies import names, small_change, symbols

_SHARED = {
    "$": "USD CAD AUD NZD HKD SGD TWD MXN BRL CLP COP ARS JMD FJD NAD BZD BBD BMD BSD KYD TTD BND GYD XCD LRD",
    "dollar": "USD CAD AUD NZD HKD SGD TWD",
    "dollars": "USD CAD AUD NZD HKD SGD TWD",
    "¥": "CNY JPY",
    "円": "JPY",
    "元": "CNY TWD HKD MOP SGD USD JPY KRW",
    "圆": "CNY TWD HKD MOP JPY KRW",
    "块": "CNY TWD HKD",
    "元整": "CNY TWD HKD MOP",
    "元正": "CNY TWD HKD MOP",
    "£": "GBP EGP GIP FKP SHP SSP SYP LBP",
    "₨": "INR PKR LKR NPR MUR SCR",
    "rs": "INR PKR LKR NPR MUR SCR",
    "kr": "SEK NOK DKK ISK",
    "fr": "CHF XAF XOF",
    "r": "ZAR",
    "p": "PHP",
    "rmb元": "CNY",
}
_PARTS = re.compile(r"(?P<before>[^\d]*?)(?P<number>[.,]?\d(?:[\d.,' ]*\d)?[.,]?)(?P<after>[^\d]*)")
_MINUS = re.compile(r"[-+]")


@dataclass(frozen=True, slots=True)
class Around:
    """A number's core and what stood around it."""

    number: str
    negative: bool = False
    turned: bool = False  # negative in another form than -x
    percent: bool = False
    currencies: frozenset[str] = frozenset()
    coin: Decimal | None = None  # so many of these make one
    unit: str = ""


def apart(text: str) -> Around:
    """`text` is narrow and without space around it.

    Raises:
        Refusal: not a number.
    """
    text, bracketed = _unbracketed(text)
    match = _PARTS.fullmatch(text)
    if not match:
        raise Refusal(Reason.NOT_A_NUMBER)
    before, minus = _without_minus(match["before"])
    after, minus_after = _without_minus(match["after"])
    if bracketed + (minus == "-") + (minus_after == "-") > 1 or (minus_after == "+"):
        raise Refusal(Reason.NOT_A_NUMBER)
    negative = bracketed or "-" in (minus, minus_after)
    turned = bracketed or minus_after == "-"
    return _dressed([word for word in (before, after) if word], Around(match["number"], negative, turned))


def _unbracketed(text: str) -> tuple[str, bool]:
    inner = re.fullmatch(r"(?P<before>[^()\d]*)\((?P<inner>[^()]*)\)(?P<after>[^()\d]*)", text)
    if not inner or not any(map(str.isdigit, inner["inner"])):
        return text, False
    return f"{inner['before']}{inner['inner']}{inner['after']}".strip(), True


def _without_minus(words: str) -> tuple[str, str]:
    found = _MINUS.findall(words)
    if len(found) > 1:
        raise Refusal(Reason.NOT_A_NUMBER)
    return _MINUS.sub("", words).strip(), found[0] if found else ""


def _dressed(words: list[str], bare: Around) -> Around:
    percent = "%" in words
    found = [_word(word) for word in words if word != "%"]
    currencies = [codes for codes, _, _ in found if codes]
    shared = frozenset.intersection(*currencies) if currencies else frozenset()
    if (currencies and not shared) or (percent and found):
        raise Refusal(Reason.NOT_A_NUMBER)
    coin = next((coin for _, coin, _ in found if coin), None)
    unit = next((unit for _, _, unit in found if unit), "")
    return replace(bare, percent=percent, currencies=shared, coin=coin, unit=unit)


def _word(word: str) -> tuple[frozenset[str], Decimal | None, str]:
    """The currencies that a word can mean, how many coins of it make one, the unit that it is."""
    plain = word.strip(" .:()").lower() if len(word) > 1 else word
    codes = currencies_of(plain) or _said_twice(plain)
    if codes:
        return codes, None, ""
    coin = small_change(plain)
    if coin:
        return frozenset({coin[0]}), coin[1], ""
    if plain in GENERAL:
        return frozenset(), None, plain
    raise Refusal(Reason.NOT_A_NUMBER)


def _said_twice(words: str) -> frozenset[str]:
    """USD $: what both can mean."""
    first, _, second = words.partition(" ")
    return currencies_of(first) & currencies_of(second)


def currencies_of(word: str) -> frozenset[str]:
    """Every currency that people call so; `word` in lower case. 人民币1200元 says it twice, US$ once."""
    return _known().get(word, frozenset())


@lru_cache(maxsize=1)
def _known() -> dict[str, frozenset[str]]:
    known = {name: frozenset({code}) for name, code in {**names(), **symbols()}.items()}
    known |= {word: frozenset(codes.split()) for word, codes in _SHARED.items()}
    known |= {f"{sign}{code.lower()}": frozenset({code}) for sign, code in _PAIRS}
    return known | {f"{code.lower()}{sign}": frozenset({code}) for sign, code in _PAIRS}


_PAIRS = (
    ("$", "USD"),
    ("¥", "CNY"),
    ("¥", "JPY"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("$", "HKD"),
    ("$", "CAD"),
    ("$", "AUD"),
)
