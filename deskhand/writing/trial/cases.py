"""The facts of texts that nobody has written yet, as the product would hand them in; the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from deskhand.orders.units import UNIT_NAMES
from deskhand.writing import facts
from deskhand.writing.facts import Fact

Known = dict[str, Fact]

_MODES = (("快递", "by courier"), ("自送", "by our own van"), ("仓库直发", "direct from our warehouse"))
_STATES = ("pending_confirmation", "confirmed", "shipped", "on_hold", "cancelled")
_CURRENCIES = ("CNY", "CNY", "USD", "EUR")
_FIRST_DAY = date(2026, 2, 1)
_MEASURED = {  # unit, least, most
    "grammage": ("g/m²", 60, 120),
    "moisture": ("%", 4, 7),
    "length": ("mm", 290, 300),
    "width": ("mm", 205, 215),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One text that is wanted. `asked`: what a customer wrote."""

    number: int
    job: str
    language: str
    facts: Mapping[str, Fact]
    asked: str = ""


def cases(
    count: int, seed: int, jobs: Sequence[str] = (), languages: Sequence[str] = facts.LANGUAGES
) -> Iterator[Case]:
    """`count` of each job and language, in turn, so that a trial that is cut short has seen them all."""
    for number in range(count):
        for job in jobs or JOBS:
            for language in languages:
                chance = Random(f"{seed}/{number}/{job}/{language}")
                known, asked = JOBS[job](chance, language)
                yield Case(number, job, language, known, asked)


@cache
def _words() -> Any:
    return yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))


def _one(chance: Random, language: str, what: str) -> str:
    return str(chance.choice(_words()[language][what]))


def _name(chance: Random, language: str, what: str) -> Fact:
    return facts.name(_one(chance, language, what))


def _code(chance: Random, *prefixes: str) -> Fact:
    return facts.identifier(f"{chance.choice(prefixes)}{chance.randrange(10**3, 10 ** chance.randint(4, 7))}")


def _day(chance: Random, after: int = 0) -> Fact:
    return facts.day(_FIRST_DAY + timedelta(days=after + chance.randrange(400)))


def _money(chance: Random, most: int = 10**6) -> Fact:
    cents = chance.randrange(100, 10 ** chance.randint(3, len(str(most)) + 1))
    return facts.money((Decimal(cents) / 100).quantize(Decimal("0.01")), chance.choice(_CURRENCIES))


def _lines(chance: Random) -> Fact:
    chosen = chance.sample(_words()["goods"], chance.choice((1, 1, 2, 2, 3, 4)))
    return facts.listing(_line(chance, *each) for each in chosen)


def _line(chance: Random, zh: str, en: str, unit: str) -> Fact:
    product = facts.name(zh, en)
    much = chance.choice((chance.randint(1, 12), chance.randint(10, 999), 10 * chance.randint(1, 50)))
    amount = Decimal(much) + (Decimal("0.5") if unit == "kg" and chance.random() < 0.3 else 0)
    return facts.line(product, facts.quantity(amount, UNIT_NAMES[unit], of=product.spellings))


def _order(chance: Random, language: str) -> Known:
    known = {"customer": _name(chance, language, "companies"), "order": _code(chance, "SO-", "SO-", "MX-", "9")}
    if chance.random() < 0.4:
        known["external"] = _code(chance, "PO-", "REQ", "5")
    if chance.random() < 0.85:
        known["lines"] = _lines(chance)
    known["total"] = _money(chance)
    if chance.random() < 0.7:
        known |= {"address": _name(chance, language, "addresses"), "delivery_mode": facts.name(*chance.choice(_MODES))}
    if chance.random() < 0.7:
        known["delivery_date"] = _day(chance)
    return known


def _of_order(chance: Random, language: str) -> tuple[Known, str]:
    return _order(chance, language), ""


def _invoice(chance: Random, language: str) -> tuple[Known, str]:
    known = _order(chance, language) | {"invoice": _code(chance, "INV-", "FP-", "7"), "invoice_date": _day(chance)}
    return known | ({"due_date": _day(chance, 400)} if chance.random() < 0.8 else {}), ""


def _shipment(chance: Random, language: str) -> tuple[Known, str]:
    return _order(chance, language) | _parcel(chance, language), ""


def _parcel(chance: Random, language: str) -> Known:
    tracking = _code(chance, "SF10", "YT8", "RM", "4420")
    return {"carrier": _name(chance, language, "carriers"), "tracking": tracking, "shipped_date": _day(chance)}


def _reply(chance: Random, language: str) -> tuple[Known, str]:
    state = chance.choice(_STATES)
    known = _order(chance, language) | {"status": facts.state(state)}
    if state == "shipped":
        known |= _parcel(chance, language)
    if state in ("confirmed", "shipped") and chance.random() < 0.5:
        known |= {"invoice": _code(chance, "INV-", "FP-"), "due_date": _day(chance, 400)}
    return known, _one(chance, language, "messages")


def _quality(chance: Random, language: str) -> tuple[Known, str]:
    known = {
        "batch": facts.identifier(f"{chance.choice(('B', 'WO-', 'LOT'))}{chance.randrange(10, 9999)}"),
        "product": facts.name(*chance.choice(_words()["papers"])),
        "inspector": _name(chance, language, "people"),
        "inspected_on": _day(chance),
        "sample": facts.measure(125, "sheets"),
    }
    for key, (unit, low, high) in _MEASURED.items():
        if chance.random() < 0.85:
            known[key] = facts.measure(Decimal(chance.randint(low * 10, high * 10)) / 10, unit)
    known["defects"] = facts.measure(chance.choice((0, 1, 2, 3, 7, 12)), "sheets")
    return known | {"verdict": facts.state(chance.choice(("pass", "rework", "reject")))}, ""


def _contract(chance: Random, language: str) -> tuple[Known, str]:
    known = {
        "customer": _name(chance, language, "companies"),
        "company": _name(chance, language, "sellers"),
        "payment_days": facts.measure(chance.choice((7, 14, 21, 30, 45, 75)), "days"),
    }
    further = {
        "warranty_months": facts.measure(chance.choice((3, 9, 12, 24)), "months"),
        "amount": _money(chance),
        "delivery_date": _day(chance),
    }
    return known | {key: fact for key, fact in further.items() if chance.random() < 0.6}, ""


def _risk(chance: Random, language: str) -> tuple[Known, str]:
    """Each of the findings of risks.yml, with the facts that the rules hand in."""
    found = chance.choice(("overload", "absence", "late", "unusual"))
    risk = {"risk": facts.state(found)}
    if found in ("overload", "absence"):
        day = {"day": _day(chance), "orders": facts.number(chance.randint(2, 60))}
        if found == "overload":
            return risk | day | {"capacity": facts.number(chance.randint(1, 30))}, ""
        return risk | {"person": _name(chance, language, "people")} | day, ""
    called = {"order": _code(chance, "SO-", "MX-"), "customer": _name(chance, language, "companies")}
    if found == "late":
        return risk | called | {"due": _day(chance), "days_late": facts.measure(chance.randint(1, 40), "days")}, ""
    usual = _money(chance, 10**4)
    assert usual.value is not None and usual.currency is not None
    return risk | called | {
        "amount": facts.money(usual.value * chance.randint(6, 30), usual.currency),
        "usual": usual,
    }, ""


JOBS: Mapping[str, Callable[[Random, str], tuple[Known, str]]] = {
    "receipt": _of_order,
    "confirmation": _of_order,
    "invoice_cover": _invoice,
    "shipment": _shipment,
    "customer_reply": _reply,
    "quality_report": _quality,
    "contract_clause": _contract,
    "risk_reminder": _risk,
}
