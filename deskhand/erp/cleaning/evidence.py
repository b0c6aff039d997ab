"""What single values show about their column: which sign parts the fraction, which number is the day.

Counted by how often they occur, so the order of rows is of no account. Knows no rules and no tenant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from deskhand.erp.cleaning.dates import evidence
from deskhand.erp.cleaning.numbers import Number, number
from deskhand.erp.cleaning.outcome import Refusal
from deskhand.erp.cleaning.rules import DateOrder, DecimalSign
from deskhand.erp.cleaning.texts import narrow
from deskhand.erp.findings import Reason

_MOST = 20  # so many times as often is a habit, the rest are slips
_KNOWN = 50_000  # values whose evidence is kept
_YEARS = 3  # a column of two-digit years spans at least so many fewer when it is read right


@dataclass
class NumberEvidence:
    """Of a column of numbers.

    Attributes:
        signs: how often each sign can only have been the decimal one.
        either: how often a comma, or a point, could be the decimal sign as well as the other.
        above_one, fractions: how many values are more than one, and between nought and one.
    """

    signs: Counter[DecimalSign] = field(default_factory=Counter)
    either: Counter[DecimalSign] = field(default_factory=Counter)
    above_one: int = 0
    fractions: int = 0
    _known: dict[object, Number | DecimalSign | None] = field(default_factory=dict)

    def add(self, cells: Mapping[object, int]) -> None:
        for cell, count in cells.items():
            read = self._read(cell)
            if isinstance(read, DecimalSign):
                self.either[read] += count
            if not isinstance(read, Number):
                continue
            if read.shows:
                self.signs[read.shows] += count
            if not read.percent:
                self.above_one += count * (read.value > 1)
                self.fractions += count * (0 < read.value < 1)

    def majority(self) -> tuple[DecimalSign | None, bool]:
        """The sign that counts (None: both do), and whether the other occurs too."""
        (most, times), *others = self.signs.most_common()
        if not others:
            return most, False
        return (most if times >= _MOST * others[0][1] else None), True

    def _read(self, cell: object) -> Number | DecimalSign | None:
        if len(self._known) > _KNOWN:
            self._known.clear()
        if cell not in self._known:
            self._known[cell] = _number(cell)
        return self._known[cell]


def _number(cell: object) -> Number | DecimalSign | None:
    """A number, the sign that stands in what could be two numbers, or None."""
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        value = Decimal(str(cell))
        return Number(value) if value.is_finite() else None
    try:
        return number(cell, lambda: None) if isinstance(cell, str) else None
    except Refusal as refusal:
        if refusal.reason is not Reason.DECIMAL_SIGN_UNCLEAR:
            return None
        return DecimalSign.COMMA if isinstance(cell, str) and "," in narrow(cell) else DecimalSign.POINT


@dataclass
class DateEvidence:
    """Of a column of dates: in how many each order is possible, and from which year to which it then goes."""

    total: int = 0
    votes: Counter[DateOrder] = field(default_factory=Counter)
    years: dict[DateOrder, tuple[int, int]] = field(default_factory=dict)

    def add(self, cells: Mapping[object, int]) -> None:
        for cell, count in cells.items():
            possible = evidence(" ".join(narrow(cell).split())) if isinstance(cell, str) and len(cell) < 40 else {}
            if not possible:
                continue
            self.total += count
            for order, year in possible.items():
                self.votes[order] += count
                first, last = self.years.get(order, (year, year))
                self.years[order] = min(first, year), max(last, year)

    def leaders(self) -> tuple[frozenset[DateOrder], bool]:
        """The orders in which most values are dates, and whether some are none in these; empty when too many."""
        if not self.total:
            return frozenset(DateOrder), False
        most = max(self.votes.values())
        if (self.total - most) * _MOST > self.total:
            return frozenset(), True
        return frozenset(order for order, votes in self.votes.items() if votes == most), most < self.total

    def plausible(self, orders: frozenset[DateOrder], this_year: int) -> frozenset[DateOrder]:
        """Without those that take days for years: 01/04/24 to 20/04/24 are not twenty years up to 2020."""
        near = frozenset(order for order in orders if order in self.years and self.years[order][1] <= this_year + 1)
        if not near:
            return orders
        spans = {order: self.years[order][1] - self.years[order][0] for order in near}
        shortest = min(spans.values())
        return frozenset(order for order, span in spans.items() if span <= shortest + _YEARS)
