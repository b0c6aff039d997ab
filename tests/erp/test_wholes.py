"""Rows of foreign files become whole orders, and every row that does not is told of."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from deskhand.erp.importing import ImportOptions, run
from deskhand.erp.report import ImportReport, Kind
from deskhand.erp.sources import Source
from deskhand.orders.model import Actor, Order
from deskhand.store import Desk

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID"
OPTIONS = ImportOptions("shop", currency="GBP", zone="UTC")


def imported(
    desk: Desk, actor: Actor, *lines: str, header: str = HEADER, sort: str = "created"
) -> tuple[list[Order], ImportReport]:
    """The orders in the order of their numbers here."""
    source = Source.held("x.csv", "\n".join([header, *lines, ""]).encode())
    report = run(desk, actor, [source], replace(OPTIONS, sort=sort))
    with desk.unit_of_work("demo", read_only=True) as uow:
        orders = uow.orders.list(source="shop").items
    return sorted(orders, key=lambda order: order.number), report


def told(report: ImportReport) -> list[tuple[int, str]]:
    return [(finding.line, str(finding.kind)) for finding in report.findings]


def test_lines_of_one_invoice_become_one_order(desk: Desk, actor: Actor) -> None:
    orders, report = imported(
        desk, actor, "1,A,Lamp,2,2010-12-01 08:00:00,1.005,17.0", "1,B,Mug,1,2010-12-01 08:00:00,2.00,17.0",
        "2,A,Lamp,1,2010-12-01 09:00:00,1.00,18.0",
    )  # fmt: skip

    assert [(order.external_number, order.customer_name, len(order.lines)) for order in orders] == [
        ("1", "17", 2), ("2", "18", 1),
    ]  # fmt: skip
    assert orders[0].total == Decimal("4.01")  # half-up on each line
    assert report.findings == []


def test_an_order_whose_rows_name_two_customers_is_taken_for_one_and_told(desk: Desk, actor: Actor) -> None:
    orders, report = imported(
        desk, actor, "1,A,Lamp,2,2010-12-01 08:00:00,1.00,17", "1,B,Mug,1,2010-12-01 08:00:00,2.00,18",
        "2,A,Lamp,1,2010-12-01 09:00:00,1.00,18",
    )  # fmt: skip

    assert [len(order.lines) for order in orders] == [2, 1]
    assert told(report) == [(2, "customers_differ")]
    assert {report.findings[0].value, report.findings[0].reason} == {"17", "18"}


def test_a_doubled_line_is_left_out_and_told_with_its_line_number(desk: Desk, actor: Actor) -> None:
    same = "1,A,Lamp,2,2010-12-01 08:00:00,1.00,17"

    orders, report = imported(desk, actor, same, same)

    assert len(orders[0].lines) == 1
    assert (told(report), report.duplicates) == ([(3, "doubled_line")], 1)


def test_a_missing_customer_is_told_and_the_row_refused(desk: Desk, actor: Actor) -> None:
    orders, report = imported(desk, actor, "1,A,Lamp,2,2010-12-01 08:00:00,1.00,")

    assert orders == []
    assert (told(report), report.refused) == ([(2, "missing_customer")], 1)


def test_a_cancellation_is_taken_from_the_latest_earlier_order_that_holds_the_goods(desk: Desk, actor: Actor) -> None:
    orders, report = imported(
        desk, actor, "1,A,Lamp,5,2010-12-01 08:00:00,1.00,17", "2,A,Lamp,5,2010-12-02 08:00:00,1.00,17",
        "C3,A,Lamp,-2,2010-12-03 08:00:00,1.00,17", "4,A,Lamp,5,2010-12-04 08:00:00,1.00,17",
    )  # fmt: skip

    assert {order.external_number: order.total for order in orders} == {
        "1": Decimal("5"), "2": Decimal("3"), "4": Decimal("5"),
    }  # fmt: skip
    assert told(report) == [(4, "cancellation_applied")]


@pytest.mark.parametrize(
    "cancellation",
    [
        "C2,A,Lamp,-6,2010-12-03 08:00:00,1.00,17",
        "C2,A,Lamp,-1,2010-11-03 08:00:00,1.00,17",
        "C2,A,Lamp,-1,2010-12-03 08:00:00,1.00,18",
    ],
)
def test_a_cancellation_without_its_order_is_told_and_changes_nothing(
    desk: Desk, actor: Actor, cancellation: str
) -> None:
    orders, report = imported(desk, actor, "1,A,Lamp,5,2010-12-01 08:00:00,1.00,17", cancellation)

    assert orders[0].total == Decimal("5")
    assert told(report) == [(3, "cancellation_unmatched")]


def test_two_cancellations_that_are_alike_are_both_taken(desk: Desk, actor: Actor) -> None:
    orders, report = imported(
        desk, actor, "1,A,Lamp,5,2010-12-01 08:00:00,1.00,17", "C2,A,Lamp,-1,2010-12-03 08:00:00,1.00,17",
        "C2,A,Lamp red,-1,2010-12-03 08:00:00,1.00,17",
    )  # fmt: skip

    assert orders[0].total == Decimal("3")
    assert [kind for _, kind in told(report)] == ["cancellation_applied"] * 2


def test_stock_corrections_are_no_orders(desk: Desk, actor: Actor) -> None:
    orders, report = imported(desk, actor, "1,A,damaged,-10,2010-12-01 08:00:00,0.00,17")

    assert orders == []
    assert report.findings[0].kind is Kind.NOT_AN_ORDER_LINE


@pytest.mark.parametrize(
    ("sort", "expected"), [("created", ["1", "2", "3"]), ("updated", ["2", "3", "1"]), ("paid", ["3", "1", "2"])]
)
def test_r2_orders_are_sorted_by_the_chosen_time(desk: Desk, actor: Actor, sort: str, expected: list[str]) -> None:
    header = "订单号,客户,总额,下单时间,更新时间,付款时间"
    lines = ["1,华星,10,2026-01-01,2026-01-09,2026-01-08", "2,华星,10,2026-01-02,2026-01-03,",
             "3,华星,10,2026-01-03,2026-01-04,2026-01-05"]  # fmt: skip

    orders, report = imported(desk, actor, *lines, header=header, sort=sort)

    assert [order.external_number for order in orders] == expected
    assert all(order.lines == () and order.total == Decimal("10") for order in orders)
    assert report.findings == []
