"""Refused rows go into a file that can be corrected and imported again as it is."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deskhand.erp.cleaning import Refused
from deskhand.erp.findings import Finding, Reason
from deskhand.erp.kinds import Field
from deskhand.erp.rejected import EXTRA_COLUMNS, RejectedFile, RejectedNotWritten, left_out, refused_later
from deskhand.erp.sources import Source, open_tables
from tests.erp.cleaning.tables import batches, clean, rules

HEADER = ("Order No", "Qty", "Note")
FINDING = Finding("orders.csv", 3, Reason.NOT_A_NUMBER, "Qty", "six")


def refused(*cells: Any, line: int = 3, findings: Sequence[Finding] = (FINDING,)) -> Refused:
    return Refused(line, cells, tuple(findings))


def written(path: Path, *rows: Refused, language: str = "en") -> list[list[str]]:
    with RejectedFile(path, HEADER, language) as file:
        file.add(rows)
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))


def test_each_row_stands_as_it_was_with_its_line_column_value_and_reason(tmp_path: Path) -> None:
    header, row = written(tmp_path / "r.csv", refused("00123", "six", "急"))

    assert header == [*HEADER, *EXTRA_COLUMNS]
    assert row[:3] == ["00123", "six", "急"]
    assert row[3:] == ["3", "Qty", "six", "“six” in “Qty” is not a number", "not_a_number"]


def test_every_reason_of_a_row_is_said_in_the_readers_language(tmp_path: Path) -> None:
    other = Finding("orders.csv", 3, Reason.MISSING_CUSTOMER, "Customer")

    row = written(tmp_path / "r.csv", refused("1", "six", "", findings=(FINDING, other)), language="zh")[1]

    assert row[4:] == [
        "Qty | Customer",
        "six | ",
        "“Qty”的值“six”不是数字 | 没有客户",
        "not_a_number | missing_customer",
    ]


def test_a_spreadsheet_opens_it_as_what_it_is(tmp_path: Path) -> None:
    written(tmp_path / "r.csv", refused("1", "2", "急"))

    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbfOrder No,Qty,Note,")
    assert b"\r\n" in (tmp_path / "r.csv").read_bytes()


def test_no_cell_is_calculated_when_somebody_opens_it(tmp_path: Path) -> None:
    row = written(tmp_path / "r.csv", refused("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0"))[1]

    assert all(cell[:1] not in ("=", "@", "+", "-") for cell in row)


def test_cells_of_workbooks_are_written_as_text_files_have_them(tmp_path: Path) -> None:
    at = datetime(2024, 1, 5, 8, 5, tzinfo=UTC)

    rows = written(tmp_path / "r.csv", refused(17850.5, Decimal("1E+3"), None), refused(True, date(2024, 1, 5), at))

    assert [row[:3] for row in rows[1:]] == [
        ["17850.5", "1000", ""],
        ["TRUE", "2024-01-05", "2024-01-05 08:05:00+00:00"],
    ]


def test_there_is_no_file_when_nothing_was_refused(tmp_path: Path) -> None:
    with RejectedFile(tmp_path / "r.csv", HEADER, "en"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_nothing_half_written_is_left_when_the_import_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError), RejectedFile(tmp_path / "r.csv", HEADER, "en") as file:
        file.add([refused("1", "2", "3")])
        raise ValueError

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    (tmp_path / ".r.csv.unfinished").symlink_to("/dev/full")
    file = RejectedFile(tmp_path / "r.csv", HEADER, "en")

    with pytest.raises(RejectedNotWritten):
        file.add(refused("1", "2", "x" * 100) for _ in range(10_000))
        file.close()

    assert list(tmp_path.iterdir()) == []


def test_rows_of_more_values_than_columns_are_refused_whole_and_read_back_once_corrected(tmp_path: Path) -> None:
    text = b"Order No,Qty,Note\n1,2,soon\n2,3,one,two and three\n3,4,late\n"
    (table,) = open_tables(Source.held("orders.csv", text))
    lines = [line for batch in table.batches() for line in batch.lines]
    path = tmp_path / "r.csv"

    rows = written(path, *left_out(table))

    assert lines == [2, 4]
    assert rows[1] == ["2", "3", "one", "3", "", "", rows[1][6], "row_too_long", "two and three"]
    assert "4 values" in rows[1][6]


def test_rows_that_only_the_whole_import_refuses_are_looked_up_again() -> None:
    rows = [[str(n), "1", ""] for n in range(12)]
    late = {5: [Finding("orders.csv", 5, Reason.CANCELLATION_UNMATCHED)]}

    found = list(refused_later(lambda: batches(rows, size=5), late))

    assert [(one.line, one.cells[0]) for one in found] == [(5, "3")]


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(text, text, text), min_size=1, max_size=6))
@example([("", "", '"\\')])  # looks like a quote written with a backslash
def test_it_reads_back_as_the_rows_that_were_refused(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    rows = [("number-" + first, *others) for first, *others in rows]  # a row of nothing is no row
    path = tmp_path / "r.csv"
    written(path, *(refused(*row, line=n) for n, row in enumerate(rows, 2)))

    (table,) = open_tables(Source.of(path))

    assert table.header == HEADER
    assert [tuple(row) for batch in table.batches() for row in batch.rows] == rows


def test_corrected_rows_come_in_and_only_these(tmp_path: Path) -> None:
    fields = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.TOTAL)
    first = clean([["1", "C1", "5"], ["2", "C2", "many"], ["3", "C3", "7"]], rules(fields))
    path = tmp_path / "r.csv"
    with RejectedFile(path, tuple(map(str, fields)), "en") as file:
        file.add(first.refused)
    path.write_text(path.read_text(encoding="utf-8-sig").replace("many,4", "6,4").replace(",many,", ",6,", 1), "utf-8")

    (table,) = open_tables(Source.of(path))
    again = clean([row for batch in table.batches() for row in batch.rows], rules(fields))

    assert again.columns[Field.ORDER_NUMBER] == ["2"]
    assert again.columns[Field.TOTAL] == [Decimal("6.00")]
