"""Quantities with their units in a text: 20箱, half a dozen, -5 boxes, 三五个, a box."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from deskhand.language.catalogue import Catalogue
from deskhand.language.numerals import number_matches
from deskhand.language.readings import CatalogueProduct, NumberReading, Span
from deskhand.language.text import is_han
from deskhand.language.units import DOZEN, factor_of, unit_of, unit_pattern
from deskhand.language.words import stem
from deskhand.numerals import tidy

MOST = Decimal(1_000_000)
_NOT_A_QUANTITY = re.compile(
    r" ?(?:%|元|块钱|美元|欧元|号|楼|室|栋|弄|天|日|月|年|点(?!\d)|时|小时|分钟|"
    r"周|星期|岁|次|人(?!份)|期|折|度|寸|毫米|厘米|mm|cm"
    r"|am\b|pm\b|days?\b|weeks?\b|months?\b|years?\b|hours?\b|hrs?\b|minutes?\b|"
    r"mins?\b|st\b|nd\b|rd\b|th\b|dollars?\b|percent\b|usd\b|rmb\b|yuan\b|kuai\b|euros?\b|bucks?\b|cents?\b|inch(?:es)?\b"
    r"|:\d)",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    r"(?:每(?![样种])[\u4e00-\u9fff]{1,2}|"
    r"[$¥€£#@]|第|no\.|net|单价|价格|price|number|version|room|floor|suite|building|apt|unit price|version) ?$",
    re.IGNORECASE,
)
_UNIT_TRAP = re.compile(
    r"打(?=印|孔|字|包|火|卡|标)|本(?=子|册)|包(?=装)|支(?=架|票)|台(?=灯|历|"
    r"布|球)|箱(?=子)|件(?=夹)|条(?=码|形)|面(?=巾|纸)|盒(?=子)|袋(?=子)|瓶(?=子)|"
    r"桶(?=子)|板(?=子)|块(?=钱)|单(?=号|子|价)|部(?=门|分)"
)
_VAGUE = re.compile(
    r"[几数][十百千万亿]+|几(?=[\u4e00-\u9fff])|一些|若干|来点儿?|一点儿?(?!点)|"
    r"\b(?:some|several|a few|a bunch of|a lot of|lots of|many)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?<![A-Za-z0-9'])(?:an?|another) (?=(?P<word>[A-Za-z]+))", re.IGNORECASE)
_AND_A_HALF = re.compile(r"半(?![打个价年天成])")
_EACH = re.compile(r"各(?:要|来|订|自|买)? ?$|每[样种](?:各|要|来)?$", re.IGNORECASE)
_AND_SO_MANY = re.compile(r" ?(?:零|又|加|外加|再加|and|plus|\+) ?", re.IGNORECASE)
_TO_GOODS = re.compile(r"[ ,:x×*]*(?:of )?(?:the )?", re.IGNORECASE)
_EACH_UNITS = frozenset({"each", "ea"})
_OF_TWO_OR_THREE = frozenset({"俩", "仨"})  # the measure word is in them
_EACH_AFTER = re.compile(r" ?(?:of )?each\b", re.IGNORECASE)


@dataclass(frozen=True)
class Quantity:
    """A number of some unit; `value` is None for 几箱 and "some", `each` for 各10箱, `rest` the 5包 of 3箱零5包."""

    value: Decimal | None
    high: Decimal | None
    unit: str | None
    span: Span
    each: bool = False
    rest: Quantity | None = None


def quantities_in(text: str, taken: Sequence[Span], catalogue: Catalogue) -> list[Quantity]:
    """The quantities of a normalised text outside the taken spans (product names)."""
    units = unit_pattern(catalogue.unit_names)
    found: list[Quantity] = []
    for number in number_matches(text):
        quantity = _quantity(text, number, taken, units)
        if quantity and not (found and quantity.span[0] < found[-1].span[1]):
            found.append(quantity)
    found += _worded(text, taken, units, catalogue, [q.span for q in found])
    found.sort(key=lambda q: q.span)
    return _joined(text, taken, [q for n, q in enumerate(found) if not _is_model_number(text, q, found[n + 1 : n + 2])])


def _joined(text: str, taken: Sequence[Span], quantities: Sequence[Quantity]) -> list[Quantity]:
    """3箱零5包 and "3 boxes and 5 packs" are one quantity, unless goods stand before the first and after the second."""
    joined: list[Quantity] = []
    for quantity in quantities:
        last = joined[-1] if joined else None
        joins = last and _is_rest(last, quantity) and _AND_SO_MANY.fullmatch(text, last.span[1], quantity.span[0])
        if last and joins and not _between_goods(text, taken, (last.span[0], quantity.span[1])):
            joined[-1] = replace(last, rest=quantity, span=(last.span[0], quantity.span[1]))
        else:
            joined.append(quantity)
    return joined


def _between_goods(text: str, taken: Sequence[Span], span: Span) -> bool:
    before = any(end <= span[0] and _TO_GOODS.fullmatch(text, end, span[0]) for _, end in taken)
    return before and any(span[1] <= start and _TO_GOODS.fullmatch(text, span[1], start) for start, _ in taken)


def _is_rest(first: Quantity, second: Quantity) -> bool:
    whole = all(q.unit and q.value and q.high is None and not q.each and q.rest is None for q in (first, second))
    return whole and first.unit != second.unit


def _quantity(text: str, number: NumberReading, taken: Sequence[Span], units: re.Pattern[str]) -> Quantity | None:
    start, end = number.span
    if _overlaps(number.span, taken) or _NOT_BEFORE.search(text[:start]):
        return None
    unit, stop = _unit_after(text, end, taken, units)
    if unit is None and (_NOT_A_QUANTITY.match(text, end) or not _stands_alone(text, number)):
        return None
    start, each = _each_before(text, start)
    if unit and unit.lower() in _EACH_UNITS:
        return Quantity(number.value, number.high, None, (start, stop), each=True)
    if unit and is_han(unit[0]) and _AND_A_HALF.match(text, stop) and number.high is None:
        number, stop = replace(number, value=number.value + Decimal("0.5")), stop + 1
    after = _EACH_AFTER.match(text, stop)
    return Quantity(number.value, number.high, unit, (start, after.end() if after else stop), each or bool(after))


def _each_before(text: str, start: int) -> tuple[int, bool]:
    each = _EACH.search(text[:start])
    return (each.start(), True) if each else (start, False)


def _unit_after(text: str, end: int, taken: Sequence[Span], units: re.Pattern[str]) -> tuple[str | None, int]:
    at = end + 1 if text[end : end + 1] == " " else end
    match = units.match(text, at)
    if not match or _UNIT_TRAP.match(text, at) or _overlaps(match.span(), taken):
        return None, end
    return match.group(), match.end()


def _stands_alone(text: str, number: NumberReading) -> bool:
    """A digit that runs on into letters is part of a code; a Chinese numeral without a unit needs a clause's end."""
    after = text[number.span[1] : number.span[1] + 1]
    if number.text in _OF_TWO_OR_THREE:
        return True
    if number.text[-1:].isascii():
        return not (after.isascii() and after.isalpha()) or bool(
            re.match(r"[x*](?![A-Za-z0-9])", text[number.span[1] :])
        )
    return not (after and is_han(after)) and len(number.text) < 12


def _worded(
    text: str, taken: Sequence[Span], units: re.Pattern[str], catalogue: Catalogue, numbers: list[Span]
) -> Iterator[Quantity]:
    for match in _VAGUE.finditer(text):
        if not _overlaps(match.span(), [*taken, *numbers]):
            unit, stop = _unit_after(text, match.end(), taken, units)
            yield Quantity(None, None, unit, (match.start(), stop))
    for match in _ARTICLE.finditer(text):
        unit, stop = _unit_after(text, match.end(), taken, units)
        known = (
            unit
            or any(s <= match.end() < e for s, e in taken)
            or catalogue.knows_product_word(stem(match["word"].lower()))
        )
        if known and not _overlaps(match.span(), [*taken, *numbers]):
            yield Quantity(Decimal(1), None, unit, (match.start(), stop))


def _is_model_number(text: str, quantity: Quantity, following: Sequence[Quantity]) -> bool:
    """In "iPhone 15 3台" the 15 belongs to the name."""
    if (
        quantity.unit
        or not following
        or not following[0].unit
        or text[quantity.span[1] : following[0].span[0]].strip(" ")
    ):
        return False
    return bool(re.search(r"(?!(?<![A-Za-z])x ?$)(?:(?<![A-Za-z])[A-Za-z]+) ?$", text[: quantity.span[0]]))


def _overlaps(span: Span, spans: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in spans)


def fitted(
    product: CatalogueProduct, quantity: Decimal | None, said: str | None
) -> tuple[Decimal | None, str | None, bool]:
    """Quantity and unit in the product's own words, and whether the product has that unit.

    A dozen of a product that is not sold by the dozen is twelve of its base unit.
    """
    if said is None:
        return quantity, None, True
    unit = unit_of(product, said)
    if unit is None and said.lower() in DOZEN:
        return (tidy(quantity * 12) if quantity is not None else None), product.base_unit or None, True
    return quantity, unit or (None if unit == "" else said), unit is not None


def problem_of(product: CatalogueProduct, quantity: Decimal | None, unit: str | None) -> str | None:
    """What is wrong with so much of a product, as a problem code; None when nothing is."""
    if quantity is None:
        return "quantity_missing"
    if quantity <= 0:
        return "quantity_not_positive"
    if quantity > MOST:
        return "quantity_absurd"
    if unit is not None and unit_of(product, unit) is None and unit.lower() not in DOZEN:
        return "unit_unknown"
    base = quantity * factor_of(product, unit_of(product, unit) if unit else None)
    return "quantity_not_whole" if base != base.to_integral_value() else None
