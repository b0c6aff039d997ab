"""Real exports: twenty days of a shop, and a small trading company."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from deskhand.erp import ImportOptions, Source, run
from deskhand.orders.model import Actor
from deskhand.orders.money import round_amount
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.support.data import real_data

SHOP = ImportOptions("shop", currency="GBP", zone="Europe/London")


def shop_files() -> list[Path]:
    return sorted(real_data("online-retail").glob("*.csv"))


def plain_totals(files: list[Path]) -> dict[str, Decimal]:
    """Order totals as a spreadsheet would add them: no doubled lines, no cancellations."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    seen = set()
    for path in files:
        for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()):
            ordered = row["CustomerID"] and Decimal(row["Quantity"]) > 0
            if ordered and (key := tuple(row.values())) not in seen:
                seen.add(key)
                totals[row["InvoiceNo"]] += round_amount(Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]), "GBP")
    return totals


def test_twenty_days_of_a_shop_become_orders_once(desk: Desk, actor: Actor) -> None:
    files = shop_files()

    first = run(desk, actor, [Source.of(path) for path in files], SHOP)
    second = run(desk, actor, [Source.of(path) for path in files], replace(SHOP, again=True))
    third = run(desk, actor, [Source.of(path) for path in files], SHOP)

    assert (first.rows, first.orders, first.inserted, first.already_known) == (42_481, 1400, 1400, 0)
    assert (second.inserted, second.already_known) == (0, 1400)
    assert first.counts == second.counts
    assert (third.repeated, third.inserted, third.unchanged, third.refused) == (True, 0, 1400, first.refused)
    with desk.unit_of_work("demo") as uow:
        orders = {order.external_number: order for order in uow.orders.list(source="shop", limit=2000).items}
        events = uow.outbox.claim("invoice", 10, 30, desk.clock())
    assert {order.status for order in orders.values()} == {OrderStatus.SETTLED, OrderStatus.CANCELLED}
    assert events == []  # closed history has no effects
    untouched = plain_totals(files)
    changed = {number for number, order in orders.items() if order.total != untouched[number]}
    taken = {re.findall(r"order (\w+)", one.reason)[0] for one in first.findings if one.kind == "cancellation_applied"}
    assert changed == taken


def test_every_row_that_was_not_taken_is_told_with_its_line(desk: Desk, actor: Actor) -> None:
    path = shop_files()[0]

    report = run(desk, actor, [Source.of(path)], SHOP)

    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    without_customer = {line for line, row in enumerate(rows, 2) if not row["CustomerID"]}
    assert {one.line for one in report.findings if one.kind == "missing_customer"} == without_customer
    assert len(rows) == report.rows


def northwind_csv(folder: Path) -> Path:
    """Northwind's orders with their lines as one CSV file, out of the PostgreSQL script."""
    script = (real_data("northwind") / "northwind.sql").read_text(encoding="utf-8")

    def rows(table: str) -> list[list[str]]:
        found = re.findall(rf"INSERT INTO {table} VALUES \((.*)\);", script)
        return [next(csv.reader([line], quotechar="'", skipinitialspace=True)) for line in found]

    customers = {row[0]: row[1] for row in rows("customers")}
    products = {row[0]: row[1] for row in rows("products")}
    orders = {row[0]: row for row in rows("orders")}
    path = folder / "northwind.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["OrderID", "CompanyName", "ProductID", "ProductName", "UnitPrice", "Quantity", "Discount",
                         "OrderDate", "ShippedDate", "Freight", "ShipAddress", "ShipCountry"])  # fmt: skip
        for order, product, price, quantity, discount in rows("order_details"):
            head = [("" if value == "NULL" else value) for value in orders[order]]
            writer.writerow([order, customers[head[1]], product, products[product], price, quantity, discount,
                             head[3], head[5], head[7], head[9], head[13]])  # fmt: skip
    return path


def meant(value: str) -> Decimal:
    """Northwind keeps its prices as four-byte floats: 9.80000019 is 9.80."""
    return round_amount(Decimal(value), "USD")


def test_northwinds_orders_come_in_with_discounts_and_freight(desk: Desk, actor: Actor, tmp_path: Path) -> None:
    path = northwind_csv(tmp_path)

    report = run(desk, actor, [Source.of(path)], ImportOptions("northwind", currency="USD"))

    assert (report.rows, report.orders, report.inserted) == (2155, 830, 830)
    assert report.findings == []
    assert report.total == sum(
        round_amount(meant(price) * int(quantity) * (1 - meant(discount)), "USD")
        for _, _, _, _, price, quantity, discount, *_ in csv.reader(path.read_text(encoding="utf-8").splitlines()[1:])
    )
    with desk.unit_of_work("demo") as uow:
        (order,) = [
            one for one in uow.orders.list(source="northwind", limit=1000).items if one.external_number == "10250"
        ]
    assert order.total == Decimal("1552.60")  # 77.00 + 1261.40 + 214.20: two lines with 15 % off
