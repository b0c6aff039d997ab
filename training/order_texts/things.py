"""Names, numbers, days and amounts of our own making, drawn at random. Knows nothing of texts."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from deskhand.orders.units import UNIT_NAMES
from deskhand.writing import Fact, facts

HERE = Path(__file__).parent
_CURRENCIES = ("CNY", "CNY", "CNY", "USD", "EUR", "GBP", "HKD")
_NUMBERS = (
    "SO-####", "SO-####", "SO-#####", "DH-#####", "SO#######", "@@-####", "@@####", "@##-####", "PO-2###-####",
    "########", "@@@-####-##", "S#-####", "ORD-######", "@@-##-####", "XS2###0###-##", "@##@###",
)  # fmt: skip
_INVOICES = ("INV-####", "INV-2###-####", "FP-####", "FP2####", "########", "@@-####", "R-#####", "INV#####", "@#####")
_PARCELS = ("SF##########", "JD###########", "@@#########", "##############", "1Z###@#####", "DB######", "@@-########")
_BATCHES = ("B##", "K#", "WO-####", "WO-2###-##-##", "L####@", "P-##-##", "@@##", "####", "LOT-###")
_MIXED = 0.12  # share of names in the other language's script


@cache
def words() -> Mapping[str, Any]:
    content: dict[str, Any] = yaml.safe_load((HERE / "names.yml").read_text(encoding="utf-8"))
    return content


@cache
def _characters() -> Sequence[str]:
    """The 3755 commonest Chinese ones: the first level of GB 2312."""
    codes = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return [code.decode("gb2312") for code in codes if code < b"\xd7\xfa"]


def number(draw: Random, patterns: Sequence[str] = _NUMBERS) -> Fact:
    """@ is a letter, # a digit; the first digit of a run is none."""
    pattern, said = draw.choice(patterns), ""
    for sign in pattern:
        first = not said[-1:].isdigit()
        digits = "123456789" if first else string.digits
        said += draw.choice(string.ascii_uppercase) if sign == "@" else draw.choice(digits) if sign == "#" else sign
    return facts.identifier(said)


def invoice_number(draw: Random) -> Fact:
    return number(draw, _INVOICES)


def parcel_number(draw: Random) -> Fact:
    return number(draw, _PARCELS)


def batch_number(draw: Random) -> Fact:
    return number(draw, _BATCHES)


def _coined(draw: Random) -> str:
    return "".join(draw.choices(_characters(), k=draw.choice((2, 2, 2, 3, 4))))


def _latin(draw: Random) -> str:
    en = words()["en"]
    return str(draw.choice(en["starts"]) + draw.choice(en["ends"]))


def company(draw: Random, language: str) -> str:
    zh, en = words()["zh"], words()["en"]
    if (draw.random() < _MIXED) == (language == "zh"):
        name = f"{_latin(draw)} {draw.choice(en['trades'])} {draw.choice(en['forms'])}".strip()
        return name if draw.random() < 0.8 else f"{_latin(draw)} {name}"
    name = (draw.choice(zh["places"]) if draw.random() < 0.5 else "") + _coined(draw)
    return name + (draw.choice(zh["trades"]) if draw.random() < 0.8 else "") + str(draw.choice(zh["forms"]))


def person(draw: Random, language: str) -> str:
    zh, en = words()["zh"], words()["en"]
    if language == "zh":
        given = draw.choice(zh["given"]) if draw.random() < 0.5 else "".join(draw.choices(_characters(), k=2))
        return str(draw.choice(zh["surnames"])) + str(given)
    return f"{draw.choice(en['first'])} {_latin(draw)}"


def customer(draw: Random, language: str) -> Fact:
    """A company, and now and then somebody."""
    return facts.name(person(draw, language) if draw.random() < 0.15 else company(draw, language))


def address(draw: Random, language: str) -> Fact:
    zh, en = words()["zh"], words()["en"]
    if (draw.random() < _MIXED) == (language == "zh"):
        road = draw.choice(en["roads"]) if draw.random() < 0.6 else f"{_latin(draw)} Road"
        return facts.name(f"{draw.randint(1, 399)} {road}, {draw.choice(en['towns'])}")
    at = str(draw.choice(zh["places_in"])).format(n=draw.randint(1, 2999), m=draw.randint(1, 30))
    road = draw.choice(zh["roads"]) if draw.random() < 0.5 else _coined(draw) + draw.choice("路街道巷")
    region = draw.choice(zh["regions"]) if draw.random() < 0.6 else _coined(draw)[:2] + "市"
    return facts.name(region + (draw.choice(zh["districts"]) if draw.random() < 0.6 else "") + road + at)


def carrier(draw: Random) -> Fact:
    zh, en = words()["zh"], words()["en"]
    if draw.random() < 0.45:
        return facts.name(draw.choice(zh["carriers"]), draw.choice(en["carriers"]))
    coined = "".join(draw.choices(_characters(), k=2)) + draw.choice(zh["carrier_forms"])
    return facts.name(coined, f"{_latin(draw)} {draw.choice(en['carrier_forms'])}")


def day(draw: Random) -> Fact:
    return facts.day(date(2024, 1, 1) + timedelta(days=draw.randrange(3200)))


def days_in_turn(draw: Random, count: int) -> list[Fact]:
    """Different days, one after another."""
    at = date(2024, 1, 1) + timedelta(days=draw.randrange(3000))
    found = []
    for _ in range(count):
        at += timedelta(days=draw.randint(1, 45))
        found.append(facts.day(at))
    return found


def money(draw: Random, currency: str = "") -> Fact:
    currency = currency or draw.choice(_CURRENCIES)
    whole = int(10 ** draw.uniform(0.8, 6.3))
    cents = draw.choice((0, 0, 50, draw.randrange(100), draw.randrange(100)))
    return facts.money(Decimal(f"{whole}.{cents:02d}"), currency)


def product(draw: Random) -> Fact:
    chosen = words()
    zh, en = draw.choice(chosen["goods"])
    if draw.random() < 0.35:
        kind = draw.choice(chosen["kinds"])
        zh, en = f"{kind[0]}{zh}", f"{kind[1]} {en}"
    if draw.random() < 0.35:
        size = draw.choice(chosen["sizes"])
        zh, en = f"{size}{zh}", f"{size} {en}"
    if draw.random() < 0.15:
        zh, en = f"{_coined(draw)}{zh}", f"{_latin(draw)} {en}"
    return facts.name(zh, en)


def paper(draw: Random) -> Fact:
    zh, en = draw.choice(words()["papers"])
    if draw.random() < 0.5:
        grams = draw.choice((60, 70, 75, 80, 90, 100, 120, 157, 200))
        return facts.name(f"{zh} {grams}克", f"{en}, {grams} g" if draw.random() < 0.5 else f"{en} {grams} g")
    return product(draw) if draw.random() < 0.4 else facts.name(zh, en)


def lines(draw: Random) -> Fact:
    """One to six goods, each another one; few more often than many."""
    chosen = {each.zh: each for each in (product(draw) for _ in range(draw.choice((1, 1, 1, 2, 2, 2, 3, 3, 4, 6))))}
    return facts.listing(_line(draw, each) for each in chosen.values())


def _line(draw: Random, what: Fact) -> Fact:
    count = Decimal(draw.choice((draw.randint(1, 12), draw.randint(2, 99), draw.randint(100, 5000))))
    unit = UNIT_NAMES[draw.choice(list(UNIT_NAMES))]
    if unit.zh == "公斤" and draw.random() < 0.5:
        count = Decimal(f"{draw.randint(1, 90)}.5")
    return facts.line(what, facts.quantity(count, unit, of=what.spellings))
