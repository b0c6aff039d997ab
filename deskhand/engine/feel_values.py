"""The values of FEEL and what can be done with them. Knows neither texts nor functions.

Numbers are `Decimal` with 34 digits. What makes no sense (adding a word to a number, dividing by nought) is null,
and null is neither true nor false.
"""

from __future__ import annotations

import decimal
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from deskhand.engine.feel_times import Months, moved, part, quietly, seconds_of, turned

CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
LARGEST_EXPONENT = 10_000

ORDERINGS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A range such as `[1..5)`."""

    low: Any
    high: Any
    low_included: bool
    high_included: bool

    def holds(self, value: Any) -> bool | None:
        above = compare(">=" if self.low_included else ">", value, self.low)
        below = compare("<=" if self.high_included else "<", value, self.high)
        return conjunction(above, below)


@dataclass(frozen=True, slots=True)
class Function:
    """Business knowledge that an expression may call; the only kind of callable that it can reach."""

    name: str
    arity: int
    call: Callable[..., Any]


def normal(value: Any) -> Any:
    """A Python value as a FEEL value: every number a `Decimal`."""
    kind = value.__class__
    if kind is str or kind is bool or kind is Decimal or value is None:
        return value
    if kind is int:
        return Decimal(value)
    if kind is float:
        return Decimal(str(value))
    return list(value) if kind in (tuple, set, frozenset) else value


def kind_of(value: Any) -> type | None:
    """The FEEL type, so that true is not 1 and a moment is not a day."""
    for kind in (bool, Decimal, str, datetime, date, time, timedelta, Months, list, dict):
        if isinstance(value, kind):
            return kind
    return None


def equal(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    left, right = normal(left), normal(right)
    if kind_of(left) is not kind_of(right):
        return None
    return bool(left == right)


def differ(left: Any, right: Any) -> bool | None:
    return negation(equal(left, right))


def compare(sign: str, left: Any, right: Any) -> bool | None:
    """`left sign right`, null where the two cannot be ordered."""
    kind = kind_of(left)
    if kind is None or kind is not kind_of(right) or kind in (bool, list, dict):
        return None
    try:
        return bool(ORDERINGS[sign](left, right))
    except TypeError:  # an aware and a naive moment
        return None


def conjunction(left: Any, right: Any) -> bool | None:
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def disjunction(left: Any, right: Any) -> bool | None:
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def negation(value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


def add(left: Any, right: Any) -> Any:
    if isinstance(left, Decimal):
        return _numeric(CONTEXT.add, left, right)
    if isinstance(left, str):
        return left + right if isinstance(right, str) else None
    if isinstance(left, timedelta | Months) and isinstance(right, date | time):
        left, right = right, left
    return _later(left, right)


def subtract(left: Any, right: Any) -> Any:
    if isinstance(left, Decimal):
        return _numeric(CONTEXT.subtract, left, right)
    if isinstance(right, timedelta | Months):
        return _later(left, negative(right))
    kind = kind_of(left)
    if kind is not kind_of(right):
        return None
    if kind is time:
        return timedelta(seconds=seconds_of(left) - seconds_of(right))
    return _difference(left, right) if kind in (date, datetime) else None


def multiply(left: Any, right: Any) -> Any:
    if isinstance(left, timedelta | Months):
        return _scaled(left, right)
    return _scaled(right, left) if isinstance(right, timedelta | Months) else _numeric(CONTEXT.multiply, left, right)


def divide(left: Any, right: Any) -> Any:
    if isinstance(left, Decimal):
        return _numeric(CONTEXT.divide, left, right)
    if kind_of(left) is kind_of(right) and isinstance(left, timedelta | Months):
        return _numeric(CONTEXT.divide, _size(left), _size(right))
    return _scaled(left, _numeric(CONTEXT.divide, Decimal(1), right)) if isinstance(left, timedelta | Months) else None


@quietly
def _later(value: Any, span: Any) -> Any:
    """A day, time or moment, or a duration, and a duration more."""
    if isinstance(span, Months):
        if isinstance(value, Months):
            return Months(value.count + span.count)
        return moved(value, span.count) if isinstance(value, date) else None
    if not isinstance(span, timedelta):
        return None
    if isinstance(value, time):
        return turned(value, span)
    return value + span if isinstance(value, date | timedelta) else None


@quietly
def _difference(left: Any, right: Any) -> Any:
    return left - right  # TypeError: an aware and a naive moment


@quietly
def _scaled(span: timedelta | Months, number: Any) -> Any:
    if not isinstance(number, Decimal):
        return None
    if isinstance(span, Months):
        return Months(int(span.count * number))
    return timedelta(seconds=float(_size(span) * number))


def _size(span: timedelta | Months) -> Decimal:
    return Decimal(span.count) if isinstance(span, Months) else Decimal(str(span.total_seconds()))


def power(left: Any, right: Any) -> Any:
    if isinstance(right, Decimal) and abs(right) > LARGEST_EXPONENT:
        return None
    return _numeric(CONTEXT.power, left, right)


def negative(value: Any) -> Any:
    if isinstance(value, Months):
        return Months(-value.count)
    return -value if isinstance(value, Decimal | timedelta) else None


def _numeric(operation: Callable[[Decimal, Decimal], Decimal], left: Any, right: Any) -> Decimal | None:
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    try:
        return operation(left, right)
    except decimal.DecimalException:
        return None


def member(value: Any, name: str) -> Any:
    """`value.name` of a context or of a moment; of a list of contexts the list of their members."""
    if isinstance(value, Mapping):
        return normal(value.get(name))
    if isinstance(value, list):
        return [member(each, name) for each in value]
    return part(value, name)


def passes(value: Any, criterion: Any) -> bool | None:
    """Whether a value meets an entry: within a range, one of a list, or equal."""
    if isinstance(criterion, Interval):
        return criterion.holds(value)
    if isinstance(criterion, list) and not isinstance(value, list):
        return any(passes(value, each) is True for each in criterion)
    return equal(value, criterion)
