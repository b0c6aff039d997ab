"""Which order is meant, and which number is a parcel's."""

from __future__ import annotations

import pytest

from deskhand.language import Catalogue, customers_of_orders, is_of_order, normalise, read_order_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SO-1001 发顺丰，运单号 SF1234567890", ("SO-1001",)),
        ("SO-1001，单号JD0012345678", ("SO-1001",)),
        ("快递单号 SF1234567890", ()),
    ],
)
def test_a_parcels_number_is_no_order_number(text: str, expected: tuple[str, ...]) -> None:
    assert read_order_numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "customers"),
    [
        ("Acme's order from Tuesday", ["C2", "C3"]),
        ("where is acme's last order", ["C2", "C3"]),
        ("上周二华星那单", ["C1"]),
        ("华兴的订单到哪了", ["C4"]),
        ("Acme Inc's orders", ["C3"]),
        ("yesterday's order", []),
        ("我的订单到哪了", []),
    ],
)
def test_whose_order_is_meant(text: str, customers: list[str], catalogue: Catalogue) -> None:
    assert [customer.id for customer in customers_of_orders(normalise(text), catalogue)] == customers


@pytest.mark.parametrize(
    ("text", "day", "of_order"),
    [
        ("上周二华星那单", "上周二", True),
        ("昨天的订单", "昨天", True),
        ("华星昨天下的单", "昨天", True),
        ("yesterday's order", "yesterday", True),
        ("Acme's order from Tuesday", "Tuesday", True),
        ("the order we placed on Monday", "Monday", True),
        ("把华星的单改到下周五", "下周五", False),
        ("华星的单今天发了", "今天", False),
        ("deliver the order on Friday", "Friday", False),
        ("今天发，单号SF1234567", "今天", False),
    ],
)
def test_a_day_is_the_order_s_where_it_stands_beside_it(text: str, day: str, of_order: bool) -> None:
    start = text.index(day)

    assert is_of_order(text, (start, start + len(day))) is of_order
