"""Forms: what stands above a table goes with each of its rows, one form or several, with a table or without."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
import xlsxwriter

from deskhand.erp.sources import Source, Table, open_tables

FIRST: list[list[object]] = [
    ["采购订单"],
    ["订单编号:", "PO-1", "", "日期:", "2024-11-05"],
    ["客户：", "蓝天贸易", "", "联系人：", "王经理"],
    ["序号", "货号", "品名", "数量", "单价", "金额"],
    ["1", "A-1", "复印纸", "10", "20.00", "200.00"],
    ["2", "A-2", "签字笔", "5", "2.00", "10.00"],
    ["3", "", "", "", "", ""],
    ["合计", "", "", "15", "", "210.00"],
    ["制单人: 小李", "", "", "审核人: 老张"],
]
SECOND: list[list[object]] = [
    ["采购订单"],
    ["订单编号:", "PO-2", "", "日期:", "2024-11-06"],
    ["客户：", "白云商行"],
    ["序号", "货号", "品名", "数量", "单价", "金额"],
    ["1", "A-2", "签字笔", "50", "2.00", "100.00"],
]
ENGLISH = (
    "PURCHASE ORDER\nPO Number:,PO-7,,Order Date:,2024-11-05\nCustomer:,Globex Corp\n\n"
    "Line,Item,Description,Qty,Unit Price,Amount\n1,GX-1,Valve,3,40.00,120.00\n,,,,Subtotal,120.00\n,,,,Tax,9.60\n"
    "Authorised by: J. Smith\n"
)
INLINE = (
    "订单编号：PO-1  日期：2024-11-05,客户：蓝天贸易\n货号,品名,数量,单价\nA-1,复印纸,10,20.00\nA-2,签字笔,5,2.00\n"
)


def csv_of(*forms: Sequence[Sequence[object]]) -> Source:
    text = "\n\n".join("\n".join(",".join(map(str, row)) for row in form) for form in forms)
    return Source.held("form.csv", text.encode())


def book(*sheets: Sequence[Sequence[object]]) -> Source:
    file = io.BytesIO()
    made = xlsxwriter.Workbook(file, {"in_memory": True})
    for rows in sheets:
        sheet = made.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    made.close()
    return Source.held("form.xlsx", file.getvalue())


def read(table: Table, *names: str) -> list[tuple[object, ...]]:
    places = [table.header.index(name) for name in names]
    return [tuple(row[at] for at in places) for batch in table.batches() for row in batch.rows]


def taken(source: Source, *names: str) -> list[tuple[object, ...]]:
    return [row for table in open_tables(source) for row in read(table, *names)]


WANTED = [("PO-1", "蓝天贸易", "A-1", "10"), ("PO-1", "蓝天贸易", "A-2", "5"), ("PO-2", "白云商行", "A-2", "50")]
NAMES = ("订单编号", "客户", "货号", "数量")


@pytest.mark.parametrize(
    "source",
    [csv_of(FIRST, SECOND), book([*FIRST, [], *SECOND]), book(FIRST, SECOND)],
    ids=["csv", "stacked", "sheets"],
)
def test_forms_under_one_another_and_on_several_sheets_are_orders(source: Source) -> None:
    assert taken(source, *NAMES) == WANTED


def test_keys_and_values_may_stand_in_one_cell() -> None:
    assert taken(Source.held("a.csv", INLINE.encode()), "订单编号", "日期", "客户", "货号") == [
        ("PO-1", "2024-11-05", "蓝天贸易", "A-1"), ("PO-1", "2024-11-05", "蓝天贸易", "A-2")
    ]  # fmt: skip


def test_what_stands_below_the_lines_is_no_line() -> None:
    (table,) = open_tables(Source.held("a.csv", ENGLISH.encode()))

    assert read(table, "PO Number", "Customer", "Item") == [("PO-7", "Globex Corp", "GX-1")]
    assert table.noticed == {"form": 1}
    assert [batch.lines for batch in table.batches()] == [[6]]


def test_a_sheet_that_is_a_form_alone_is_one_record() -> None:
    rows = [
        ["订单登记表"],
        ["订单编号", "D-9001"],
        ["客户名称", "西湖茶业"],
        ["订单日期", "2024-11-05"],
        ["订单金额", "3200"],
    ]

    assert taken(book(rows), "订单编号", "客户名称", "订单金额") == [("D-9001", "西湖茶业", "3200")]


@pytest.mark.parametrize(
    "text",
    [
        "Report: Orders\nCustomer: all\nOrder No,Customer,Qty\n1,Ann,2\n2,Bob,3\n",
        "订单号：全部\n订单编号,客户,数量\n1,甲,2\n2,乙,3\n",
        "Sales Orders\nCustomer,Acme\nSKU,Description,Qty\nA,Thing,2\n",
    ],
)
def test_a_list_stays_a_list_whatever_stands_above_it(text: str) -> None:
    (table,) = open_tables(Source.held("list.csv", text.encode()))

    assert "form" not in table.noticed
