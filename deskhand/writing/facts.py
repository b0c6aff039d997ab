"""What a text may say: facts, and how each is written in both languages. Knows nothing of checking or asking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from deskhand.numerals import MONTHS
from deskhand.orders.units import UnitName
from deskhand.writing.lexicon import lexicon

LANGUAGES = ("zh", "en")

_CHINESE_CURRENCY = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "HKD": "港元"}

# Units of what is measured: Chinese, English singular and plural, then other ways to write them.
MEASURES: Mapping[str, tuple[str, ...]] = {
    "g/m²": ("g/m²", "g/m²", "g/m²", "g/m2", "gsm", "克", "克/平方米", "克每平方米", "g"),
    "%": ("%", "%", "%", "percent", "per cent"),
    "% off": ("% off", "% off", "% off"),
    "mm": ("mm", "mm", "mm", "毫米", "millimetre", "millimetres", "millimeter", "millimeters"),
    "sheets": ("张", "sheet", "sheets", "片"),
    "days": ("天", "day", "days", "日", "个自然日", "calendar day", "calendar days"),
    "months": ("个月", "month", "months"),
    "hours": ("小时", "hour", "hours", "个小时"),
}


class FactKind(StrEnum):
    """What a fact is decides which ways of writing it are right."""

    NAME = "name"  # person, company, product, or any words taken as they are (address)
    ID = "id"  # SO-1001, SF1234567890, an e-mail address, a URL
    NUMBER = "number"
    QUANTITY = "quantity"  # a number of something, in a unit
    MONEY = "money"
    DATE = "date"
    STATE = "state"  # how something stands: shipped, rejected; which words say so is the lexicon's
    LIST = "list"  # of facts: the lines of an order


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `forms` are further right spellings; `of` names what a quantity counts or a price is of.

    `code` is that of a state.
    """

    kind: FactKind
    zh: str
    en: str
    forms: tuple[str, ...] = ()
    value: Decimal | None = None
    day: date | None = None
    currency: str | None = None
    units: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    parts: tuple[Fact, ...] = ()
    code: str = ""

    def say(self, language: str) -> str:
        return self.zh if language == "zh" else self.en

    @property
    def spellings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(form for form in (self.zh, self.en, *self.forms) if form))


Facts = Mapping[str, Fact | str]


def name(zh: str, en: str | None = None, *aliases: str) -> Fact:
    return Fact(FactKind.NAME, zh, en or zh, aliases)


def identifier(value: str) -> Fact:
    return Fact(FactKind.ID, value, value)


def number(value: Decimal | int) -> Fact:
    shown = plain(Decimal(value))
    return Fact(FactKind.NUMBER, shown, shown, value=Decimal(value))


def money(amount: Decimal, currency: str) -> Fact:
    """1,234.50元 and CNY 1,234.50."""
    shown = f"{amount:,}"
    zh = f"{shown}{_CHINESE_CURRENCY[currency]}" if currency in _CHINESE_CURRENCY else f"{currency} {shown}"
    return Fact(FactKind.MONEY, zh, f"{currency} {shown}", value=amount, currency=currency)


def day(value: date) -> Fact:
    """2026年11月21日 and 21 November 2026: the date in full, as it is said back everywhere."""
    english = f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return Fact(FactKind.DATE, f"{value.year}年{value.month}月{value.day}日", english, day=value)


def quantity(value: Decimal, unit: UnitName, of: Iterable[str] = ()) -> Fact:
    """20箱 and 20 boxes; `of` are the names of the product that is counted."""
    shown = plain(value)
    english = f"{shown} {unit.en if value == 1 else unit.en_plural}"
    return Fact(FactKind.QUANTITY, f"{shown}{unit.zh}", english, value=value, units=words_of(unit), of=tuple(of))


def words_of(unit: UnitName) -> tuple[str, ...]:
    """Every way to write it."""
    return tuple(dict.fromkeys((unit.zh, unit.en, unit.en_plural, *unit.aliases)))


def measure(value: Decimal | int, unit: str) -> Fact:
    """30天 and 30 days, 79.2 g/m²: a value in one of the units of `MEASURES`.

    Raises:
        KeyError: no such unit.
    """
    shown, chinese, (one, many) = plain(Decimal(value)), MEASURES[unit][0], MEASURES[unit][1:3]
    spaced = f" {chinese}" if chinese[:1].isascii() and chinese != "%" else chinese
    english = f"{shown} {one if value == 1 else many}"
    return Fact(FactKind.QUANTITY, f"{shown}{spaced}", english, value=Decimal(value), units=MEASURES[unit])


def state(code: str) -> Fact:
    """How something stands.

    Raises:
        KeyError: the lexicon has no words by which it is said.
    """
    zh, en = lexicon().said(code)
    return Fact(FactKind.STATE, zh, en, code=code)


def line(product: Fact, amount: Fact, price: Fact | None = None) -> Fact:
    """A4纸20箱 and 20 boxes of A4 paper: one line of an order; `price` may be told of it, and need not.

    螺栓 M8 20个: a name that ends in a digit or a letter would run into the number.
    """
    english, between = f"{amount.en} of {product.en}", " " if product.zh[-1:].isascii() else ""
    parts = (product, amount) if price is None else (product, amount, replace(price, of=product.spellings))
    return Fact(FactKind.LIST, f"{product.zh}{between}{amount.zh}", english, parts=parts)


def listing(parts: Iterable[Fact]) -> Fact:
    items = tuple(parts)
    chinese, english = "、".join(item.zh for item in items), "; ".join(item.en for item in items)
    return Fact(FactKind.LIST, chinese, english, parts=items)


def plain(value: Decimal) -> str:
    """20 and 2.5, never 20.00 or 2E+1."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_ID = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_/-]*|\S+@\S+|https?://\S+")
_NUMBER = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?")


def as_fact(value: Fact | str) -> Fact:
    """A plain string is taken for what it looks like: a date, a number, an id, else a name."""
    if isinstance(value, Fact):
        return value
    text = value.strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return day(date.fromisoformat(text))
    if _NUMBER.fullmatch(text):
        return number(Decimal(text.replace(",", "")))
    return identifier(text) if _ID.fullmatch(text) else name(text)


def leaves(fact: Fact) -> tuple[Fact, ...]:
    """The fact itself, or what a list is made of."""
    if fact.kind is not FactKind.LIST:
        return (fact,)
    return tuple(leaf for part in fact.parts for leaf in leaves(part))
