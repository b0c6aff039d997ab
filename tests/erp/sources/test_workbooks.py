"""Workbooks: titles, merged cells, several sheets, days of both epochs, formulas, codes."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from deskhand.erp.sources import Source, Table, open_tables
from tests.erp.sources.made import sheet_of, with_sheet, workbook

FILES = Path(__file__).with_name("files")
HALF_PAST_ONE = datetime.fromisoformat("2026-01-02T13:30")  # of no zone, as workbooks write times
HEAD = ["订单号", "客户", "数量"]


def rows_of(table: Table) -> list[tuple[int, list[Any]]]:
    return [(line, list(row)) for batch in table.batches() for line, row in zip(batch.lines, batch.rows, strict=True)]


def only(data: bytes, name: str = "orders.xlsx") -> Table:
    (table,) = open_tables(Source.held(name, data))
    return table


def notes(table: Table) -> list[tuple[str, str]]:
    return [(note.code, note.about) for note in table.notes]


def test_titles_above_and_sums_below_are_no_records() -> None:
    table = only(sheet_of([["销售明细表"], [], HEAD, ["A1", "华星", 2], ["A2", "明月", 1], ["合计", None, 3]]))

    assert table.name == "orders.xlsx:S"
    assert (table.header, table.header_line) == (tuple(HEAD), 3)
    assert rows_of(table) == [(4, ["A1", "华星", 2]), (5, ["A2", "明月", 1])]
    assert [(each.line, str(each.why)) for each in table.skipped] == [(1, "preamble"), (6, "totals")]


def test_what_is_merged_stands_in_every_row_that_it_covers() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("S")
        sheet.merge_range("A1:C1", "销售明细表")
        sheet.write_row("A2", HEAD)
        sheet.merge_range("A3:A4", "A1")
        sheet.merge_range("B3:B4", "华星")
        sheet.write("C3", 2)
        sheet.write("C4", 3)

    table = only(workbook(fill))

    assert table.header == tuple(HEAD)
    assert rows_of(table) == [(3, ["A1", "华星", 2]), (4, ["A1", "华星", 3])]


def test_a_merged_name_of_a_group_stands_before_the_names_below_it() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("S")
        sheet.write("A1", "Order")
        sheet.merge_range("B1:C1", "Ship to")
        sheet.merge_range("D1:E1", "Bill to")
        sheet.write_row("A2", ["No", "Name", "City", "Name", "City"])
        sheet.write_row("A3", ["A1", "Ann", "Rome", "Bob", "Oslo"])
        sheet.write_row("A4", ["A2", "Cy", "Bonn", "Di", "Bern"])

    table = only(workbook(fill))

    assert table.header == ("Order: No", "Ship to: Name", "Ship to: City", "Bill to: Name", "Bill to: City")
    assert [note.code for note in table.notes] == ["two_row_header"]


def test_each_sheet_with_rows_is_a_table_and_the_others_are_told() -> None:
    def fill(book: Any) -> None:
        for name in ("一月", "二月"):
            sheet = book.add_worksheet(name)
            sheet.write_row("A1", HEAD)
            sheet.write_row("A2", [name, "华星", 2])
        book.add_worksheet("empty")
        hidden = book.add_worksheet("hidden")
        hidden.write_row("A1", HEAD)
        hidden.hide()

    first, second = open_tables(Source.held("a.xlsx", workbook(fill)))

    assert [first.name, second.name] == ["a.xlsx:一月", "a.xlsx:二月"]
    assert rows_of(second) == [(2, ["二月", "华星", 2])]
    assert notes(first) == [("sheet_empty", "empty"), ("sheet_hidden", "hidden")]
    assert notes(second) == []


def test_one_sheet_and_the_line_of_its_header_can_be_said() -> None:
    def fill(book: Any) -> None:
        book.add_worksheet("A").write_row("A1", HEAD)
        sheet = book.add_worksheet("B")
        sheet.write_row("A1", ["Order", "Customer", "Qty"])
        sheet.write_row("A2", ["x", "y", "z"])
        sheet.write_row("A3", ["A1", "Ann", 2])

    (table,) = open_tables(Source.held("a.xlsx", workbook(fill)), sheet="B", header=2)

    assert table.header == ("x", "y", "z")
    assert rows_of(table) == [(3, ["A1", "Ann", 2])]


@pytest.mark.parametrize("date_1904", [False, True])
def test_days_are_days_by_either_epoch(date_1904: bool) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("S")
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "d/m/yy h:mm"})
        sheet.write_row("A1", ["订单号", "下单时间", "交货日期", "备注"])
        sheet.write("A2", "A1")
        sheet.write_datetime("B2", HALF_PAST_ONE, moment)
        sheet.write_datetime("C2", date(2026, 1, 5), day)
        sheet.write("D2", "2026/1/2")

    table = only(workbook(fill, default_date_format="yyyy-mm-dd", **({"date_1904": True} if date_1904 else {})))

    assert rows_of(table) == [(2, ["A1", HALF_PAST_ONE, date(2026, 1, 5), "2026/1/2"])]


def test_codes_keep_their_zeros_and_whole_numbers_have_no_point() -> None:
    table = only(
        sheet_of([["SKU", "Customer ID", "Price", "Qty"], ["00123", 17850.0, 2.5, 6.0], ["1e5", 17851, 2, -1]])
    )

    assert rows_of(table) == [(2, ["00123", 17850, 2.5, 6]), (3, ["1e5", 17851, 2, -1])]


def test_a_formula_has_the_value_that_it_had_and_is_told_where_it_had_none() -> None:
    table = only(
        with_sheet(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>Order</t></is></c>'
            '<c r="B1" t="inlineStr"><is><t>Qty</t></is></c>'
            '<c r="C1" t="inlineStr"><is><t>Total</t></is></c></row>'
            '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c><c r="C2"><f>A2*B2</f><v>2</v></c></row>'
            '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>A3</f></c><c r="C3" t="e"><v>#N/A</v></c></row>'
            '<row r="4"><c r="A4"><v>3</v></c><c r="B4"><f>A4</f><v></v></c><c r="C4"><v>5</v></c></row>'
        )
    )

    assert rows_of(table) == [(2, [1, 2, 2]), (3, [2, None, None]), (4, [3, None, 5])]
    assert {note.code: note.count for note in table.notes} == {"formula_without_value": 2, "error_cells": 1}


def test_a_workbook_of_before_2007_is_read_with_its_days_and_merged_cells() -> None:
    (table,) = open_tables(Source.of(FILES / "orders.xls"))

    assert table.told == "xls"
    assert rows_of(table) == [
        (3, ["00123", "华星", date(2026, 1, 2), 2]), (4, ["00123", "明月", date(2026, 1, 3), 3.5]),
    ]  # fmt: skip
    assert notes(table) == [("sheet_hidden", "hidden")]


def test_a_workbook_that_calls_itself_csv_is_read_as_what_it_is_and_that_is_told() -> None:
    table = only(sheet_of([HEAD, ["A1", "华星", 2]]), "orders.csv")

    assert rows_of(table) == [(2, ["A1", "华星", 2])]
    assert notes(table) == [("not_as_named", "zip")]


def test_rows_of_a_large_sheet_come_in_batches_and_twice() -> None:
    table = only(sheet_of([HEAD, *[[f"A{number}", "华星", number] for number in range(11_000)]]))

    sizes = [len(batch.rows) for batch in table.batches()]

    assert sum(sizes) == 11_000
    assert max(sizes) <= 5000
    assert [row[0] for batch in table.batches() for row in batch.rows] == [f"A{number}" for number in range(11_000)]
