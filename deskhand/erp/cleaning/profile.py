"""What a column's values, all of them, say about how it writes dates and numbers. Looked at only when a value asks.

Nothing depends on the order of the rows. Knows no file: it is given the batches, as often as it needs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from deskhand.erp.cleaning.evidence import DateEvidence, NumberEvidence
from deskhand.erp.cleaning.rules import DateOrder, DecimalSign, Rules
from deskhand.erp.findings import Finding, Reason
from deskhand.erp.kinds import SPECS, Field, ValueType
from deskhand.erp.sources.framed import Coded
from deskhand.erp.sources.model import Batch

Batches = Callable[[], Iterable[Batch]]
_NUMBERS = frozenset({ValueType.MONEY, ValueType.PRICE, ValueType.NUMBER, ValueType.SHARE})
_DATES = frozenset({ValueType.MOMENT, ValueType.DAY})


class Profile:
    """Of one table. The first question reads the whole of it; a table of ISO dates and plain numbers is never asked.

    Attributes:
        told: findings about columns, for who takes them out.
    """

    def __init__(self, batches: Batches, rules: Rules) -> None:
        """`batches`: the table's own `batches`; each call begins at the first row."""
        self.told: list[Finding] = []
        self._batches = batches
        self._rules = rules
        self._numbers: dict[Field, NumberEvidence] = {}
        self._dates: dict[Field, DateEvidence] = {}
        self._looked = False
        self._signs: dict[Field, DecimalSign | None] = {}
        self._percents: dict[Field, bool | None] = {}
        self._leaders: dict[Field, frozenset[DateOrder]] = {}

    def decimal_sign(self, field: Field) -> DecimalSign | None:
        """What stands before the fraction in a column; None when it writes both ways alike often."""
        rules = self._rules
        said = rules.decimal_signs.get(field) or rules.decimal_sign
        if said:
            return said
        if field not in self._signs:
            self._look()
            self._signs[field] = self._decide_sign(field)
        return self._signs[field]

    def date_order(self, field: Field, possible: frozenset[DateOrder]) -> DateOrder | None:
        """Which of the possible orders a date of this column is in; None when nobody can say."""
        said = self._rules.date_orders.get(field) or self._rules.date_order
        if said:
            return said if said in possible else None
        if field not in self._leaders:
            self._look()
            self._leaders[field] = self._decide_order(field)
        fitting = self._leaders[field] & possible
        return next(iter(fitting)) if len(fitting) == 1 else None

    def is_percent(self, field: Field) -> bool | None:
        """Whether a column of shares writes 15 for 0.15; None when it has both kinds."""
        if field not in self._percents:
            self._look()
            self._percents[field] = self._decide_percent(field)
        return self._percents[field]

    def _decide_percent(self, field: Field) -> bool | None:
        seen = self._numbers.get(field, NumberEvidence())
        if seen.above_one and not seen.fractions:
            self._tell(Reason.DISCOUNT_ASSUMED, field, "%")
            return True
        return None if seen.above_one else False

    def _decide_sign(self, field: Field) -> DecimalSign | None:
        own = self._numbers.get(field, NumberEvidence())
        if own.signs:
            sign, mixed = own.majority()
            if mixed and sign:
                self._tell(Reason.DECIMAL_SIGN_MIXED, field, sign)
            return sign
        others = sum((one.signs for one in self._numbers.values()), Counter[DecimalSign]())
        if len(others) == 1:
            return next(iter(others))
        habit = self._rules.sign_hint or (DecimalSign.POINT if set(own.either) == {DecimalSign.COMMA} else None)
        if habit:
            self._tell(Reason.DECIMAL_SIGN_ASSUMED, field, habit)
        return habit  # 1.234 alone may be a thousand times as much: nobody guesses

    def _decide_order(self, field: Field) -> frozenset[DateOrder]:
        """The orders that are left when all values, the other columns and the tenant's habit were heard."""
        own = self._dates.get(field, DateEvidence())
        leaders, mixed = own.leaders()
        if len(leaders) > 1:
            plausible = own.plausible(leaders, self._rules.now.year)
            leaders = self._assumed(field, leaders, plausible)
        if len(leaders) > 1:
            leaders = self._like_the_others(field, leaders)
        if len(leaders) > 1:
            leaders = self._assumed(field, leaders, self._habit(leaders))
        if mixed and len(leaders) == 1:
            self._tell(Reason.DATE_ORDER_MIXED, field, next(iter(leaders)))
        return leaders

    def _assumed(
        self, field: Field, leaders: frozenset[DateOrder], better: frozenset[DateOrder]
    ) -> frozenset[DateOrder]:
        if len(better) == 1:
            self._tell(Reason.DATE_ORDER_ASSUMED, field, next(iter(better)))
        return better or leaders

    def _habit(self, leaders: frozenset[DateOrder]) -> frozenset[DateOrder]:
        """The first habit that fits. Who writes decimal commas writes the day first."""
        hints = self._rules.order_hints
        signs = sum((one.signs for one in self._numbers.values()), Counter[DecimalSign]())
        if set(signs) == {DecimalSign.COMMA}:
            hints = (*hints[:1], DateOrder.DMY, *hints[1:])
        return frozenset(next(((hint,) for hint in hints if hint in leaders), ()))

    def _like_the_others(self, field: Field, leaders: frozenset[DateOrder]) -> frozenset[DateOrder]:
        """One system writes all its dates alike."""
        clear = [one.leaders() for other, one in self._dates.items() if other is not field]
        orders = {next(iter(found)) for found, mixed in clear if len(found) == 1 and not mixed}
        return leaders & orders if len(orders) == 1 and leaders & orders else leaders

    def _tell(self, reason: Reason, field: Field, about: str) -> None:
        self.told.append(Finding(self._rules.table, 0, reason, self._rules.column(field), reason=str(about)))

    def _look(self) -> None:
        if self._looked:
            return
        self._looked = True
        columns = list(self._rules.columns.items())
        self._numbers = {field: NumberEvidence() for field, _ in columns if SPECS[field].type in _NUMBERS}
        self._dates = {field: DateEvidence() for field, _ in columns if SPECS[field].type in _DATES}
        both: dict[Field, NumberEvidence | DateEvidence] = {**self._numbers, **self._dates}
        for batch in self._batches():
            for field, index in columns:
                if field in both:
                    both[field].add(_counted(batch.column(index)))


def _counted(cells: Iterable[object]) -> Mapping[object, int]:
    if isinstance(cells, Coded):
        return dict(cells.counts().items())
    return Counter(cell for cell in cells if isinstance(cell, (str, int, float)))
