"""JSON, JSON lines, HTML that calls itself a workbook, and the XML that Excel 2003 wrote."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from deskhand.erp.sources import Source, Table, json_text, open_tables

NS = "urn:schemas-microsoft-com:office:spreadsheet"


def only(data: bytes | str, name: str) -> tuple[Table, list[tuple[int, list[Any]]]]:
    (table,) = open_tables(Source.held(name, data.encode() if isinstance(data, str) else data))
    return table, [
        (line, list(row)) for batch in table.batches() for line, row in zip(batch.lines, batch.rows, strict=True)
    ]  # fmt: skip


def test_a_list_of_orders_becomes_a_row_for_each_line() -> None:
    table, rows = only(
        json.dumps([
            {"id": 1, "customer": {"name": "Ann"}, "line_items": [{"sku": "X", "qty": 2}, {"sku": "Y", "qty": 1.5}],
             "tax_lines": [{"rate": 1}], "tags": ["a", "b"]},
            {"id": 2, "customer": None, "line_items": [], "note": "call first"},
        ]),
        "orders.json",
    )  # fmt: skip

    assert table.header == ("id", "customer.name", "tags", "line_items.sku", "line_items.qty", "customer", "note")
    assert rows == [
        (1, [1, "Ann", "a; b", "X", 2, None, None]),
        (1, [1, "Ann", "a; b", "Y", Decimal("1.5"), None, None]),
        (2, [2, None, None, None, None, None, "call first"]),
    ]
    assert [(note.code, note.about) for note in table.notes] == [("list_left_out", "tax_lines")]


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"order_no": "A1", "qty": 2}]},
        {"code": 0, "data": {"total": 1, "list": [{"order_no": "A1", "qty": 2}]}, "errors": []},
        {"response": {"trades": [{"order_no": "A1", "qty": 2}]}},
        {"odata.metadata": "x", "value": [{"order_no": "A1", "qty": 2}]},
        [{"order_no": "A1", "qty": 2}],
        {"order_no": "A1", "qty": 2},
    ],
)
def test_records_are_found_wherever_an_answer_keeps_them(answer: Any) -> None:
    table, rows = only(json.dumps(answer), "a.json")

    assert table.header == ("order_no", "qty")
    assert rows == [(1, ["A1", 2])]


def test_one_order_with_its_lines_is_no_list_of_lines() -> None:
    table, rows = only('{"order_id": "A1", "customer_name": "Ann", "items": [{"sku": "X"}, {"sku": "Y"}]}', "a.json")

    assert table.header == ("order_id", "customer_name", "items.sku")
    assert [row for _, row in rows] == [["A1", "Ann", "X"], ["A1", "Ann", "Y"]]


def test_json_lines_have_their_lines_and_a_broken_one_is_told() -> None:
    table, rows = only('{"no": "A1"}\n{"no": \n\n{"no": "A2", "qty": 3}\n', "a.jsonl")

    assert rows == [(1, ["A1", None]), (4, ["A2", 3])]
    assert [(note.code, note.about) for note in table.notes] == [("broken_records", "2")]


def test_json_in_another_encoding_is_read() -> None:
    _, rows = only('[{"订单号": "A1", "客户": "华星"}]'.encode("gb18030"), "a.json")
    _, wide = only('[{"订单号": "A1", "客户": "华星"}]'.encode("utf-16"), "a.json")

    assert rows == wide == [(1, ["A1", "华星"])]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_file_that_is_longer_than_what_is_held_is_read_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    monkeypatch.setattr(json_text, "WHOLE", 500)
    records = [{"no": f"A{number}", "客户": "华星", "price": number / 4} for number in range(300)]
    text = json.dumps({"meta": {"page": 1}, "data": {"orders": records}} if wrapped else records, indent=1)

    _, rows = only(text, "a.json")

    assert [row for _, row in rows] == [[f"A{number}", "华星", Decimal(str(number / 4))] for number in range(300)]


def test_a_page_that_calls_itself_a_workbook_is_read_as_the_table_in_it() -> None:
    page = """<html><head><meta charset="gb2312"><style>td{mso-number-format:"\\@"}</style></head><body>
    <table><tr><td colspan="3">订单明细</td></tr><tr><th>订单号</th><th>客户</th><th>数量</th></tr>
    <tr><td rowspan="2">00123</td><td>华星&nbsp;公司<br>上海</td><td>3</td></tr><tr><td>明月</td><td>4</td></tr>
    <tr><td>合计</td><td></td><td>7</td></tr></table></body></html>"""

    table, rows = only(page.encode("gbk"), "订单.xls")

    assert table.header == ("订单号", "客户", "数量")
    assert rows == [(3, ["00123", "华星 公司 上海", "3"]), (4, ["00123", "明月", "4"])]
    assert [(each.line, str(each.why)) for each in table.skipped] == [(1, "preamble"), (5, "totals")]
    assert [(note.code, note.about) for note in table.notes] == [("not_as_named", "html")]


def test_what_excel_2003_wrote_is_read_with_its_gaps_and_merged_cells() -> None:
    def cell(value: str, kind: str = "String", more: str = "") -> str:
        return f'<Cell {more}><Data ss:Type="{kind}">{value}</Data></Cell>'

    down, second = 'ss:MergeDown="1"', 'ss:Index="2"'
    text = (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{NS}" xmlns:ss="{NS}">'
        f'<Worksheet ss:Name="S"><Table><Row>{cell("订单号")}{cell("客户")}{cell("数量")}</Row>'
        f'<Row ss:Index="4">{cell("001", more=down)}{cell("华星")}{cell("3", "Number")}</Row>'
        f"<Row>{cell('明月', more=second)}{cell('3.5', 'Number')}</Row>"
        "</Table></Worksheet></Workbook>"
    )

    table, rows = only(text, "a.xls")

    assert table.name == "a.xls:S"
    assert rows == [(4, ["001", "华星", 3]), (5, ["001", "明月", 3.5])]


def test_a_workbook_of_xml_with_entities_is_refused() -> None:
    with pytest.raises(Exception, match="entities") as refused:
        only(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Workbook xmlns="{NS}"/>', "a.xls")

    assert getattr(refused.value, "code", "") == "xml_entities"
