"""Values as other systems write them, each with what it is: a table written by hand, before anything read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from deskhand.erp.cleaning import DateOrder, DecimalSign, Profile, Rules
from deskhand.erp.cleaning.outcome import Read
from deskhand.erp.cleaning.readers import reader
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.sources import Batch

GOLD = Path(__file__).with_name("gold.yml")
FIELDS = {
    "number": Field.QUANTITY, "money": Field.TOTAL, "price": Field.UNIT_PRICE, "share": Field.DISCOUNT,
    "code": Field.ORDER_NUMBER, "moment": Field.CREATED_AT, "day": Field.REQUIRED_ON, "text": Field.PRODUCT_NAME,
    "email": Field.EMAIL, "phone": Field.PHONE, "currency": Field.CURRENCY, "carrier": Field.CARRIER,
    "unit": Field.UNIT, "flag": Field.ACTIVE,
}  # fmt: skip
UNCLEAR = [["1,5"], ["2.5"], ["3,5"], ["4.5"]]


def groups() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load(GOLD.read_text(encoding="utf-8"))
    return loaded


def of_group(group: dict[str, Any]) -> Callable[[object], Read]:
    field = FIELDS[group["type"]]
    sign, habit = group.get("decimal_sign"), group.get("sign_hint", ".")
    order = group.get("date_order")
    rules = Rules(
        Kind.ORDERS, {field: 0}, ("column",), ZoneInfo(group.get("zone", "UTC")), group.get("currency", "CNY"),
        datetime(2026, 11, 22, tzinfo=UTC), excel_1904=group.get("excel_1904", False),
        decimal_sign=DecimalSign(sign) if sign in (",", ".") else None, date_order=DateOrder(order) if order else None,
        sign_hint=DecimalSign(habit) if habit != "none" else None,
    )  # fmt: skip
    rows = UNCLEAR if sign == "unclear" else []
    return reader(field, rules, Profile(lambda: [Batch(range(len(rows)), list(rows))], rules), rules.currency)


def written(read: Read) -> str | None:
    if read.reason:
        return f"!{read.reason}"
    if read.value is None:
        return None
    return read.value.isoformat() if hasattr(read.value, "isoformat") else str(read.value)


def wrong() -> Iterator[tuple[str, object, object, object]]:
    for group in groups():
        read = of_group(group)
        for raw, expected in group["cases"]:
            found = written(read(raw))
            if found != expected:
                yield group["type"], raw, expected, found


def test_every_value_of_the_gold_table_is_read_as_people_would(tell: Callable[[str], None]) -> None:
    cases = sum(len(group["cases"]) for group in groups())
    faults = list(wrong())

    tell(f"gold table of cleaning: {cases - len(faults)} of {cases} values as expected")
    assert cases >= 300
    assert faults == []


@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_the_gold_table_has_every_type_of_value(kind: str) -> None:
    assert any(group["type"] == kind for group in groups())
