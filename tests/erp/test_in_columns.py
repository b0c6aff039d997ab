"""A large file is read and cleaned in columns: with the same outcome as row by row, whatever stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.erp.importing import ImportOptions
from deskhand.erp.report import ImportReport
from deskhand.erp.sources import FileNotReadable, Source, blocks, open_tables
from deskhand.erp.sources.framed import FramedRows
from deskhand.erp.steps import never, untold
from deskhand.erp.taking_in import Intake
from deskhand.erp.wholes import Gatherer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEADER = "Order No,Customer ID,SKU,Product,Qty,Unit Price,Order Date"
CLEAR = [f"{number},7,A,Lamp,2,1.25,2026-01-02 08:05:00" for number in range(900, 905)]  # what its columns are

cell = st.text("aé中 ,;\"'0.-", max_size=4) | st.sampled_from(
    ["12", "1", '"a,b"', '"say ""hi"""', '""', '5"', '"open', '"two\nlines"', "Total", "合计", "=", "\t", "\r", "é"]
)
line = st.lists(cell, min_size=1, max_size=4).map(",".join) | st.sampled_from(
    ["", "a,b,c", "x,1,2", "Total,,3", "-----", '"q",1,""']
)
ending = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])

order = st.tuples(
    st.sampled_from(["1001", "1001", "1002", "C1001", "", "合计"]),
    st.sampled_from(["7.0", "7.0", "8", "", "N/A"]),
    st.sampled_from(["A", "A", " B", "B\u200b"]),
    st.sampled_from(["Lamp", "Mug, small", 'Inch 5"', "＆"]),
    st.sampled_from(["1", "2", "-1", "1,200", "two", ""]),
    st.sampled_from(["1.25", "£2.5", "0.005", "-1", "1.2345"]),
    st.sampled_from(["2026-01-02 08:05:00", "2026-01-03", "03/01/2026", "13/01/2026", "1.1.26"]),
)


@contextmanager
def in_columns(block: int) -> Iterator[None]:
    """Every text is read so, in blocks of about so many bytes."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in (("SMALLEST", 0), ("FIRST", block), ("BLOCK", block)):
            patched.setattr(blocks, name, value)
        yield


def both(block: int, work: Callable[[], Any]) -> tuple[Any, Any]:
    with in_columns(block):
        quick = work()
    return quick, work()


def read(data: bytes) -> object:
    """Every row with its line, and what was left out."""
    try:
        (table,) = open_tables(Source.held("x.csv", data))
        batches = list(table.batches())
    except FileNotReadable as error:
        return error.code
    rows = [list(row) for batch in batches for row in batch.rows]
    return [line for batch in batches for line in batch.lines], rows, table.leftovers.rows, table.leftovers.counts


@given(st.lists(line, max_size=12), st.lists(ending, min_size=13, max_size=13), st.integers(1, 60), st.booleans())
def test_any_text_reads_as_row_by_row(lines: list[str], endings: list[str], block: int, ends: bool) -> None:
    text = "".join(line + end for line, end in zip(["Order,Qty,Note", *lines], endings, strict=False))
    data = (text if ends else text.rstrip("\r\n")).encode()

    quick, slow = both(block, lambda: read(data))

    assert quick == slow


@given(st.lists(order, max_size=25), st.integers(40, 400), st.integers(0, 3))
def test_a_messy_export_is_cleaned_and_grouped_as_row_by_row(
    rows: list[tuple[str, ...]], block: int, quoted: int
) -> None:
    lines = [HEADER, *CLEAR, *(",".join(written(cell, quoted == 0) for cell in row) for row in rows)]
    data = "\n".join([*lines, ""]).encode()

    quick, slow = both(block, lambda: taken_in(data))

    assert quick == slow


def written(cell: str, always: bool) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if always or "," in cell or '"' in cell else cell


def taken_in(data: bytes) -> object:
    """The orders, and everything that is told: changes by kind, refused rows with their lines and reasons."""
    report = ImportReport()
    refused: list[tuple[int, object]] = []
    options = ImportOptions("shop", currency="GBP", kind="orders")
    intake = Intake(report, options, ZoneInfo("UTC"), "GBP", NOW, untold, never)
    intake.open([Source.held("orders.csv", data)])
    gatherer = Gatherer("GBP", NOW, intake.tell, lambda _, lines, *why: refused.extend((one, why) for one in lines))
    for part in intake.parts():
        gatherer.add(part)
    wholes = sorted(gatherer.wholes(), key=lambda whole: whole.number)
    told = sorted(map(str, report.findings))
    return wholes, gatherer.reversals, sorted(refused), told, report.told, report.cleaned, report.rounded, (
        report.rows, report.refused, report.noticed, intake.held.numbers,
    )  # fmt: skip


def test_most_rows_come_in_columns_and_a_sum_between_them_costs_its_block_alone() -> None:
    lines = [f"{number},7,A,Lamp,1,1.25,2026-01-02" for number in range(1000, 1200)]
    lines[100:100] = ["Total,,,,100,,", ""]
    data = "\n".join([HEADER, *lines, ""]).encode()

    with in_columns(1000):
        (table,) = open_tables(Source.held("orders.csv", data))
        batches = list(table.batches())

    framed = [isinstance(batch.rows, FramedRows) for batch in batches]
    assert (framed.count(False), sum(len(batch.rows) for batch in batches)) == (1, 200)
    assert framed[0] and framed[-1]


def test_columns_can_be_counted_and_sliced_like_rows() -> None:
    splitter = blocks._Splitter(open_dialect(), 2)
    rows = splitter.split(b"a,1\nb,2\na,1\n").rows

    assert rows is not None
    assert (rows[1], rows[1:], list(rows)) == (
        ["b", "2"],
        [["b", "2"], ["a", "1"]],
        [["a", "1"], ["b", "2"], ["a", "1"]],
    )
    assert (rows.column(0)[0:2], dict(rows.column(0).counts()), rows.column(0).places([0])) == (
        ["a", "b"], {"a": 2, "b": 1}, [0, 2],
    )  # fmt: skip


def open_dialect() -> Any:
    (table,) = open_tables(Source.held("x.csv", b"Order,Qty\na,1\nb,2\n"))
    return table.dialect  # type: ignore[attr-defined]  # a text's own
