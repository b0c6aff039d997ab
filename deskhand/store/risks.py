"""Risks in work schedules and open orders: what the rules of risks.yml find, as facts of a text. Reads only.

Each finding has a key, by which it is told once. Knows no model and no notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from deskhand.engine import Expression, compile_expression
from deskhand.orders.model import Order
from deskhand.orders.report import Concern
from deskhand.orders.status import OrderStatus
from deskhand.store.unit_of_work import UnitOfWork
from deskhand.store.work_schedule import Shift
from deskhand.writing import Fact, facts

S = OrderStatus
_OPEN = (S.PENDING_CONFIRMATION, S.PENDING_APPROVAL, S.CONFIRMED, S.AWAITING_SHIPMENT, S.ON_HOLD)
_MOST = 200
_NAMES = ("orders", "hours", "capacity", "people", "days_late", "amount", "usual", "known")


@dataclass(frozen=True, slots=True)
class Rule:
    when: Expression
    serious: Expression
    tell: str


@dataclass(frozen=True, slots=True)
class RiskRules:
    """risks.yml."""

    rules: Mapping[str, Rule]
    orders_per_hour: Decimal
    days_ahead: int


@dataclass(frozen=True, slots=True)
class Risk:
    """`key` is the same as long as it is the same risk; `order` is the number of the order that it is about."""

    key: str
    tell: str
    serious: bool
    facts: Mapping[str, Fact]
    order: str | None = None


def load_rules(file: Path) -> RiskRules:
    """
    Raises:
        KeyError, ExpressionInvalid: the file lacks something, or a rule can't be read.
    """
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    rules = {
        name: Rule(compile_expression(each["when"], _NAMES), compile_expression(each["serious"], _NAMES), each["tell"])
        for name, each in content["rules"].items()
    }
    return RiskRules(rules, Decimal(str(content["orders_per_hour"])), int(content["days_ahead"]))


def find_risks(uow: UnitOfWork, rules: RiskRules, schedule: Sequence[Shift]) -> list[Risk]:
    """Those of today and of the days ahead."""
    today = uow.tenant.today(uow.now)
    found = uow.orders.list(None, _OPEN, limit=_MOST).items
    late = uow.orders.list(None, limit=_MOST, concern=(Concern.LATE, today)).items
    return [
        *_of_days(rules, found, schedule, today),
        *(risk for order in late for risk in _of_late(rules, order, today)),
        *(risk for order in found for risk in _of_amount(uow, rules, order)),
    ]


def _of_days(rules: RiskRules, found: Sequence[Order], schedule: Sequence[Shift], today: date) -> Iterator[Risk]:
    last = today + timedelta(days=rules.days_ahead)
    for day in sorted({shift.day for shift in schedule if today <= shift.day <= last}):
        shifts = [shift for shift in schedule if shift.day == day]
        present = [shift for shift in shifts if not shift.absent]
        hours = sum((shift.hours for shift in present), Decimal(0))
        orders = sum(1 for order in found if order.delivery_date == day)
        able = int(hours * rules.orders_per_hour)
        known = {"orders": orders, "hours": hours, "capacity": able, "people": len(present)}
        counted, capacity = {"day": facts.day(day), "orders": facts.number(orders)}, {"capacity": facts.number(able)}
        yield from _judged(rules, "overload", f"{day}", known, {**counted, **capacity})
        for shift in shifts:
            if shift.absent:
                person = {"person": facts.name(shift.person)}
                yield from _judged(rules, "absence", f"{day}:{shift.person}", known, {**person, **counted})


def _of_late(rules: RiskRules, order: Order, today: date) -> Iterator[Risk]:
    if order.delivery_date is None:
        return
    days = (today - order.delivery_date).days
    known = {"days_late": days, "amount": order.total}
    said = {**_called(order), "due": facts.day(order.delivery_date), "days_late": facts.measure(days, "days")}
    yield from _judged(rules, "late", order.number, known, said, order.number)


def _of_amount(uow: UnitOfWork, rules: RiskRules, order: Order) -> Iterator[Risk]:
    """Compared with the customer's other orders in the same currency."""
    others = uow.orders.list(order.customer_id, limit=_MOST).items
    totals = [each.total for each in others if each.id != order.id and each.currency == order.currency]
    if not totals:
        return
    usual = median(totals)
    known = {"amount": order.total, "usual": usual, "known": len(totals)}
    said = {
        **_called(order),
        "amount": facts.money(order.total, order.currency),
        "usual": facts.money(usual.quantize(order.total), order.currency),
    }
    yield from _judged(rules, "unusual", order.number, known, said, order.number)


def _called(order: Order) -> dict[str, Fact]:
    return {"order": facts.identifier(order.number), "customer": facts.name(order.customer_name)}


def _judged(
    rules: RiskRules,
    name: str,
    subject: str,
    known: Mapping[str, Any],
    said: Mapping[str, Fact],
    order: str | None = None,
) -> Iterator[Risk]:
    """What has become serious is told again."""
    rule = rules.rules.get(name)
    if rule is None or not rule.when.evaluate(known):
        return
    serious = bool(rule.serious.evaluate(known))
    key = f"risk:{name}:{subject}:{'serious' if serious else 'first'}"
    yield Risk(key, rule.tell, serious, {"risk": facts.state(name), **said}, order)
