"""Two customers' orders in one message are told apart; one customer's order is left whole."""

from __future__ import annotations

import pytest

from deskhand.language import Catalogue, normalise, split_orders


@pytest.mark.parametrize(
    ("text", "first", "other"),
    [
        (
            "给华星下单2把椅子明天快递送到哈尔滨，另外给Acme Ltd下单3个硒鼓后天自提",
            "给华星下单2把椅子明天快递送到哈尔滨",
            "Acme Ltd",
        ),
        ("客户华星要20箱A4纸，走快递；客户华兴贸易要3台打印机", "客户华星要20箱a4纸,走快递", "华兴贸易"),
        (
            "Acme Ltd needs 2 printers by courier, and Acme Inc needs 3 chairs",
            "acme ltd needs 2 printers by courier",
            "Acme Inc",
        ),
        ("给华星和华兴贸易各下20箱A4纸", "给华星和", "华兴贸易"),
    ],
)
def test_the_second_customers_order_begins_where_it_is_named(
    catalogue: Catalogue, text: str, first: str, other: str
) -> None:
    part, rest, found = split_orders(text, catalogue)

    assert part.lower().rstrip(" ,;") == first and found is not None and found.said == other
    assert part + rest == normalise(text)


@pytest.mark.parametrize(
    "text",
    [
        "给华星下单2把椅子，另外再要3台打印机",
        "客户华星要20箱A4纸，送到华兴贸易路1号",
        "给华星下单2把椅子，不对，是给Acme Ltd",
        "Acme Ltd, not Acme Inc, needs 2 printers",
        "Acme needs 20 packs of A4 paper",
        "要20箱A4纸",
    ],
)
def test_one_customers_order_is_left_whole(catalogue: Catalogue, text: str) -> None:
    assert split_orders(text, catalogue) == (normalise(text), "", None)
