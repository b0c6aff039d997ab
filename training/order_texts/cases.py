"""The facts of one text of each job, as the product would hand them in. Knows nothing of how they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from deskhand.writing import Fact, facts
from training.order_texts import things

Known = dict[str, Fact]
_MODES = {
    "direct": ("仓库直发", "direct from our warehouse"), "courier": ("快递", "by courier"),
    "own": ("自送", "by our own van"), "pickup": ("自提", "to be collected"),
}  # fmt: skip
_STATUSES = ("pending_confirmation", "confirmed", "shipped", "on_hold", "cancelled")
_VERDICTS = ("pass", "pass", "rework", "reject")
RISKS = ("overload", "absence", "late", "unusual")


@dataclass(frozen=True, slots=True)
class Case:
    """`variant`: which plans tell it (a status, a risk), where a job has several."""

    job: str
    language: str
    known: Mapping[str, Fact]
    variant: str = ""


def case(draw: Random, job: str, language: str) -> Case:
    known, variant = _JOBS[job](draw, language)
    return Case(job, language, known, variant)


def _order(draw: Random, language: str) -> Known:
    known = {"customer": things.customer(draw, language), "order": things.number(draw)}
    if draw.random() < 0.45:
        known["external"] = things.number(draw)
    if draw.random() < 0.85:
        known["lines"] = things.lines(draw)
    known["total"] = things.money(draw)
    mode = draw.choice(list(_MODES)) if draw.random() < 0.7 else ""
    if mode != "pickup" and draw.random() < 0.7:
        known["address"] = things.address(draw, language)
    if draw.random() < 0.7:
        known["delivery_date"] = things.day(draw)
    if mode:
        known["delivery_mode"] = facts.name(*_MODES[mode])
    return known


def _invoiced(draw: Random, language: str) -> Known:
    known = _order(draw, language)
    issued, due = things.days_in_turn(draw, 2)
    known |= {"invoice": things.invoice_number(draw), "invoice_date": issued}
    return known | ({"due_date": due} if draw.random() < 0.85 else {})


def _shipped(draw: Random, language: str) -> Known:
    known = _invoiced(draw, language) if draw.random() < 0.3 else _order(draw, language)
    parcel = {"carrier": things.carrier(draw), "tracking": things.parcel_number(draw)}
    return known | parcel | {"shipped_date": things.day(draw)}


def _reply(draw: Random, language: str) -> tuple[Known, str]:
    status = draw.choice(_STATUSES)
    known = _shipped(draw, language) if status == "shipped" and draw.random() < 0.85 else _order(draw, language)
    if status in ("confirmed", "shipped") and draw.random() < 0.5:
        known = {**known, **{key: fact for key, fact in _invoiced(draw, language).items() if key not in known}}
    return {**known, "status": facts.state(status)}, status


def _quality(draw: Random, language: str) -> Known:
    known: Known = {"batch": things.batch_number(draw), "product": things.paper(draw)}
    measured = {
        "grammage": facts.measure(_about(draw, draw.choice((60, 70, 80, 100, 157)), 10), "g/m²"),
        "moisture": facts.measure(_about(draw, 5, 10), "%"),
        "length": facts.measure(_about(draw, draw.choice((210, 297, 420)), 10), "mm"),
        "width": facts.measure(_about(draw, draw.choice((148, 210, 297)), 10), "mm"),
    }
    known |= {key: fact for key, fact in measured.items() if draw.random() < 0.8}
    known["defects"] = facts.measure(draw.choice((0, 1, 2, draw.randint(3, 40))), "sheets")
    further = {
        "sample": facts.measure(draw.choice((50, 80, 125, 200, 315)), "sheets"),
        "inspector": facts.name(things.person(draw, language)),
        "inspected_on": things.day(draw),
    }
    known |= {key: fact for key, fact in further.items() if draw.random() < 0.35}
    return known | {"verdict": facts.state(draw.choice(_VERDICTS))}


def _about(draw: Random, value: int, parts: int) -> Decimal:
    return Decimal(value) + Decimal(draw.randint(-3 * parts, 3 * parts)) / parts


def _contract(draw: Random, language: str) -> Known:
    known = {
        "customer": things.customer(draw, language),
        "company": facts.name(things.company(draw, language)),
        "payment_days": facts.measure(draw.choice((7, 10, 15, 30, 45, 60, 90, draw.randint(5, 120))), "days"),
    }
    if draw.random() < 0.5:
        known["warranty_months"] = facts.measure(draw.choice((3, 6, 12, 18, 24, 36, draw.randint(2, 60))), "months")
    if draw.random() < 0.6:
        known["amount"] = things.money(draw)
    if draw.random() < 0.5:
        known["delivery_date"] = things.day(draw)
    return known


def _risk(draw: Random, language: str) -> tuple[Known, str]:
    risk = draw.choice(RISKS)
    counted = {"day": things.day(draw), "orders": facts.number(draw.randint(2, 90))}
    called = {"order": things.number(draw), "customer": things.customer(draw, language)}
    currency = draw.choice(("CNY", "CNY", "USD", "EUR"))
    further: Mapping[str, Callable[[], Known]] = {
        "overload": lambda: {**counted, "capacity": facts.number(draw.randint(1, 80))},
        "absence": lambda: {"person": facts.name(things.person(draw, language)), **counted},
        "late": lambda: {**called, "due": things.day(draw), "days_late": facts.measure(draw.randint(1, 40), "days")},
        "unusual": lambda: {
            **called, "amount": things.money(draw, currency), "usual": things.money(draw, currency),
        },
    }  # fmt: skip
    return {"risk": facts.state(risk), **further[risk]()}, risk


_JOBS: Mapping[str, Callable[[Random, str], tuple[Known, str]]] = {
    "receipt": lambda draw, language: (_order(draw, language), ""),
    "confirmation": lambda draw, language: (_order(draw, language), ""),
    "invoice_cover": lambda draw, language: (_invoiced(draw, language), ""),
    "shipment": lambda draw, language: (_shipped(draw, language), ""),
    "customer_reply": _reply,
    "quality_report": lambda draw, language: (_quality(draw, language), ""),
    "contract_clause": lambda draw, language: (_contract(draw, language), ""),
    "risk_reminder": _risk,
}
JOBS = tuple(_JOBS)
