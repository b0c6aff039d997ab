"""The fields of a case: what is asked, what may be answered, how it is kept and shown. Knows plain values, no language.

A value is read from JSON (text, numbers, true and false) and kept as what it is: `Decimal`, `date`, `datetime`, ...
Whether an order or a product is there is asked of whoever keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from deskhand.cases.errors import FieldInvalid

Localised = Mapping[str, str]
Value = str | int | bool | Decimal | date | datetime
MONEY_DECIMALS = 2
MOST_CHARACTERS = 4000
MOST_DIGITS = 14  # before the point: what the database keeps of a decimal
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class FieldType(StrEnum):
    """What a value is."""

    TEXT = "text"
    NUMBER = "number"  # exact, with decimals
    INTEGER = "integer"
    MONEY = "money"  # in the company's currency
    DATE = "date"
    MOMENT = "moment"  # a time with its zone
    BOOLEAN = "boolean"
    CHOICE = "choice"
    PERSON = "person"  # the id of somebody who signs in here
    ORDER = "order"  # an order's number
    PRODUCT = "product"  # an SKU
    CUSTOMER = "customer"  # a customer's id


REFERENCES = frozenset({FieldType.PERSON, FieldType.ORDER, FieldType.PRODUCT, FieldType.CUSTOMER})
NUMBERS = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.MONEY})
PERSONAL = frozenset({FieldType.TEXT, FieldType.PERSON, FieldType.CUSTOMER})
"""May say something of a person: the history keeps them beside its hashed rows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; `words` are what people may say for it, by language."""

    value: str
    title: Localised
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `given_at`: the tasks at which it is filled, none: at the start; `expression`: computed, never asked.

    `visible_to` empty: everybody who may see the case. `unit`: in which a number is kept. `words`: what it is called
    besides its title, by language.
    """

    name: str
    type: FieldType
    title: Localised
    question: Localised = field(default_factory=dict)
    required: bool = True
    min: Decimal | None = None
    max: Decimal | None = None
    max_length: int | None = None
    not_past: bool = False
    choices: tuple[Choice, ...] = ()
    visible_to: frozenset[str] = frozenset()
    given_at: tuple[str, ...] = ()
    expression: str | None = None
    unit: str | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        return self.expression is None

    def is_given_at(self, task: str | None) -> bool:
        """None: at the start."""
        return task in self.given_at if task is not None else not self.given_at

    def choice(self, value: object) -> Choice | None:
        return next((each for each in self.choices if each.value == value), None)


def read(of: Field, value: object, now: datetime, today: date) -> Value:
    """A plain value as what the field keeps.

    Raises:
        FieldInvalid: `problem` says why, one of `FieldInvalid.because`.
    """
    return _READ[of.type](of, value, now, today)


def plain(value: object) -> object:
    """As JSON has it: exact numbers and times as text; the inverse of `read`."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def shown(of: Field, value: object, language: str) -> str:
    """Without the words of a language but the choice's own; money and yes or no are put into words elsewhere."""
    if of.type is FieldType.CHOICE and (chosen := of.choice(value)):
        return chosen.title.get(language) or chosen.value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return "" if value is None else str(plain(value))


def wrong(of: Field, value: object, problem: str, **more: object) -> FieldInvalid:
    """The refusal; `value` is shortened, since it may be anything."""
    return FieldInvalid(field=of.name, value=str(value)[:80], problem=problem, **more)


def _text(of: Field, value: object, now: datetime, today: date) -> Value:
    if not isinstance(value, str) or not value.strip() or _CONTROL.search(value):
        raise wrong(of, value, "not_text")
    most = of.max_length or MOST_CHARACTERS
    if len(value.strip()) > most:
        raise wrong(of, value, "too_long", max=most)
    return value.strip()


def _number(of: Field, value: object, now: datetime, today: date) -> Decimal:
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise InvalidOperation
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise wrong(of, value, "not_a_number") from None
    if not number.is_finite() or (number and number.adjusted() >= MOST_DIGITS):
        raise wrong(of, value, "not_a_number")
    if of.min is not None and number < of.min:
        raise wrong(of, value, "too_small", min=f"{of.min:f}")
    if of.max is not None and number > of.max:
        raise wrong(of, value, "too_large", max=f"{of.max:f}")
    return number


def _integer(of: Field, value: object, now: datetime, today: date) -> Value:
    number = _number(of, value, now, today)
    if number != number.to_integral_value():
        raise wrong(of, value, "not_whole")
    return int(number)


def _money(of: Field, value: object, now: datetime, today: date) -> Value:
    number = _number(of, value, now, today)
    if number != round(number, MONEY_DECIMALS):
        raise wrong(of, value, "too_many_decimals", max=MONEY_DECIMALS)
    return round(number, MONEY_DECIMALS)


def _date(of: Field, value: object, now: datetime, today: date) -> Value:
    day = value if isinstance(value, date) and not isinstance(value, datetime) else None
    try:
        day = day or date.fromisoformat(str(value))
    except ValueError:
        raise wrong(of, value, "not_a_date") from None
    if of.not_past and day < today:
        raise wrong(of, value, "in_past")
    return day


def _moment(of: Field, value: object, now: datetime, today: date) -> Value:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise wrong(of, value, "not_a_moment") from None
    if moment.tzinfo is None:
        raise wrong(of, value, "not_a_moment")
    if of.not_past and moment < now:
        raise wrong(of, value, "in_past")
    return moment


def _boolean(of: Field, value: object, now: datetime, today: date) -> Value:
    if not isinstance(value, bool):
        raise wrong(of, value, "not_yes_or_no")
    return value


def _choice(of: Field, value: object, now: datetime, today: date) -> Value:
    chosen = of.choice(value)
    if chosen is None:
        raise wrong(of, value, "not_a_choice", choices=", ".join(each.value for each in of.choices))
    return chosen.value


_READ: Mapping[FieldType, Callable[[Field, object, datetime, date], Value]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.INTEGER: _integer,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.MOMENT: _moment,
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICE: _choice,
    **dict.fromkeys(REFERENCES, _text),
}
