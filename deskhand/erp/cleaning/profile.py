"""What a column's values, all of them, say about how it writes dates and numbers. Looked at only when a value asks.

Knows no file: it is given the batches, as often as it needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deskhand.erp.cleaning.rules import DateOrder, DecimalSign, Rules
from deskhand.erp.kinds import Field
from deskhand.erp.sources.model import Batch

Batches = Callable[[], Iterable[Batch]]


@dataclass(frozen=True)
class Decision:
    """How a column is to be read where a value could be read in several ways; None: such a value is refused."""

    way: DateOrder | DecimalSign | None
    told: str = ""


class Profile:
    """Of one table. The first question reads the whole of it; a table of ISO dates and plain numbers is never asked."""

    def __init__(self, batches: Batches, rules: Rules) -> None:
        """`batches`: the table's own `batches`; each call begins at the first row."""
        self._batches = batches
        self._rules = rules

    def date_order(self, field: Field) -> DateOrder | None:
        raise NotImplementedError(field)

    def decimal_sign(self, field: Field) -> DecimalSign | None:
        raise NotImplementedError(field)
