"""The functions that a FEEL text may call. None has an effect, none reads a clock, none takes a pattern."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from deskhand.engine import feel_times as times
from deskhand.engine.feel_values import CONTEXT, equal, negation

MOST_DIGITS = 30


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
mean = _aggregate(lambda items: CONTEXT.divide(sum(items), Decimal(len(items))))


def everyone(*arguments: Any) -> bool | None:
    items = _items(arguments)
    return False if False in items else (True if all(each is True for each in items) else None)


def anyone(*arguments: Any) -> bool | None:
    items = _items(arguments)
    return True if True in items else (False if all(each is False for each in items) else None)


def listed(items: Any, wanted: Any) -> bool | None:
    return any(equal(each, wanted) is True for each in items) if isinstance(items, list) else None


def _number(function: Callable[..., Any]) -> Callable[..., Decimal | None]:
    """Null unless every argument is a number."""

    def tried(*arguments: Any) -> Decimal | None:
        if not all(isinstance(each, Decimal) for each in arguments):
            return None
        try:
            return CONTEXT.create_decimal(function(*arguments))
        except decimal.DecimalException:
            return None

    return tried


def _rounding(how: str) -> Callable[..., Decimal | None]:
    def rounded(number: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
        if digits != digits.to_integral_value() or abs(digits) > MOST_DIGITS:
            raise decimal.InvalidOperation
        return number.quantize(Decimal(1).scaleb(-int(digits)), rounding=how, context=CONTEXT)

    return _number(rounded)


def modulo(number: Decimal, divisor: Decimal) -> Decimal:
    """With the sign of the divisor, as FEEL has it."""
    return number - divisor * CONTEXT.divide(number, divisor).to_integral_value(rounding=decimal.ROUND_FLOOR)


def _text(function: Callable[..., Any]) -> Callable[..., Any]:
    """Null unless every argument is a text."""

    def tried(*arguments: Any) -> Any:
        return function(*arguments) if all(isinstance(each, str) for each in arguments) else None

    return tried


def substring(text: Any, start: Any, length: Any = None) -> str | None:
    """From the first character, which is 1, or from the last, which is -1."""
    if not isinstance(text, str) or not isinstance(start, Decimal) or not start or len(text) < abs(start):
        return None
    begin = int(start) - 1 if start > 0 else len(text) + int(start)
    return text[begin : None if length is None else begin + int(length)]


def number_of(text: Any) -> Decimal | None:
    """A text of digits as a number; more than that is null."""
    plain = text.strip().removeprefix("-")
    if not plain.replace(".", "", 1).isdecimal() or len(plain) > CONTEXT.prec:
        return None
    return Decimal(text.strip())


def string_of(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, times.Months):
        return times.text_of_months(value)
    if isinstance(value, timedelta):
        return times.text_of_span(value)
    return value.isoformat() if isinstance(value, date | datetime | time) else None


BUILT_IN: Mapping[str, Callable[..., Any]] = {
    "abs": _number(abs),
    "all": everyone,
    "any": anyone,
    "ceiling": _rounding(decimal.ROUND_CEILING),
    "contains": _text(lambda text, part: part in text),
    "count": count,
    "date": times.quietly(times.day),
    "date and time": times.quietly(times.moment),
    "decimal": _rounding(decimal.ROUND_HALF_EVEN),
    "duration": times.quietly(times.duration),
    "ends with": _text(str.endswith),
    "floor": _rounding(decimal.ROUND_FLOOR),
    "list contains": listed,
    "lower case": _text(str.lower),
    "max": greatest,
    "mean": mean,
    "min": least,
    "modulo": _number(modulo),
    "not": negation,
    "number": times.quietly(number_of),
    "round down": _rounding(decimal.ROUND_DOWN),
    "round half down": _rounding(decimal.ROUND_HALF_DOWN),
    "round half up": _rounding(decimal.ROUND_HALF_UP),
    "round up": _rounding(decimal.ROUND_UP),
    "starts with": _text(str.startswith),
    "string": string_of,
    "string length": _text(lambda text: Decimal(len(text))),
    "substring": times.quietly(substring),
    "substring after": _text(lambda text, part: text.partition(part)[2] if part else text),
    "substring before": _text(lambda text, part: text.partition(part)[0] if part and part in text else ""),
    "sum": total,
    "time": times.quietly(times.clock),
    "upper case": _text(str.upper),
    "years and months duration": times.quietly(times.months_between),
}
"""By name. `abs` of a duration is not one of the simple subset."""
