"""The facts of one order, and texts that state them rightly."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from deskhand.orders.units import UNIT_NAMES
from deskhand.writing import Fact, Facts, Templates, facts, load_templates

FOLDER = Path(__file__).resolve().parents[2] / "processes/order_to_cash/writing"
TEMPLATES: Templates = load_templates(FOLDER)
PAPER, PRINTER = ("A4纸", "A4 paper"), ("激光打印机", "laser printer")


def order(
    total: Decimal = Decimal("1234.50"),
    paper: int = 20,
    printers: int = 3,
    delivery: date = date(2026, 12, 4),
    number: str = "SO-1001",
) -> Facts:
    return {
        "customer": facts.name("华星科技有限公司", "Huaxing Technology", "华星"),
        "order": facts.identifier(number),
        "external": facts.identifier("PO7781"),
        "lines": facts.listing(
            [
                facts.line(facts.name(*PAPER), facts.quantity(Decimal(paper), UNIT_NAMES["box"], of=PAPER)),
                facts.line(facts.name(*PRINTER), facts.quantity(Decimal(printers), UNIT_NAMES["unit"], of=PRINTER)),
            ]
        ),
        "total": facts.money(total, "CNY"),
        "address": facts.name("上海浦东张江路1号"),
        "delivery_date": facts.day(delivery),
        "delivery_mode": facts.name("快递", "by courier"),
        "invoice": facts.identifier("INV-1002"),
        "invoice_date": facts.day(date(2026, 11, 21)),
        "due_date": facts.day(date(2026, 12, 21)),
    }


CHINESE = (
    "尊敬的华星科技有限公司：您的订单SO-1001已确认。订购商品为A4纸20箱、激光打印机3台，总金额为1,234.50元，"
    "我们将于2026年12月4日送达上海浦东张江路1号。"
)
ENGLISH = (
    "Dear Huaxing Technology, your order SO-1001 is confirmed. You ordered 20 boxes of A4 paper and 3 laser printers. "
    "The total is CNY 1,234.50. We will deliver to 上海浦东张江路1号 on 4 December 2026."
)
REQUIRED = ("customer", "order", "lines", "total")


def facts_of(kind: str) -> Facts:
    """The facts of one text of each kind."""
    keys = _KEYS.get(kind)
    known: dict[str, Fact | str] = {**order(), **_FURTHER}
    if kind == "risk_reminder":
        known |= {"customer": facts.name("明远五金有限公司", "Blue River Tools")}
    return {key: known[key] for key in keys} if keys else order()


_FURTHER: Facts = {
    "carrier": facts.name("顺丰", "SF Express"),
    "tracking": facts.identifier("SF1234567890"),
    "shipped_date": facts.day(date(2026, 12, 1)),
    "status": facts.state("shipped"),
    "batch": facts.identifier("B12"),
    "product": facts.name("A4纸 80克", "A4 paper 80 g"),
    "verdict": facts.state("pass"),
    "grammage": facts.measure(Decimal("79.2"), "g/m²"),
    "moisture": facts.measure(Decimal("5.4"), "%"),
    "length": facts.measure(Decimal("297.4"), "mm"),
    "width": facts.measure(Decimal("210.1"), "mm"),
    "defects": facts.measure(3, "sheets"),
    "sample": facts.measure(125, "sheets"),
    "inspector": facts.name("李雷", "Lei Li"),
    "inspected_on": facts.day(date(2026, 11, 20)),
    "company": facts.name("晨光贸易有限公司", "Morning Trade"),
    "payment_days": facts.measure(30, "days"),
    "amount": facts.money(Decimal("5200.00"), "CNY"),
    "warranty_months": facts.measure(12, "months"),
    "risk": facts.state("late"),
    "due": facts.day(date(2026, 11, 18)),
    "days_late": facts.measure(4, "days"),
}
_KEYS = {
    "shipment": ("customer", "order", "lines", "carrier", "tracking", "shipped_date", "address"),
    "customer_reply": (
        *("customer", "order", "status", "lines", "total", "delivery_date", "carrier", "tracking", "invoice"),
        "due_date",
    ),
    "quality_report": (
        *("batch", "product", "verdict", "grammage", "moisture", "length", "width", "defects", "sample"),
        *("inspector", "inspected_on"),
    ),
    "contract_clause": ("customer", "company", "amount", "payment_days", "delivery_date", "warranty_months"),
    "risk_reminder": ("risk", "order", "customer", "due", "days_late"),
}
UNUSUAL: Facts = {
    "risk": facts.state("unusual"),
    "order": facts.identifier("SO-1001"),
    "customer": facts.name("明远五金有限公司", "Blue River Tools"),
    "amount": facts.money(Decimal("98000.00"), "CNY"),
    "usual": facts.money(Decimal("9500.00"), "CNY"),
}
