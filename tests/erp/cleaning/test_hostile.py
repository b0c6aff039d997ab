"""Cells that are made to take long or to fill the memory."""

from __future__ import annotations

import tracemalloc

import pytest

from deskhand.erp.cleaning import memo as memos
from deskhand.erp.findings import Reason, shown
from deskhand.erp.kinds import SPECS, Field
from tests.erp.cleaning.tables import batches, clean, cleaner, column, rules

LONG = [
    "9" * 200_000, "1," * 100_000, "1 " * 100_000, "(" * 200_000, "&amp;" * 40_000, "&#38;amp;" * 20_000,
    "Ã" * 200_000, "Ã©" * 100_000, "\u200b" * 200_000, "年月日" * 60_000, "Jan " * 50_000, "- / . " * 30_000,
    "a@" * 100_000, "a." * 100_000 + "@b", "一" * 200_000, "万" * 200_000, "1e" * 100_000, "'" * 200_000,
    "\u0301" * 200_000, "=\"" + "\"\"" * 100_000, "x" * 200_000, "<" * 200_000, "24:" * 60_000, "$" * 200_000,
]  # fmt: skip


@pytest.mark.parametrize("field", sorted({spec.type: spec.field for spec in SPECS.values()}.values()))
def test_a_long_value_of_any_type_is_refused_or_shortened_soon(field: Field) -> None:
    """Each takes milliseconds; what took steps without end would run into the test's time limit."""
    for value in LONG:
        found = column([value], field, sorted(SPECS[field].kinds)[0])[0]

        assert found is None or isinstance(found, Reason) or len(str(found)) <= 4000


def test_what_a_report_shows_of_a_long_value_is_short_and_printable() -> None:
    found = clean(
        [["1", "C", "\x1b[31m\u202e" + "9" * 5000]], rules((Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.TOTAL))
    )

    value = found.refused[0].findings[0].value
    assert len(value) <= 80
    assert value.isprintable()
    assert shown("a\nb") == "a\ufffdb"


def test_values_that_are_never_the_same_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memos, "MOST", 500)
    monkeypatch.setattr(memos, "MOST_CHARACTERS", 100_000)
    reader = cleaner([], rules((Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.TOTAL)))

    def a_batch(number: int) -> None:
        rows = [[f"{number}-{n}", "C" * 300 + f"{number}-{n}", f"{number}.{n}x"] for n in range(200)]
        reader.clean(batches(rows)[0])

    for number in range(10):
        a_batch(number)
    tracemalloc.start()
    for number in range(10, 35):
        a_batch(number)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert grown < 1_000_000  # what twenty-five batches hold is five times as much
