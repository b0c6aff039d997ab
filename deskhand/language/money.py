"""Amounts of money in a text, in either language."""

from __future__ import annotations

import re
from decimal import Decimal

from deskhand.language.numerals import NUMBER, tidy, value_of
from deskhand.language.readings import MoneyReading
from deskhand.language.text import normalise

_CURRENCIES = {
    "CNY": "人民币|cny|rmb|yuan|元人民币|¥|元",
    "USD": "us\\$|usd|美元|美金|dollars?|bucks?|\\$",
    "EUR": "eur|euros?|欧元|€",
    "GBP": "gbp|pounds?(?: sterling)?|英镑|quid|£",
    "JPY": "jpy|日元|日圆|yen|円",
    "HKD": "hk\\$|hkd|港币|港元",
    "TWD": "nt\\$|twd|新台币|台币",
    "KRW": "krw|韩元|₩",
    "INR": "inr|rupees?|卢比|₹",
    "AUD": "a\\$|au\\$|aud|澳元",
    "CAD": "c\\$|ca\\$|cad|加元",
    "SGD": "s\\$|sgd|新元|新加坡元",
    "CHF": "chf|瑞士法郎|swiss francs?",
    "RUB": "rub|卢布|rubles?|roubles?",
}
_ALL = "|".join(sorted("|".join(_CURRENCIES.values()).split("|"), key=len, reverse=True))
_BEFORE = re.compile(rf"(?<![A-Za-z])(?P<c>{_ALL}) ?$", re.IGNORECASE)
_AFTER = re.compile(
    rf" ?(?:(?P<c>{_ALL})(?![A-Za-z])|(?P<plain>块钱|块(?=[零一二三四五六七八九\d毛半]|$|[ ,。;!?])|元整))",
    re.IGNORECASE,
)
_CENTS_ZH = re.compile(
    r"(?P<jiao>[\d一二三四五六七八九])[角毛](?:(?P<fen>[\d一二三四五六七八九])分?)?|"
    r"(?P<bare>[\d一二三四五六七八九])(?![\d.])"
)
_CENTS_EN = re.compile(r"(?: and)? (?P<cents>\d{1,2}|[a-z]+(?:[- ][a-z]+)?) cents?\b", re.IGNORECASE)
_DIGIT = {c: n for n, c in enumerate("零一二三四五六七八九")} | {str(n): n for n in range(10)}
_GROUPS = [(re.compile(pattern, re.IGNORECASE), code) for code, pattern in _CURRENCIES.items()]


def _code(word: str) -> str:
    return next((code for pattern, code in _GROUPS if pattern.fullmatch(word)), "")


def read_money(text: str) -> tuple[MoneyReading, ...]:
    """Every amount with its currency: ¥1,200.50, 1万2元, 三块五, USD 30, twenty dollars and 5 cents."""
    plain = normalise(text)
    found = (_amount(plain, match) for match in NUMBER.finditer(plain))
    return tuple(reading for reading in found if reading)


def _amount(text: str, match: re.Match[str]) -> MoneyReading | None:
    value = value_of(match)
    if value is None:
        return None
    start, end = match.span()
    before, after = _BEFORE.search(text[:start]), _AFTER.match(text, end)
    if not before and not after:
        return None
    currency = _code(before["c"]) if before else ""
    if after:
        end, currency = after.end(), currency or (_code(after["c"]) if after["c"] else "CNY")
        chinese = _CENTS_ZH.match(text, end) if (after["plain"] or after["c"] in {"元", "块"}) else None
        english = _CENTS_EN.match(text, end)
        if chinese:
            value, end = value + _jiao(chinese), chinese.end()
        elif english and (cents := _english(english["cents"])) is not None:
            value, end = value + cents / 100, english.end()
    start = before.start() if before else start
    return MoneyReading(tidy(value), currency, text[start:end], (start, end))


def _jiao(match: re.Match[str]) -> Decimal:
    return Decimal(_DIGIT[match["jiao"] or match["bare"]]) / 10 + Decimal(_DIGIT.get(match["fen"] or "0", 0)) / 100


def _english(words: str) -> Decimal | None:
    match = NUMBER.fullmatch(words)
    return value_of(match) if match else None
