"""Tables for tests of cleaning: rows in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.erp.cleaning import CleanBatch, Cleaner, DecimalSign, Profile, Rules
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.sources import Batch

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Rows = Sequence[Sequence[Any]]


def rules(fields: Sequence[Field], kind: Kind = Kind.ORDERS, **more: Any) -> Rules:
    """Columns in the order of the fields, called like them."""
    columns = {field: index for index, field in enumerate(fields)}
    said = {"zone": ZoneInfo("UTC"), "currency": "CNY", "now": NOW, "table": "orders.csv",
            "sign_hint": DecimalSign.POINT, **more}  # fmt: skip
    return Rules(kind, columns, tuple(map(str, fields)), **said)


def batches(rows: Rows, size: int = 5000) -> list[Batch]:
    """The first row is line 2 of its file."""
    return [
        Batch(range(start + 2, start + 2 + len(rows[start : start + size])), list(rows[start : start + size]))
        for start in range(0, len(rows), size)
    ]


def cleaner(rows: Rows, of: Rules) -> Cleaner:
    return Cleaner(of, Profile(lambda: batches(rows), of))


def clean(rows: Rows, of: Rules) -> CleanBatch:
    """All rows in one batch."""
    (batch,) = batches(rows)
    return cleaner(rows, of).clean(batch)


def column(values: Sequence[Any], field: Field, kind: Kind = Kind.ORDERS, **more: Any) -> list[Any]:
    """One column alone, refused values as their reasons, in the order of the rows."""
    of = rules([field], kind, **more)
    reader = cleaner([[value] for value in values], of)
    reader._required = ()  # a column alone is no whole record
    (batch,) = batches([[value] for value in values])
    found = reader.clean(batch)
    good = dict(zip(found.lines, found.columns[field], strict=True))
    bad = {row.line: row.findings[0].kind for row in found.refused}
    return [good[line] if line in good else bad[line] for line in batch.lines]


def totals(found: Cleaner, field: Field) -> Mapping[str, int]:
    """How a field's values were changed."""
    return {str(change): count for (of, change), count in found.changes.items() if of is field}
