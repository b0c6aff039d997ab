"""Orders of which a row was refused: by default they wait as a whole, so that none comes in with a part missing.

Knows rows and columns, nothing of storage.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import takewhile

from deskhand.erp.cleaning import Missing, Refused, Rules
from deskhand.erp.cleaning.codes import code
from deskhand.erp.cleaning.outcome import Refusal
from deskhand.erp.kinds import Field, Kind, has_lines
from deskhand.erp.relations import number_of
from deskhand.erp.sources import Batch, Cell
from deskhand.erp.sources.heading import is_blank

_OF_A_LINE = (Field.QUANTITY, Field.UNIT_PRICE, Field.SKU)
_GOODS = (Field.SKU, Field.PRODUCT_NAME)


class Held:
    """The numbers, by system, of the orders that rows of one import were refused of."""

    def __init__(self) -> None:
        self.numbers: set[tuple[str, str]] = set()

    def add(self, system: str, rules: Rules, refused: Sequence[Refused], batch: Batch | None = None) -> None:
        """`batch`: in which the rows stand, where a row without a number belongs to the order above it."""
        place = rules.columns.get(Field.ORDER_NUMBER)
        if rules.kind is not Kind.ORDERS or place is None or not has_lines(rules.columns):
            return
        for row in refused:
            beyond = max(0, len(row.cells) - len(rules.header)) if rules.header else 0
            numbers = [_number(cell) for cell in row.cells[place : place + beyond + 1]]  # values too many push it on
            number = numbers[0] if numbers else None
            if number is None and batch is not None and _continues(rules) and _has(rules, row.cells, _GOODS):
                number = _above(batch, row.line, place)
            if _has(rules, row.cells, _OF_A_LINE) and not (batch is not None and _sums_up(rules, row, batch, place)):
                self.numbers.update((system, each) for each in (number, *numbers[1:]) if each is not None)


def _continues(rules: Rules) -> bool:
    rule = rules.missing.get(Field.ORDER_NUMBER)
    return rule is not None and rule.how is Missing.ABOVE


def _above(batch: Batch, line: int, place: int) -> str | None:
    at = bisect_left(batch.lines, line)
    numbers = (_number(row[place]) for row in reversed(batch.rows[:at]))
    return next((number for number in numbers if number is not None), None)


def _sums_up(rules: Rules, row: Refused, batch: Batch, place: int) -> bool:
    """Whether it names no goods, and the two rows or more below it of the same order make its pieces and its price: so
    eBay writes an order of several goods.
    """
    wanted = [rules.columns.get(field) for field in (Field.QUANTITY, Field.UNIT_PRICE)]
    if None in wanted or _has(rules, row.cells, _GOODS):
        return False
    number = row.cells[place]
    below = takewhile(lambda each: each[place] == number, batch.rows[bisect_right(batch.lines, row.line) :])
    said, *lines = [tuple(number_of(each[index or 0]) for index in wanted) for each in (row.cells, *below)]
    pairs = [(many, each) for many, each in lines if many is not None and each is not None]
    made = sum(many for many, _ in pairs), sum(many * each for many, each in pairs)
    return len(pairs) == len(lines) > 1 and said == made


def _has(rules: Rules, cells: Sequence[object], fields: Sequence[Field]) -> bool:
    """Whether a row says any of these. A remark among the lines of an order, and its head once more, say nothing of a
    line; a sum names no goods. The order is whole without them.
    """
    places = [rules.columns[field] for field in fields if field in rules.columns]
    return any(place < len(cells) and not _is_nothing(cells[place]) for place in places)


def _is_nothing(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def _number(cell: Cell | object) -> str | None:
    if cell is None or (isinstance(cell, str) and is_blank(cell)):
        return None
    try:
        found = code(cell).value
    except Refusal:
        return None
    return str(found) if found else None
