"""The card of an order that is being entered, as the bot sends it."""

from __future__ import annotations

CARD = {
    "id": "c1", "kind": "order_draft", "language": "zh", "title": "订单草稿",
    "status": {"code": "draft", "label": "草稿"},
    "facts": [
        {"key": "customer", "label": "客户", "value": "华星"},
        {"key": "address", "label": "送货地址", "value": "张江路1号"},
    ],
    "lines": [
        {"sku": "PAPER-A4", "name": "A4纸", "quantity": "20", "unit": "箱",
         "unit_price": "125.00", "amount": "2,500.00"},
        {"sku": "PRN-L100", "name": "激光打印机", "quantity": "3", "unit": "台",
         "unit_price": "1,999.00", "amount": "5,997.00"},
    ],
    "total": {"label": "合计", "value": "8,497.00 元"}, "items": [], "outcome": None, "state": "open",
    "actions": [{"id": "confirm", "label": "确认下单"}, {"id": "reject", "label": "先不下单"}],
}  # fmt: skip
