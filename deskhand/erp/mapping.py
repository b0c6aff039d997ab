"""How the columns of a source are to be read, as people agreed to: a file in `erp/mappings`, or a proposal kept.

Knows no format of sources and no value of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from enum import StrEnum

from deskhand.erp.kinds import Field, Kind


class DateOrder(StrEnum):
    """What comes first in a date such as 03/04/2026."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"


class OnMissing(StrEnum):
    """What becomes of a row whose value is missing."""

    REFUSE = "refuse"
    LEAVE = "leave"  # nothing is known of it
    ABOVE = "above"  # it has the value of the row before: written once for several rows
    FILL = "fill"  # with the value that the rule names


@dataclass(frozen=True, slots=True)
class Missing:
    """What to do where a field has no value."""

    do: OnMissing
    value: str = ""


@dataclass(frozen=True)
class Mapping:
    """How one kind of file of one source is read.

    Attributes:
        columns: field -> the header of its column, or its number from 1 written "#3" (for files without a header).
        constants: field -> the same value in every row.
        dropped: fields that are not taken even where there is a column.
        date_order, decimal: None: decided from the values of each column.
        source: the system that the records come from.
        precedence: among sources whose records are equally new the higher one wins; by field where one is named.
        missing: field -> what to do without a value; else as the field's kind requires.
        sheet: the sheet to take; None: every one whose columns fit.
        header: the line of the header; 0: there is none; None: found.
        guess: whether columns that it does not name are recognised.
        excel_1904: days that are numbers count from 1904, as old workbooks of a Mac do.
    """

    kind: Kind
    columns: Names[Field, str] = field(default_factory=dict)
    constants: Names[Field, str] = field(default_factory=dict)
    dropped: frozenset[Field] = frozenset()
    date_order: DateOrder | None = None
    decimal: str | None = None  # "." or ","
    zone: str | None = None
    currency: str | None = None
    source: str | None = None
    precedence: int = 0
    field_precedence: Names[Field, int] = field(default_factory=dict)
    missing: Names[Field, Missing] = field(default_factory=dict)
    sheet: str | None = None
    header: int | None = None
    guess: bool = True
    excel_1904: bool = False
    name: str = ""  # of its file
