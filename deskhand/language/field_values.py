"""Values of a form's fields in a text: money, numbers, days, choices, people, yes and no, orders, products, customers.

Tells every value of one field's type with its place; which field a value belongs to is read in `fields`. Knows nothing
of processes, and not whether a value is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal

from deskhand.language.catalogue import Catalogue
from deskhand.language.choice import choice_in
from deskhand.language.dates import dates_in
from deskhand.language.field_units import OTHER_UNIT, unit_at
from deskhand.language.readings import Match, NumberReading, Span
from deskhand.language.references import order_number_spans
from deskhand.language.replies import is_no, is_yes
from deskhand.language.values import read_moments, read_money, read_numbers

Value = str | bool | int | Decimal | date | datetime

_GRAND = re.compile(
    r"(?<![\w.])(?P<n>\d+(?:\.\d+)?) ?(?:(?P<m>mio|mn|m|million)|(?:grand|thousand|k))(?![A-Za-z])", re.I
)
_LARGE = re.compile(r"[万千亿百]|[kK]$|thousand|million|grand|hundred")
_ROUND = re.compile(
    r"(?:大概|大约|约|差不多|预计|预算|一共|总共|合计|共|左右|上下|就|是|要|吧|的|about|around|roughly|approx\w*|some|total(?:ling)?|"
    r"budget|for|costs?|is|it'?s|only|at|worth|max(?:imum)?|up to|[ ~:,.!。])++",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r" ?(?:台|个|件|把|套|只|张|本|箱|盒|部|块|支|瓶|袋|份|辆|人|组|批|次|天|"
    r"pcs?\b|pieces?\b|units?\b|sets?\b|boxes\b|items?\b)",
    re.IGNORECASE,
)
_BARE_DAY = re.compile(r"(?:the )?(?P<day>\d{1,2})(?:号|日|st|nd|rd|th)?(?:之?前|吧)?", re.IGNORECASE)
_TRUE = re.compile(r"是的?|有|需要|要|对|可以|yes|y|true|needed|required|合格|正常|ok", re.IGNORECASE)
_FALSE = re.compile(
    r"否|不是|没有|无|不需要|不用|不要|不|没|no|n|none|false|not needed|not required|不合格|异常|not ok", re.IGNORECASE
)
_BARE_ORDER = re.compile(r"(?<![A-Za-z0-9-])\d{3,18}(?![A-Za-z0-9-])")


@dataclass(frozen=True)
class FieldChoice:
    """One of several values, and all words for it in both languages."""

    value: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class FieldShape:
    """What has to be known of a field to read it: `names` are the words that mark it in a text."""

    name: str
    type: str
    names: tuple[str, ...] = ()
    choices: tuple[FieldChoice, ...] = ()
    unit: str | None = None


@dataclass(frozen=True)
class Surroundings:
    """What values are read against: the moment on the speaker's clock, their currency, goods, customers, colleagues."""

    now: datetime
    zone: tzinfo
    currency: str
    catalogue: Catalogue
    people: tuple[FieldChoice, ...] = ()


@dataclass(frozen=True)
class FieldValue:
    """A value with its place in the normalised text.

    `evident`: its form alone tells that it is of this type. `problem`: why there is no value that can be used:
    several, currency, range.
    """

    value: Value | None
    span: Span
    evident: bool = True
    problem: str | None = None
    candidates: tuple[str, ...] = ()


def values_in(text: str, shape: FieldShape, around: Surroundings) -> list[FieldValue]:
    """Every value of the field's type in a normalised text, from left to right; a text field has none of its own."""
    reader = _READERS.get(shape.type)
    return sorted(reader(text, shape, around), key=lambda found: found.span) if reader else []


def answer_of(text: str, shape: FieldShape, around: Surroundings) -> FieldValue | None:
    """The value that the words give, where the field was asked for or named: less will do."""
    whole = (0, len(text))
    if shape.type == "text":
        return FieldValue(text, whole) if any(map(str.isalnum, text)) else None
    short = _SHORT.get(shape.type)
    found = short(text, shape, around) if short else None
    return FieldValue(found, whole) if found is not None else None


def _numbers(text: str, around: Surroundings) -> Iterator[NumberReading]:
    """Numbers that are no part of a day."""
    days = [day.span for day in _days(text, around)]
    for number in read_numbers(text):
        if not any(start <= number.span[0] < end for start, end in days):
            yield number


def _money(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    taken: list[Span] = []
    for money in read_money(text):
        taken.append(money.span)
        foreign = bool(money.currency) and money.currency != around.currency
        yield FieldValue(None if foreign else money.amount, money.span, problem="currency" if foreign else None)
    for match in _GRAND.finditer(text):
        if not _inside(match.span(), taken):
            taken.append(match.span())
            yield FieldValue(Decimal(match["n"]) * (1_000_000 if match["m"] else 1000), match.span())
    for number in _numbers(text, around):
        if not _inside(number.span, taken) and not _COUNTED.match(text, number.span[1]):
            alone = _ROUND.fullmatch(text[: number.span[0]] + text[number.span[1] :] or ",")
            evident = bool(alone or _LARGE.search(number.text))
            yield _amount(number, number.value, evident)


def _amount(number: NumberReading, value: Decimal | int, evident: bool) -> FieldValue:
    if number.high is not None:
        return FieldValue(None, number.span, evident, "range")
    return FieldValue(value, number.span, evident)


def _number(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    for number in _counted(text, shape, around):
        if (measured := _measured(text, shape, number)) is not None:
            yield measured
        else:
            yield _amount(number, number.value, _is_counted(text, number))


def _integer(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    for number in _counted(text, shape, around):
        if (measured := _measured(text, shape, number)) is not None:
            yield _whole(measured)
        elif number.value == number.value.to_integral_value():
            yield _amount(number, int(number.value), _is_counted(text, number))


def _counted(text: str, shape: FieldShape, around: Surroundings) -> Iterator[NumberReading]:
    """Of a field that has a unit also what would be a day elsewhere: 30天."""
    with_unit = [each for each in read_numbers(text) if unit_at(text, each.span[1], shape.unit) is not None]
    yield from with_unit
    for number in _numbers(text, around):
        if number.span not in [each.span for each in with_unit]:
            yield number


def _measured(text: str, shape: FieldShape, number: NumberReading) -> FieldValue | None:
    """A number with a unit behind it, in the unit of the field; None where none stands there."""
    said = unit_at(text, number.span[1], shape.unit)
    if said is None:
        return None
    end, factor = said
    span = (number.span[0], end)
    if factor is None:
        return FieldValue(None, span, problem=OTHER_UNIT)
    if number.high is not None:
        return FieldValue(None, span, problem="range")
    value = number.value * factor
    whole = value.to_integral_value()
    return FieldValue(whole if factor != 1 and value == whole else value, span)


def _whole(found: FieldValue) -> FieldValue:
    if not isinstance(found.value, Decimal):
        return found
    whole = found.value == found.value.to_integral_value()
    return replace(found, value=int(found.value)) if whole else replace(found, value=None, problem=OTHER_UNIT)


def _is_counted(text: str, number: NumberReading) -> bool:
    return bool(_COUNTED.match(text, number.span[1]))


def _inside(span: Span, taken: Iterable[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in taken)


def _days(text: str, around: Surroundings) -> list[FieldValue]:
    """As orders read them; a day that only `read_moments` knows (5号) beside them."""
    found = [FieldValue(day.date, day.span) for day in dates_in(text, around.now.astimezone(around.zone).date())]
    for moment in read_moments(text, None, around.now, around.zone):
        if moment.date is not None and not _inside(moment.span, [each.span for each in found]):
            found.append(FieldValue(moment.date, moment.span))
    return found


def _date(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    yield from _days(text, around)


def _moment(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    for moment in read_moments(text, None, around.now, around.zone):
        if moment.time is not None:
            day = moment.date or around.now.astimezone(around.zone).date()
            yield FieldValue(datetime.combine(day, moment.time, around.zone), moment.span)


def _choice(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    yield from _named(text, shape.choices)


def _person(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    yield from _named(text, around.people)


def _named(text: str, choices: Iterable[FieldChoice]) -> Iterator[FieldValue]:
    """Each place where a choice is named, by the longest of its words; two choices of one name are a problem."""
    lowered = text.lower()
    found: dict[Span, list[str]] = {}
    for choice in choices:
        for word in choice.words:
            for match in re.finditer(bounded(word.lower()), lowered):
                found.setdefault(match.span(), []).append(choice.value)
    taken: list[Span] = []
    for span in sorted(found, key=lambda each: (each[0] - each[1], each[0])):
        if _inside(span, taken):
            continue
        taken.append(span)
        meant = tuple(dict.fromkeys(found[span]))
        one = len(meant) == 1
        yield FieldValue(meant[0] if one else None, span, True, None if one else "several", () if one else meant)


def bounded(word: str) -> str:
    """An English word is none inside another one."""
    start = r"(?<![a-z0-9])" if word[:1].isascii() and word[:1].isalnum() else ""
    end = r"(?![a-z0-9])" if word[-1:].isascii() and word[-1:].isalnum() else ""
    return f"{start}{re.escape(word)}{end}"


def _order(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    for number, span in order_number_spans(text):
        yield FieldValue(number, span)


def _product(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    yield from _matched(text, around.catalogue.find_products(text), "sku")


def _customer(text: str, shape: FieldShape, around: Surroundings) -> Iterator[FieldValue]:
    yield from _matched(text, around.catalogue.find_customers(text), "id")


def _matched(text: str, matches: Iterable[Match], key: str) -> Iterator[FieldValue]:
    """What is named in full is evident; what the whole text could mean is so only to a question."""
    places: dict[Span, list[str]] = {}
    scores: dict[Span, float] = {}
    for match in matches:
        places.setdefault(match.span, []).append(str(getattr(match.item, key)))
        scores[match.span] = match.score
    for span, meant in places.items():
        one = len(meant) == 1
        named = scores[span] >= 100.0 and text[slice(*span)].strip() != ""
        yield FieldValue(
            meant[0] if one else None, span, named, None if one else "several", () if one else tuple(meant)
        )


def _short_date(text: str, shape: FieldShape, around: Surroundings) -> Value | None:
    bare = _BARE_DAY.fullmatch(text.strip(" .。"))
    found = _days(f"{bare['day']}号", around) if bare else []
    return found[0].value if found else None


def _short_boolean(text: str, shape: FieldShape, around: Surroundings) -> Value | None:
    said = text.strip(" ,.!。")
    if _FALSE.fullmatch(said) or is_no(said):
        return False
    return True if _TRUE.fullmatch(said) or is_yes(said) else None


def _short_choice(text: str, shape: FieldShape, around: Surroundings) -> Value | None:
    place = choice_in(text)
    if place is None or place > len(shape.choices):
        return None
    return shape.choices[place if place < 0 else place - 1].value


def _short_order(text: str, shape: FieldShape, around: Surroundings) -> Value | None:
    bare = _BARE_ORDER.search(text)
    return bare[0] if bare else None


Reader = Callable[[str, FieldShape, Surroundings], Iterator[FieldValue]]
ShortReader = Callable[[str, FieldShape, Surroundings], Value | None]

_READERS: Mapping[str, Reader] = {
    "money": _money,
    "number": _number,
    "integer": _integer,
    "date": _date,
    "moment": _moment,
    "choice": _choice,
    "person": _person,
    "order": _order,
    "product": _product,
    "customer": _customer,
}
_SHORT: Mapping[str, ShortReader] = {
    "date": _short_date,
    "boolean": _short_boolean,
    "choice": _short_choice,
    "order": _short_order,
}
