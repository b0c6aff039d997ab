"""Customers, goods, stock and shipments come in like orders do: once, newest first, by the rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from deskhand.erp.importing import ImportOptions, preview, run
from deskhand.erp.report import ImportReport
from deskhand.erp.sources import Source
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.model import Actor
from deskhand.orders.status import OrderStatus, Role
from deskhand.store import Desk

OPTIONS = ImportOptions("erp", currency="EUR", zone="UTC")
CUSTOMERS = "Customer ID,Customer,Email,Address,Updated At"
PRODUCTS = "SKU,Product,Unit Price"
STOCK = "Warehouse,SKU,Quantity"
SHIPMENTS = "Order No,Carrier,Tracking Number,Shipped Date"
ORDERS = "Order No,Customer ID,Customer,SKU,Product,Qty,Unit Price,Order Date,Address"


def imported(desk: Desk, actor: Actor, kind: str, header: str, *lines: str, **more: object) -> ImportReport:
    source = Source.held(f"{kind}.csv", "\n".join([header, *lines, ""]).encode())
    return run(desk, actor, [source], replace(OPTIONS, kind=kind, **more))  # type: ignore[arg-type]  # fields by name


def test_customers_come_in_once_and_the_newer_row_counts(desk: Desk, actor: Actor) -> None:
    rows = ("17,Acme,a@acme.example,High Street 1,2026-01-05", "17,Acme Ltd,a@acme.example,High Street 2,2026-01-07")

    first = imported(desk, actor, "customers", CUSTOMERS, *rows)
    again = imported(desk, actor, "customers", CUSTOMERS, *reversed(rows), again=True)

    assert (first.inserted, first.customers, again.inserted, again.changed, again.unchanged) == (1, 1, 0, 0, 1)
    with desk.unit_of_work("demo") as uow:
        found = uow.customers.find_by_external("erp", "17")
    assert found is not None
    assert (found.name, found.address, found.email) == ("Acme Ltd", "High Street 2", "a@acme.example")


def test_goods_of_a_source_follow_it_and_the_catalogue_of_people_is_left_alone(desk: Desk, actor: Actor) -> None:
    imported(desk, actor, "products", PRODUCTS, "A,Lamp,2.50")

    report = imported(desk, actor, "products", PRODUCTS, "A,Lamp,3.50", "B,Mug,1.00")
    other = imported(desk, actor, "products", PRODUCTS, "A,Lamp,9.99", source="shop")

    assert (report.inserted, report.changed, report.products) == (1, 1, 1)
    assert [(one.field, one.reason) for one in other.disagreements if one.won == ""] == [("unit_price", "catalogue")]
    with desk.unit_of_work("demo") as uow:
        assert {sku: one.price.amount for sku, one in uow.products.many(["A", "B"]).items()} == {
            "A": Decimal("3.50"), "B": Decimal("1.00"),
        }  # fmt: skip


def test_stock_is_counted_by_a_movement_of_the_ledger(desk: Desk, actor: Actor) -> None:
    imported(desk, actor, "products", PRODUCTS, "A,Lamp,2.50")
    imported(desk, actor, "stock", STOCK, "NORTH,A,40")

    report = imported(desk, actor, "stock", STOCK, "NORTH,A,35", "NORTH,Z,1", "NORTH,A2,-1")

    assert (report.changed, report.inserted, report.refused) == (1, 0, 2)
    with desk.unit_of_work("demo") as uow:
        assert uow.stock.level("A", "NORTH").on_hand == 35
        assert uow.warehouses.has("NORTH")


def test_the_warehouse_does_a_whole_import_of_shipments_and_sales_none(desk: Desk, sales: Actor) -> None:
    more = {"start_status": OrderStatus.AWAITING_SHIPMENT}
    imported(desk, sales, "orders", ORDERS, "1,17,Acme,A,Lamp,2,1.50,2026-01-05,High Street 1", **more)
    warehouse = replace(sales, role=Role.WAREHOUSE)

    with pytest.raises(RoleNotAllowed):
        imported(desk, sales, "shipments", SHIPMENTS, "1,SF,SF1001,2026-01-08")
    with pytest.raises(RoleNotAllowed):
        imported(desk, warehouse, "orders", ORDERS, "2,17,Acme,A,Lamp,2,1.50,2026-01-05,High Street 1", **more)
    report = imported(desk, warehouse, "shipments", SHIPMENTS, "1,SF,SF1001,2026-01-08")

    with desk.unit_of_work("demo") as uow:
        order = uow.orders.by_external("erp", "1")
        stays = uow.orders.by_external("erp", "2")
    assert order is not None and stays is None
    assert (order.status, len(order.parcels), report.disagreements) == (OrderStatus.SHIPPED, 1, [])


def test_the_warehouse_takes_stock_by_a_file(desk: Desk, actor: Actor) -> None:
    imported(desk, actor, "products", "SKU,Product,Unit Price", "A,Lamp,2.50")

    report = imported(desk, replace(actor, role=Role.WAREHOUSE), "stock", "Warehouse,SKU,Quantity", "main,A,12")

    assert (report.inserted, report.refused) == (1, 0)


def test_a_preview_of_any_kind_writes_nothing(desk: Desk, actor: Actor) -> None:
    source = Source.held("p.csv", b"SKU,Product,Unit Price\nA,Lamp,2.50\n")

    looked = preview(desk, actor, [source], replace(OPTIONS, kind="products"))

    assert looked.changes["new"] == 1
    with desk.unit_of_work("demo") as uow:
        assert uow.products.many(["A"]) == {}


@pytest.mark.parametrize(
    ("start", "status", "parcels", "refused"),
    [
        (OrderStatus.AWAITING_SHIPMENT, OrderStatus.SHIPPED, 1, 0),
        (OrderStatus.PENDING_CONFIRMATION, OrderStatus.PENDING_CONFIRMATION, 0, 1),
        (None, OrderStatus.SETTLED, 1, 0),
    ],
)
def test_shipments_go_by_the_rules_of_their_order(
    desk: Desk, sales: Actor, start: OrderStatus | None, status: OrderStatus, parcels: int, refused: int
) -> None:
    imported(desk, sales, "orders", ORDERS, "1,17,Acme,A,Lamp,2,1.50,2026-01-05,High Street 1", start_status=start)

    warehouse = replace(sales, role=Role.WAREHOUSE)
    report = imported(desk, warehouse, "shipments", SHIPMENTS, "1,SF,SF1001,2026-01-08")
    again = imported(desk, warehouse, "shipments", SHIPMENTS, "1,SF,SF1001,2026-01-08", again=True)

    with desk.unit_of_work("demo") as uow:
        order = uow.orders.by_external("erp", "1")
        assert order is not None
        assert uow.orders.verify_chain(order.id)
    assert (order.status, len(order.parcels), report.refused, again.inserted) == (status, parcels, refused, 0)
    assert [str(one.kind) for one in report.findings] == ["not_taken"] * refused


def test_a_customers_terms_come_in_as_people_write_them(desk: Desk, actor: Actor) -> None:
    rows = ("1,Acme,net 30", "2,华星,月结60天", "3,Globex,30 days EOM", "4,Initech,whenever", "5,Umbra,货到付款")

    report = imported(desk, actor, "customers", "Customer ID,Customer,Payment Terms", *rows)

    with desk.unit_of_work("demo") as uow:
        found = {one.external_id: (one.account_days, one.month_end) for one in uow.customers.all() if one.external_id}
    assert found == {"1": (30, False), "2": (60, True), "3": (30, True), "5": (0, False)}
    assert [(str(one.kind), one.value) for one in report.findings] == [("unreadable_value", "whenever")]
