"""Orders made by hand, for documents: no store needed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from deskhand.orders.model import Customer, Invoice, Order, OrderLine, Parcel, Product, Shipment
from deskhand.orders.money import Money
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.tenant import Tenant

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TENANT = Tenant("demo", "Deskhand Demo 演示公司", time_zone="Asia/Shanghai")
HUAXING = Customer(
    "c1", "华星科技有限公司", email="ap@huaxing.example", address="上海浦东张江路1号", language="zh", account_days=30
)
ACME = Customer("c2", "Acme Ltd", email="ap@acme.example", address="1 High Street, Leeds", language="en")
PRODUCTS = {
    "PAPER-A4": Product("PAPER-A4", "A4纸", "A4 paper", "pack", {"box": Decimal(10)}, Money(Decimal("25"), "CNY")),
    "PRN-L100": Product("PRN-L100", "激光打印机", "Laser printer", "unit", {}, Money(Decimal("1299"), "CNY")),
}
PARCELS = (
    Parcel("p1", "顺丰", "SF1234567890", "上海浦东张江路1号", date(2026, 11, 25)),
    Parcel("p2", "顺丰", "SF1234567891", "上海浦东张江路1号", date(2026, 11, 26)),
)


def lines(count: int = 2) -> tuple[OrderLine, ...]:
    kinds = [
        ("PAPER-A4", "A4纸", "box", Decimal(20), Decimal("250.00")),
        ("PRN-L100", "激光打印机", "unit", Decimal(3), Decimal("1299.00")),
    ]
    return tuple(
        OrderLine(number, sku, name, quantity, unit, quantity, price, quantity * price)
        for number in range(1, count + 1)
        for sku, name, unit, quantity, price in [kinds[(number - 1) % 2]]
    )


def order(customer: Customer = HUAXING, count: int = 2, **changes: object) -> Order:
    made = lines(count)
    values: dict[str, object] = {
        "id": "o1", "tenant": "demo", "number": "SO-1001", "customer_id": customer.id, "customer_name": customer.name,
        "status": OrderStatus.CONFIRMED, "payment_status": PaymentStatus.UNPAID, "currency": "CNY",
        "total": sum((line.amount for line in made), Decimal(0)), "lines": made, "row_version": 1,
        "created_at": NOW, "updated_at": NOW, "warehouse": "main", "shipments": (Shipment("s1", "main", PARCELS),),
    }  # fmt: skip
    return Order(**{**values, **changes})  # type: ignore[arg-type]


def invoice(one: Order) -> Invoice:
    return Invoice("INV-1001", NOW, one.total, one.currency)
