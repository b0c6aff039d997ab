"""How one table is to be cleaned: which column is which field, and what people said about its values. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from deskhand.erp.kinds import Field, Kind


class DateOrder(StrEnum):
    """In which order a column writes year, month and day."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


class DecimalSign(StrEnum):
    """What stands before the fraction."""

    POINT = "."
    COMMA = ","


class Missing(StrEnum):
    """What becomes of a value that isn't there."""

    REFUSE = "refuse"  # the row
    EMPTY = "empty"  # stays empty
    CONSTANT = "constant"  # a value is put there: a guest customer, say
    ABOVE = "above"  # the value of the row before: merged cells, a head only on an order's first line


@dataclass(frozen=True)
class MissingRule:
    """`value` is the constant, written as a cell of the file would be."""

    how: Missing
    value: str = ""


@dataclass(frozen=True)
class Rules:
    """Of one table.

    Attributes:
        columns: index of each field's column; what isn't in it is dropped.
        constants: fields that have the same value in every row, written as cells would be.
        date_orders, decimal_signs: what people said of single columns; the general ones count for the others.
        order_hints, sign_hint: habits, the nearest first, taken (and told) where the values leave it open.
        zone, currency: of times and amounts that name none.
        excel_1904: serial dates count from 1904.
        not_before, not_after: dates outside are told of.
    """

    kind: Kind
    columns: Mapping[Field, int]
    header: tuple[str, ...]
    zone: tzinfo
    currency: str
    now: datetime
    table: str = ""
    constants: Mapping[Field, str] = field(default_factory=dict)
    missing: Mapping[Field, MissingRule] = field(default_factory=dict)
    date_order: DateOrder | None = None
    date_orders: Mapping[Field, DateOrder] = field(default_factory=dict)
    decimal_sign: DecimalSign | None = None
    decimal_signs: Mapping[Field, DecimalSign] = field(default_factory=dict)
    order_hints: tuple[DateOrder, ...] = ()
    sign_hint: DecimalSign | None = None
    excel_1904: bool = False
    not_before: datetime = datetime(1990, 1, 1, tzinfo=UTC)
    years_ahead: int = 5

    def column(self, field: Field) -> str:
        """The header of a field's column; a constant's is the field's own name."""
        index = self.columns.get(field)
        return str(field) if index is None else self.header[index]
