"""What is exported: whose, of what, harmless in a spreadsheet, and the same again when it is read."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deskhand.erp.exporting import Kind, Wanted, export, headings
from deskhand.erp.formulas import neutralised, restored
from deskhand.erp.sheets import Format, open_sheet
from deskhand.orders.commands import CancelLine
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.model import Actor
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import Desk
from tests.support.desks import (
    ACME,
    CLERK,
    CUSTOMER,
    MANAGER,
    TENANT,
    WAREHOUSE,
    FakeClock,
    demo_database,
    done,
    open_desk,
    order_in,
    placed,
)

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "''=1")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock):  # type: ignore[no-untyped-def]  # a generator of a fixture
    made = open_desk(demo_database(tmp_path), clock)
    yield made
    made.close()


def exported(desk: Desk, kind: Kind, actor: Actor = MANAGER, **more: object) -> list[dict[str, str]]:
    file = io.BytesIO()
    export(desk, actor, Wanted(kind, **more), file)  # type: ignore[arg-type]  # what a test asks for
    return list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def test_each_kind_has_what_the_desk_holds(desk: Desk) -> None:
    order = order_in(desk, "packed")

    orders, lines = exported(desk, Kind.ORDERS), exported(desk, Kind.LINES)
    parcels = exported(desk, Kind.SHIPMENTS, language="zh")

    assert [(row["Order number"], row["Customer name"], row["Order total"]) for row in orders] == [
        (order.number, order.customer_name, str(order.total))
    ]
    assert orders[0]["Created at"] == "2026-11-20 10:00:00"  # in the company's zone
    assert [(row["SKU"], row["Quantity"], row["Unit"]) for row in lines] == [
        (line.sku, str(line.quantity), line.unit) for line in order.lines
    ]
    assert [(row["订单号"], row["承运商"], row["运单号"]) for row in parcels] == [(order.number, "SF", "SF1001")]
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        sold, known = uow.products.all(), uow.customers.all()
    assert [row["SKU"] for row in exported(desk, Kind.PRODUCTS)] == [product.sku for product in sold]
    assert sorted(row["Customer ID"] for row in exported(desk, Kind.CUSTOMERS)) == sorted(one.id for one in known)
    assert {row["SKU"] for row in exported(desk, Kind.STOCK)} <= {product.sku for product in sold}
    assert all(Decimal(row["On hand"]) >= 0 for row in exported(desk, Kind.STOCK))


def test_lines_that_were_cancelled_are_left_out(desk: Desk) -> None:
    order = placed(desk)
    done(desk, CancelLine(order.number, "not needed", (1,)), CLERK)

    assert [row["Line"] for row in exported(desk, Kind.LINES)] == ["2"]


def test_what_is_left_out_is_chosen_by_status_customer_day_and_warehouse(desk: Desk, clock: FakeClock) -> None:
    first = placed(desk)
    clock.forward(days=2)
    second = order_in(desk, "confirmed", quantity="21")
    day = clock().date()

    def numbers(**wanted: object) -> list[str]:
        return [row["Order number"] for row in exported(desk, Kind.ORDERS, **wanted)]

    assert numbers() == [first.number, second.number]
    assert numbers(statuses=(OrderStatus.CONFIRMED,)) == [second.number]
    assert numbers(since=day) == [second.number] and numbers(until=day - timedelta(days=1)) == [first.number]
    assert numbers(since=date(2026, 11, 20), until=date(2026, 11, 20)) == [first.number]
    assert numbers(customer_id="acme-ltd") == numbers(source="shop") == numbers(warehouse="nowhere") == []


def test_a_customer_sees_their_own_and_no_sight_of_them_that_is_the_companys(desk: Desk) -> None:
    own = placed(desk)

    assert [row["Order number"] for row in exported(desk, Kind.ORDERS, CUSTOMER)] == [own.number]
    assert exported(desk, Kind.ORDERS, ACME) == exported(desk, Kind.LINES, ACME, customer_id="huaxing") == []
    (row,) = exported(desk, Kind.CUSTOMERS, CUSTOMER)
    assert row["Customer ID"] == "huaxing" and not {"Credit limit", "Customer class"} & set(row)
    assert exported(desk, Kind.ORDERS, replace(CUSTOMER, customer_id=None)) == []


@pytest.mark.parametrize(
    ("kind", "actor"), [(Kind.STOCK, CUSTOMER), (Kind.PRODUCTS, CUSTOMER), (Kind.CUSTOMERS, WAREHOUSE)]
)
def test_who_may_not_see_it_gets_no_byte_and_a_row_in_the_audit(desk: Desk, kind: Kind, actor: Actor) -> None:
    file = io.BytesIO()

    with pytest.raises(RoleNotAllowed):
        export(desk, actor, Wanted(kind), file)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        row = uow.audit.list()[0]
    assert (file.getvalue(), row.actor, row.outcome) == (b"", actor.user_id, "refused")


def test_who_took_what_out_stands_in_the_audit(desk: Desk) -> None:
    placed(desk)

    exported(desk, Kind.ORDERS, statuses=(OrderStatus.PENDING_CONFIRMATION,))

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        row = uow.audit.list()[0]
    assert (row.actor, row.action, row.outcome) == ("manager", "export_orders", "done")
    assert row.detail == {"kind": "orders", "format": "csv", "rows": 1, "statuses": "pending_confirmation"}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_headings_in_both_languages_and_no_two_alike(desk: Desk, kind: Kind) -> None:
    for language in LANGUAGES:
        said = headings(kind, language)
        assert len(set(said.values())) == len(said) and all(said.values())
    assert exported(desk, kind) == exported(desk, kind)


@pytest.mark.parametrize("text", EVIL)
def test_no_text_of_a_csv_file_is_calculated_and_it_can_be_had_back(text: str) -> None:
    file = io.BytesIO()
    sheet = open_sheet(Format.CSV, file, "x", ["text", "number"])
    sheet.row([text, Decimal("-5.20")])
    sheet.close()

    cell, number = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))[1]
    assert cell[0] == "'" and restored(cell) == text
    assert number == "-5.20" and file.getvalue().endswith(b",-5.20\r\n")  # a number stays one


@pytest.mark.parametrize("text", ["", "A4", "'quoted'", "1-2", "a=b", "' =", "O'Neil", "'"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutralised(text) == restored(text) == text


def test_no_text_of_a_workbook_is_calculated_and_numbers_and_days_are_what_they_are() -> None:
    file = io.BytesIO()
    sheet = open_sheet(Format.XLSX, file, "orders", ["=HYPERLINK(1)", "total", "day"])
    for text in EVIL:
        sheet.row([text, Decimal("-5.2"), date(2026, 11, 20)])
    sheet.row(["a\x00b\ud800", None, None])
    sheet.close()

    with zipfile.ZipFile(file) as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in cells and cells.count('t="inlineStr"') == 3 + len(EVIL) + 1
    assert cells.count("<v>-5.2</v>") == len(EVIL) and "<v>46346</v>" in cells
    assert 'quotePrefix="1"' in styles and "<t>ab</t>" in cells


def test_a_workbook_goes_on_with_the_heading_on_the_next_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskhand.erp.sheets.MOST_ROWS", 3)
    file = io.BytesIO()
    sheet = open_sheet(Format.XLSX, file, "orders", ["number"])
    for number in range(5):
        sheet.row([number])
    sheet.close()

    with zipfile.ZipFile(file) as book:
        sheets = [book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3)]
    assert [cells.count("<row") for cells in sheets] == [3, 3, 2]
    assert all("number</t>" in cells for cells in sheets)
