"""What is put where a value is missing, by rule: a constant, or the value of the row before. Knows no readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import compress, repeat
from operator import is_, is_not

from deskhand.erp.cleaning.model import Change, Columns, Value, Values, changeable
from deskhand.erp.cleaning.rules import Missing, MissingRule, Rules
from deskhand.erp.findings import Finding
from deskhand.erp.kinds import Field, Kind, has_lines
from deskhand.erp.sources.framed import Shared

Faults = Mapping[int, list[Finding]]
# Shops write what belongs to the whole order on its first line only, its number on each.
_OF_THE_ORDER = (Field.CUSTOMER_ID, Field.CUSTOMER_NAME, Field.CURRENCY, Field.CREATED_AT)


class Filler:
    """Of one table; it remembers the last row of the batch before."""

    def __init__(self, rules: Rules, constant: Callable[[Field, str], Value | None]) -> None:
        """`constant` reads what a rule puts there, as if a cell held it."""
        self._rules = rules
        self._constants = {
            field: constant(field, rule.value) for field, rule in rules.missing.items() if rule.how is Missing.CONSTANT
        }
        self._last: dict[Field, Value | None] = {}
        self._last_order: Value | None = None
        self._by_line = rules.kind is Kind.ORDERS and has_lines(rules.columns) and Field.ORDER_NUMBER in rules.columns

    def fill(self, field: Field, columns: Columns, faults: Faults, *, has_holes: bool) -> Iterator[tuple[Change, int]]:
        """Fills one column in place. The order number's comes first: the others take of the same order only."""
        rule = self._rules.missing.get(field)
        if self._is_taken_above(field, rule):
            yield (
                Change.ABOVE,
                self._take_above(field, columns, faults) if has_holes else self._remember(field, columns),
            )
        if has_holes and rule and rule.how is Missing.CONSTANT:
            yield Change.CONSTANT, self._put(field, changeable(columns, field), faults)

    def absent(self) -> list[Field]:
        """The fields that no column has and a rule fills."""
        return [field for field in self._constants if field not in self._rules.columns]

    def finish(self, columns: Columns) -> None:
        """At the end of a batch."""
        orders = columns.get(Field.ORDER_NUMBER)
        self._last_order = orders[-1] if orders else None

    def _is_taken_above(self, field: Field, rule: MissingRule | None) -> bool:
        if rule and rule.how is not Missing.CONSTANT:
            return rule.how is Missing.ABOVE
        return self._by_line and field in _OF_THE_ORDER

    def _put(self, field: Field, values: list[Value | None], faults: Faults) -> int:
        constant, header = self._constants[field], self._rules.column(field)
        places = [place for place, value in enumerate(values) if value is None and not _at_fault(faults, place, header)]
        for place in places:
            values[place] = constant
        return len(places)

    def _remember(self, field: Field, columns: Columns) -> int:
        self._last[field] = columns[field][-1] if columns[field] else None
        return 0

    def _take_above(self, field: Field, columns: Columns, faults: Faults) -> int:
        header = self._rules.column(field)
        bound = self._rules.kind is Kind.ORDERS and field is not Field.ORDER_NUMBER
        orders = columns.get(Field.ORDER_NUMBER) if bound else None
        if orders is not None and self._lacks_whole_orders(columns[field], orders):
            return self._remember(field, columns)
        values = changeable(columns, field)
        last, order, count = self._last.get(field), self._last_order, 0
        for place, value in enumerate(values):
            if orders is not None and orders[place] != order:
                last, order = None, orders[place]
            if value is not None:
                last = value
            elif last is not None and not _at_fault(faults, place, header):
                values[place] = last
                count += 1
        self._last[field] = last
        return count

    def _lacks_whole_orders(self, values: Values, orders: Values) -> bool:
        """Whether every order that lacks the value lacks it in all its rows: then there is nothing to take."""
        if isinstance(values, Shared) and isinstance(orders, Shared):
            lacking = values.places(_is_none)
            without, having = orders.among(lacking), orders.among(~lacking)
        else:
            without = set(compress(orders, map(is_, values, repeat(None))))
            having = set(compress(orders, map(is_not, values, repeat(None))))
        return self._last_order not in without and without.isdisjoint(having)


def _is_none(value: object) -> bool:
    return value is None


def _at_fault(faults: Faults, place: int, header: str) -> bool:
    """Whether something stood there that couldn't be read: that isn't missing."""
    return place in faults and any(finding.column == header for finding in faults[place])
