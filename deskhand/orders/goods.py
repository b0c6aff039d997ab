"""Goods of an order as facts that people are told: quantity, unit and name, in both languages. Knows no sentence."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from deskhand.orders.model import Order, OrderLine, Product
from deskhand.orders.tenant import LANGUAGES
from deskhand.orders.units import unit_label
from deskhand.orders.work import Work


def goods_said(work: Work, order: Order, quantities: Mapping[int, Decimal]) -> dict[str, object]:
    """Language -> "20箱 A4复印纸"; by the numbers of the lines, in their units."""
    lines = [line for line in order.lines if quantities.get(line.number)]
    products = work.uow.products.many({line.sku for line in lines})
    return {
        language: ", ".join(_said(line, quantities[line.number], products.get(line.sku), language) for line in lines)
        for language in LANGUAGES
    }


def _said(line: OrderLine, quantity: Decimal, product: Product | None, language: str) -> str:
    name = (product.name_zh if language == "zh" else product.name_en) if product else line.name
    unit = unit_label(line.unit, language, one=quantity == 1)
    count = f"{quantity.normalize():f}"
    return f"{name or line.name} {count}{unit}" if language == "zh" else f"{count} {unit} {name or line.name}"
