"""Facts as JSON: what a program may hand in, and what the lists of the tests hold. Knows no store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from deskhand.orders.units import UNIT_NAMES, UnitName
from deskhand.writing import facts
from deskhand.writing.facts import Fact

Json = Mapping[str, Any]


def facts_from_json(given: Mapping[str, Json]) -> dict[str, Fact]:
    """Each fact says its `kind`.

    Raises:
        KeyError, ValueError: no such kind, or something that this kind needs is missing or malformed.
    """
    return {key: _KINDS[value["kind"]](value) for key, value in given.items()}


def _name(value: Json) -> Fact:
    zh, en = value.get("zh") or value["en"], value.get("en") or value["zh"]
    return facts.name(zh, en, *value.get("also", ()))


def _lines(value: Json) -> Fact:
    return facts.listing(_line(each) for each in value["lines"])


def _line(value: Json) -> Fact:
    product = _name(value["product"])
    amount = facts.quantity(Decimal(value["quantity"]), _unit(value["unit"]), of=product.spellings)
    price = value.get("price")
    return facts.line(product, amount, None if price is None else facts.money(Decimal(price), value["currency"]))


def _unit(code: str) -> UnitName:
    """By its code, or by any other word for it."""
    if code in UNIT_NAMES:
        return UNIT_NAMES[code]
    return next((unit for unit in UNIT_NAMES.values() if code in unit.aliases), UnitName(code, code, code))


_KINDS: Mapping[str, Callable[[Json], Fact]] = {
    "name": _name,
    "id": lambda value: facts.identifier(value["value"]),
    "date": lambda value: facts.day(date.fromisoformat(value["value"])),
    "money": lambda value: facts.money(Decimal(value["amount"]), value["currency"]),
    "number": lambda value: facts.number(Decimal(value["value"])),
    "measure": lambda value: facts.measure(Decimal(value["value"]), value["unit"]),
    "state": lambda value: facts.state(value["value"]),
    "lines": _lines,
}
