"""The values of FEEL and what can be done with them. Knows nothing of text.

Numbers are `Decimal` with 34 digits. What makes no sense (adding a word to a number, dividing by nought) is null,
and null is neither true nor false.
"""

from __future__ import annotations

import decimal
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

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
    for kind in (bool, Decimal, str, datetime, date, timedelta, list, dict):
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
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, date | timedelta) and isinstance(right, timedelta):
        return left + right
    return _numeric(CONTEXT.add, left, right)


def subtract(left: Any, right: Any) -> Any:
    kind = kind_of(left)
    if isinstance(right, timedelta) and kind in (date, datetime, timedelta):
        return left - right
    if kind in (date, datetime) and kind is kind_of(right):
        return left - right
    return _numeric(CONTEXT.subtract, left, right)


def multiply(left: Any, right: Any) -> Any:
    return _numeric(CONTEXT.multiply, left, right)


def divide(left: Any, right: Any) -> Any:
    return _numeric(CONTEXT.divide, left, right)


def power(left: Any, right: Any) -> Any:
    if isinstance(right, Decimal) and abs(right) > LARGEST_EXPONENT:
        return None
    return _numeric(CONTEXT.power, left, right)


def negative(value: Any) -> Any:
    return -value if isinstance(value, Decimal | timedelta) else None


def _numeric(operation: Callable[[Decimal, Decimal], Decimal], left: Any, right: Any) -> Decimal | None:
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    try:
        return operation(left, right)
    except decimal.DecimalException:
        return None


def member(value: Any, name: str) -> Any:
    """`value.name` of a context; of a list of contexts the list of their members."""
    if isinstance(value, Mapping):
        return normal(value.get(name))
    if isinstance(value, list):
        return [member(each, name) for each in value]
    return None


def passes(value: Any, criterion: Any) -> bool | None:
    """Whether a value meets an entry: within a range, one of a list, or equal."""
    if isinstance(criterion, Interval):
        return criterion.holds(value)
    if isinstance(criterion, list) and not isinstance(value, list):
        return any(passes(value, each) is True for each in criterion)
    return equal(value, criterion)


def _items(arguments: Sequence[Any]) -> list[Any]:
    return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else list(arguments)


def count(*arguments: Any) -> Decimal:
    return Decimal(len(_items(arguments)))


def _aggregate(function: Callable[[list[Decimal]], Any]) -> Callable[..., Decimal | None]:
    def aggregate(*arguments: Any) -> Decimal | None:
        items = _items(arguments)
        if not items or not all(isinstance(each, Decimal) for each in items):
            return None
        return CONTEXT.create_decimal(function(items))

    return aggregate


total, least, greatest = _aggregate(sum), _aggregate(min), _aggregate(max)


def _parsed(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    def parsed(text: Any) -> Any:
        try:
            return parse(text)
        except (TypeError, ValueError):
            return None

    return parsed


def magnitude(value: Any) -> Decimal | None:
    return abs(value) if isinstance(value, Decimal) else None


def contains(text: Any, part: Any) -> bool | None:
    return part in text if isinstance(text, str) and isinstance(part, str) else None


BUILT_IN: Mapping[str, Callable[..., Any]] = {
    "abs": magnitude,
    "contains": contains,
    "count": count,
    "date": _parsed(date.fromisoformat),
    "date and time": _parsed(datetime.fromisoformat),
    "max": greatest,
    "min": least,
    "not": negation,
    "sum": total,
}
