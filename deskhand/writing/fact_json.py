"""Facts as JSON: what a program may hand in, what is kept with a text, what lists of texts hold. Knows no store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from deskhand.orders.units import UNIT_NAMES, UnitName
from deskhand.writing import facts
from deskhand.writing.facts import MEASURES, Fact, FactKind, Facts, as_fact

Json = Mapping[str, Any]


def facts_from_json(given: Mapping[str, Json]) -> dict[str, Fact]:
    """Each fact says its `kind`.

    Raises:
        KeyError, ValueError: no such kind, or something that this kind needs is missing or malformed.
    """
    return {key: _KINDS[value["kind"]](value) for key, value in given.items()}


def facts_as_json(given: Facts) -> dict[str, dict[str, Any]]:
    """What `facts_from_json` reads as the same facts; those that aren't there are left out."""
    return {key: _json(as_fact(fact)) for key, fact in given.items() if fact}


def _json(fact: Fact) -> dict[str, Any]:
    if fact.kind is FactKind.NAME:
        return {"kind": "name", **_names(fact)}
    if fact.kind is FactKind.ID:
        return {"kind": "id", "value": fact.zh}
    if fact.day is not None:
        return {"kind": "date", "value": fact.day.isoformat()}
    if fact.kind is FactKind.MONEY:
        return {"kind": "money", "amount": str(fact.value), "currency": fact.currency}
    if fact.kind is FactKind.NUMBER:
        return {"kind": "number", "value": str(fact.value)}
    if fact.kind is FactKind.STATE:
        return {"kind": "state", "value": fact.code}
    if fact.kind is FactKind.LIST:
        return {"kind": "lines", "lines": [_line_json(each) for each in fact.parts]}
    return {"kind": "measure", "value": str(fact.value), "unit": _MEASURED[fact.units]}


def _names(fact: Fact) -> dict[str, Any]:
    return {"zh": fact.zh, "en": fact.en, **({"also": [*fact.forms]} if fact.forms else {})}


def _line_json(fact: Fact) -> dict[str, Any]:
    product, amount, *prices = fact.parts
    unit = next((code for code, known in UNIT_NAMES.items() if facts.words_of(known) == amount.units), amount.units[0])
    said: dict[str, Any] = {"product": _names(product), "quantity": str(amount.value), "unit": unit}
    return said | {k: v for each in prices for k, v in (("price", str(each.value)), ("currency", each.currency))}


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


_MEASURED = {units: unit for unit, units in MEASURES.items()}
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
