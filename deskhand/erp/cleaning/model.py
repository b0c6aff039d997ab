"""What cleaning gives: columns of values, rows that were refused, changes counted. Plain data; knows no readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from deskhand.erp.findings import Finding
from deskhand.erp.kinds import Field
from deskhand.erp.sources.framed import Shared

Value = str | Decimal | datetime | date | bool
Values = list[Value | None] | Shared
Columns = dict[Field, Values]


class Change(StrEnum):
    """In which way a value was changed. A value can be changed in several ways, and counts once for each."""

    WHITESPACE = "whitespace"
    CONTROL = "control"  # control characters taken out
    INVISIBLE = "invisible"  # zero-width and direction signs taken out
    FULL_WIDTH = "full_width"
    ENTITY = "entity"  # &amp;
    MOJIBAKE = "mojibake"  # read in a wrong encoding by another system, and put right
    SPREADSHEET_TEXT = "spreadsheet_text"  # ="00123", '00123
    SPREADSHEET_NUMBER = "spreadsheet_number"  # 17850.0 for a code
    QUOTE = "quote"  # that another one lacks
    SPELLING = "spelling"  # of a currency, carrier, e-mail or flag
    THOUSANDS = "thousands"
    DECIMAL_COMMA = "decimal_comma"
    CURRENCY_SIGN = "currency_sign"
    NEGATIVE = "negative"  # (5), 5-
    NUMERAL = "numeral"  # 一千二百, 1.2万
    PERCENT = "percent"  # 15%, 85折
    EXPONENT = "exponent"  # 1.5E7
    UNIT_TAKEN_OFF = "unit_taken_off"  # 3 pcs
    ROUNDED = "rounded"
    DATE_FORM = "date_form"
    SHORT_YEAR = "short_year"
    SERIAL = "serial"  # a spreadsheet's count of days
    EPOCH = "epoch"  # seconds since 1970
    MISSING_WORD = "missing_word"  # N/A, 无, -
    PLACEHOLDER = "placeholder"  # 0000-00-00
    CONSTANT = "constant"  # put in place of nothing
    ABOVE = "above"  # taken from the row before


class Refused(NamedTuple):
    """One row that can't be taken: its cells as they were, and each reason."""

    line: int
    cells: Sequence[object]
    findings: tuple[Finding, ...]


@dataclass
class CleanBatch:
    """The good rows of one batch, column by column.

    Attributes:
        lines: where each good row begins in its file; as long as every column.
        columns: only fields that the table (or a constant) has; None is missing.
        refused: the rows that are in no column.
        findings: of good rows, and of columns (line 0). Those of refused rows are with these.
        originals: amounts before they were rounded, by field and line.
    """

    lines: Sequence[int]
    columns: Columns
    refused: list[Refused] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    originals: dict[Field, dict[int, Decimal]] = field(default_factory=dict)


Changes = Counter[tuple[Field, Change]]


def changeable(columns: Columns, field_: Field) -> list[Value | None]:
    """A column to put values into: as a list from now on."""
    values = columns[field_]
    if isinstance(values, Shared):
        values = columns[field_] = values.listed()
    return values
