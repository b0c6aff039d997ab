"""Which goods of an order somebody means: words are matched with the order's own lines. Knows no skill."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

from actions.turn import Turn
from deskhand.language import SomeReading, normalise, read_some
from deskhand.orders.commands import SomeOf
from deskhand.orders.model import Order, OrderLine

There = Mapping[int, Decimal]  # how much of each line there is for what is asked, in its unit

_ALL = re.compile(
    r"全部|所有|整单|全都|统统|一起退|都[退发到收]"
    r"|\b(?:everything|all of (?:it|them)|all the goods|whole order|entire order|it all)\b",
    re.IGNORECASE,
)


def goods_meant(turn: Turn, order: Order, there: There, text: str | None = None) -> tuple[SomeOf, ...]:
    """Nothing where the words name no goods, or could mean several."""
    words = turn.text if text is None else text
    found: list[SomeOf] = []
    for reading in readings_in(turn, words):
        some = _meant(turn, order, there, reading)
        if not some:
            return ()
        found += some
    if not found and _ALL.search(normalise(words)):
        return all_of(there)
    return tuple(found)


def readings_in(turn: Turn, text: str) -> list[SomeReading]:
    """What is said of goods; a bare number beside goods with a name is none of them ("they have one already")."""
    found = read_some(text, turn.catalogue.names)
    if not any(reading.skus for reading in found):
        return list(found)
    return [reading for reading in found if reading.skus or reading.unit is not None]


def all_of(there: There) -> tuple[SomeOf, ...]:
    return tuple(SomeOf(quantity, line=number) for number, quantity in there.items() if quantity)


def is_all(order: Order, goods: Sequence[SomeOf], there: There) -> bool:
    """Whether that is everything there is, each line in its own unit."""
    wanted: dict[int, Decimal] = {}
    for some in goods:
        lines = [line for line in order.lines if some.line in (None, line.number) and some.sku in (None, line.sku)]
        if len(lines) != 1 or some.unit not in (None, lines[0].unit):
            return False
        wanted[lines[0].number] = wanted.get(lines[0].number, Decimal(0)) + some.quantity
    return wanted == {number: quantity for number, quantity in there.items() if quantity}


def kept(goods: Sequence[SomeOf]) -> str | None:
    """As a draft keeps them."""
    rows = [{**asdict(some), "quantity": str(some.quantity)} for some in goods]
    return json.dumps(rows) if rows else None


def goods_from(said: str | None) -> tuple[SomeOf, ...]:
    """The inverse of `kept`."""
    return tuple(SomeOf(**{**row, "quantity": Decimal(row["quantity"])}) for row in json.loads(said or "[]"))


def _meant(turn: Turn, order: Order, there: There, reading: SomeReading) -> list[SomeOf]:
    """The goods of the order that one reading is of; goods that it has not are left to the desk to refuse."""
    lines = [line for line in order.lines if _fits(turn, line, reading, there)]
    skus = {line.sku for line in lines}
    if len(skus) > 1:
        return []
    if not lines:
        return [SomeOf(reading.quantity or Decimal(1), sku=reading.skus[0])] if len(reading.skus) == 1 else []
    if reading.quantity is None:
        return [SomeOf(there[line.number], line=line.number) for line in lines]
    unit = turn.catalogue.unit_code(lines[0].sku, reading.unit) if reading.unit else None
    return [SomeOf(reading.quantity, sku=lines[0].sku, unit=unit)]


def _fits(turn: Turn, line: OrderLine, reading: SomeReading, there: There) -> bool:
    if not there.get(line.number):
        return False
    if reading.skus:
        return line.sku in reading.skus
    product = turn.catalogue.products.get(line.sku)
    if reading.unit is None or product is None:
        return reading.unit is None
    return turn.catalogue.unit_code(line.sku, reading.unit) in (*product.units, product.base_unit)
