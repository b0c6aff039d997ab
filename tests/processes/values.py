"""What cases of the shipped processes are begun with, and what is answered at their tasks: enough for every way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

Values = Mapping[str, Any]

PURCHASE: Values = {
    "item": "激光打印机两台", "kind": "it", "amount": Decimal("12000.00"), "budgeted": True, "purpose": "旧机报废",
}  # fmt: skip
CREDIT: Values = {
    "customer": "huaxing", "requested_limit": Decimal(50000), "purpose": "regular", "years_with_us": 4,
    "yearly_sales": Decimal(600000), "open_debts": Decimal(10000), "overdue_debts": Decimal(0), "overdue_days": 0,
}  # fmt: skip
CONTRACT: Values = {
    "customer": "huaxing", "kind": "goods", "goods": "激光打印机 20 台", "amount": Decimal(80000),
    "delivery": "our_delivery", "payment_days": 30, "warranty_months": 12,
}  # fmt: skip
SAMPLE: Values = {
    "product": "a4_80", "grammage": Decimal("79.6"), "moisture": Decimal("4.4"), "length": Decimal("297.2"),
    "width": Decimal("210.1"), "defects": 1,
}  # fmt: skip

AT_THE_START: Mapping[str, Sequence[Values]] = {
    "purchase_approval": [PURCHASE | more for more in (
        {"kind": "office", "amount": Decimal(300)}, {"amount": Decimal(4000)}, {}, {"amount": Decimal(80000)},
    )],
    "credit_application": [CREDIT | more for more in (
        {}, {"requested_limit": Decimal(150000)}, {"overdue_debts": Decimal(500), "overdue_days": 90},
    )],
    "quality_report": [{"work_order": "WO-7"}],
    "contract_signing": [CONTRACT],
    "screen_entry": [{"order": "SO-1001", "robot": "legacy_entry"}],
}  # fmt: skip
AT_TASKS: Mapping[str, Sequence[Values]] = {
    "decide_by_finance": ({}, {"granted_limit": Decimal(900000)}),
    "measure": (SAMPLE, {**SAMPLE, "moisture": Decimal("6.1")}, {**SAMPLE, "defects": 9}),
}
