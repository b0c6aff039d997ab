"""Rows that a robot read off a screen, as a file that the import takes. Knows no screen and no import."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from deskhand.robots.outcome import BusinessException

FOR_IMPORT = "import_source"  # in an item's input: the source of erp/sources that its rows are imported as


def csv_of(rows: Sequence[Mapping[str, str]]) -> str:
    """All columns that any row has, in the order in which they first come.

    Raises:
        BusinessException: `field_missing`: there is no row.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if not columns:
        raise BusinessException("field_missing", "no row was read", field="rows")
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
