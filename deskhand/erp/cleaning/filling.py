"""What is put where a value is missing, by rule: a constant, or the value of the row before. Knows no readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from deskhand.erp.cleaning.model import Change, Changes, Value
from deskhand.erp.cleaning.rules import Missing, Rules
from deskhand.erp.findings import Finding
from deskhand.erp.kinds import Field, Kind

Columns = dict[Field, list[Value | None]]
Faults = dict[int, list[Finding]]


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

    def fill(self, columns: Columns, rows: int, faults: Mapping[int, list[Finding]]) -> Changes:
        """Fills the columns in place. The order number comes first: the others are taken of the same order only."""
        changes: Changes = Counter()
        for field in sorted(self._rules.missing, key=lambda field: field is not Field.ORDER_NUMBER):
            rule = self._rules.missing[field]
            if rule.how is Missing.CONSTANT:
                values = columns.setdefault(field, [None] * rows)
                count = self._put(field, values, faults)
                changes[field, Change.CONSTANT] += count
            elif rule.how is Missing.ABOVE and field in columns:
                changes[field, Change.ABOVE] += self._take_above(field, columns, faults)
        orders = columns.get(Field.ORDER_NUMBER)
        self._last_order = orders[-1] if orders else None
        return +changes

    def _put(self, field: Field, values: list[Value | None], faults: Mapping[int, list[Finding]]) -> int:
        constant, header = self._constants[field], self._rules.column(field)
        places = [place for place, value in enumerate(values) if value is None and not _at_fault(faults, place, header)]
        for place in places:
            values[place] = constant
        return len(places)

    def _take_above(self, field: Field, columns: Columns, faults: Mapping[int, list[Finding]]) -> int:
        values, header = columns[field], self._rules.column(field)
        orders = columns.get(Field.ORDER_NUMBER) if self._rules.kind is Kind.ORDERS else None
        bound = orders is not None and field is not Field.ORDER_NUMBER
        last, order, count = self._last.get(field), self._last_order, 0
        for place, value in enumerate(values):
            if bound and orders is not None and orders[place] != order:
                last, order = None, orders[place]
            if value is None and last is not None and not _at_fault(faults, place, header):
                values[place] = last
                count += 1
            elif value is not None:
                last = value
        self._last[field] = last
        return count


def _at_fault(faults: Mapping[int, list[Finding]], place: int, header: str) -> bool:
    """Whether something stood there that couldn't be read: that isn't missing."""
    return any(finding.column == header for finding in faults.get(place, ()))
