"""Rows of foreign files become orders, and every row that does not is told of."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.erp.cleaning import Unclean, moment, number
from deskhand.erp.columns import ColumnsNotRecognised, Field, recognise
from deskhand.erp.grouping import Grouper
from deskhand.erp.lines import RowCleaner
from deskhand.erp.reading import FileNotReadable, Source, read_rows
from deskhand.erp.report import ImportReport, Kind
from deskhand.orders.imports import ImportedOrder

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def group(*lines: str, header: str = HEADER, sort: str = "created") -> tuple[list[ImportedOrder], ImportReport]:
    report = ImportReport()
    names, rows = read_rows(Source("x.csv", "\n".join([header, *lines]).encode()))
    grouper = Grouper("GBP", report)
    grouper.add(RowCleaner(recognise(names), UTC, NOW, report).clean(rows))
    return grouper.orders(sort), report


def kinds(report: ImportReport) -> list[tuple[int, str]]:
    return [(finding.line, str(finding.kind)) for finding in report.findings]


def test_lines_of_one_invoice_become_one_order() -> None:
    orders, report = group(
        "1,A,Lamp,2,2010-12-01 08:00:00,1.005,17.0", "1,B,Mug,1,2010-12-01 08:00:00,2.00,17.0",
        "2,A,Lamp,1,2010-12-01 09:00:00,1.00,18.0",
    )  # fmt: skip

    assert [(order.external_number, order.customer_external_id, len(order.lines)) for order in orders] == [
        ("1", "17", 2), ("2", "18", 1),
    ]  # fmt: skip
    assert orders[0].total == Decimal("4.01")  # half-up on each line
    assert report.findings == []


def test_a_doubled_line_is_left_out_and_told_with_its_line_number() -> None:
    orders, report = group("1,A,Lamp,2,2010-12-01 08:00:00,1.00,17", "1,A,Lamp,2,2010-12-01 08:00:00,1.00,17")

    assert len(orders[0].lines) == 1
    assert kinds(report) == [(3, "doubled_line")]


def test_a_missing_customer_is_told_and_the_row_refused() -> None:
    orders, report = group("1,A,Lamp,2,2010-12-01 08:00:00,1.00,")

    assert orders == []
    assert kinds(report) == [(2, "missing_customer")]


def test_a_cancellation_is_taken_from_the_latest_earlier_order_that_holds_the_goods() -> None:
    orders, report = group(
        "1,A,Lamp,5,2010-12-01 08:00:00,1.00,17", "2,A,Lamp,5,2010-12-02 08:00:00,1.00,17",
        "C3,A,Lamp,-2,2010-12-03 08:00:00,1.00,17", "4,A,Lamp,5,2010-12-04 08:00:00,1.00,17",
    )  # fmt: skip

    assert {order.external_number: order.total for order in orders} == {
        "1": Decimal("5.00"), "2": Decimal("3.00"), "4": Decimal("5.00"),
    }  # fmt: skip
    assert kinds(report) == [(4, "cancellation_applied")]


def test_an_order_whose_every_line_was_taken_back_is_cancelled() -> None:
    orders, _ = group("1,A,Lamp,5,2010-12-01 08:00:00,1.00,17", "C2,A,Lamp,-5,2010-12-03 08:00:00,1.00,17")

    assert orders[0].cancelled
    assert orders[0].total == Decimal("0.00")


@pytest.mark.parametrize(
    "cancellation",
    [
        "C2,A,Lamp,-6,2010-12-03 08:00:00,1.00,17",
        "C2,A,Lamp,-1,2010-11-03 08:00:00,1.00,17",
        "C2,A,Lamp,-1,2010-12-03 08:00:00,1.00,18",
    ],
)
def test_a_cancellation_without_its_order_is_told_and_changes_nothing(cancellation: str) -> None:
    orders, report = group("1,A,Lamp,5,2010-12-01 08:00:00,1.00,17", cancellation)

    assert orders[0].total == Decimal("5.00")
    assert kinds(report) == [(3, "cancellation_unmatched")]


def test_stock_corrections_are_no_orders() -> None:
    orders, report = group("1,A,damaged,-10,2010-12-01 08:00:00,0.00,17")

    assert orders == []
    assert report.findings[0].kind is Kind.NOT_AN_ORDER_LINE


def test_an_unreadable_value_is_told_with_column_value_and_reason() -> None:
    _, report = group("1,A,Lamp,two,2010-12-01 08:00:00,1.00,17", "2,A,Lamp,2,yesterday,1.00,17")

    assert [(f.line, f.column, f.value, f.reason) for f in report.findings] == [
        (2, "quantity", "two", "not a number"), (3, "created_at", "yesterday", "not a date"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sort", "expected"), [("created", ["1", "2", "3"]), ("updated", ["2", "3", "1"]), ("paid", ["3", "1", "2"])]
)
def test_r2_orders_are_sorted_by_the_chosen_time(sort: str, expected: list[str]) -> None:
    header = "订单号,客户,总额,下单时间,更新时间,付款时间"
    lines = ["1,华星,10,2026-01-01,2026-01-09,2026-01-08", "2,华星,10,2026-01-02,2026-01-03,",
             "3,华星,10,2026-01-03,2026-01-04,2026-01-05"]  # fmt: skip

    orders, report = group(*lines, header=header, sort=sort)

    assert [order.external_number for order in orders] == expected
    assert all(order.lines == () and order.total == Decimal("10.00") for order in orders)
    assert report.findings == []


def test_chinese_headers_and_gb18030_are_read() -> None:
    header, rows = read_rows(Source("订单.csv", "订单号;客户名称;金额\nA1;华星;￥1,234.5\n".encode("gb18030")))

    assert recognise(header).keys() == {Field.ORDER_NUMBER, Field.CUSTOMER_NAME, Field.TOTAL}
    assert next(iter(rows)).values == ("A1", "华星", "￥1,234.5")


@pytest.mark.parametrize("data", [b"", b"  \n", b"\x00\x01\x02", b"\xff\xfe\x00"])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises((FileNotReadable, ColumnsNotRecognised)):
        header, _ = read_rows(Source("x.csv", data))
        recognise(header)


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(ColumnsNotRecognised, match="a customer.*among: number, foo"):
        recognise(["number", "foo"])


@given(st.text(max_size=40))
def test_no_value_breaks_the_cleaning(value: str) -> None:
    for reader in (number, lambda text: moment(text, UTC)):
        try:
            reader(value)
        except Unclean:
            pass


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reading(data: bytes) -> None:
    try:
        header, rows = read_rows(Source("x", data))
        list(rows)
        recognise(header)
    except (FileNotReadable, ColumnsNotRecognised):
        pass


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_numbers_are_read_back_however_they_are_grouped(value: Decimal) -> None:
    assert number(f"{value:,}") == number(str(value)) == number(f"￥{value:,} 元") == value
