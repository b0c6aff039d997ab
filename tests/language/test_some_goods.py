"""A part of an order's goods: what is said of them, and whether they are cancelled or the order is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from deskhand.language import (
    Catalogue,
    cancels_goods,
    read_shipment,
    read_some,
    says_part,
    says_spoilt,
    spoilt_said,
    without_rest,
)

PAPER, PRINTER = ("SKU-1001",), ("SKU-1002",)


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("先发20箱，剩下的下周发", [((), 20, "箱")]),
        ("ship 20 boxes of SO-1001 now, the rest later", [((), 20, "boxes")]),
        ("SO-1001先发20箱A4纸，走顺丰，运单号SF1234567890", [(PAPER, 20, "箱")]),
        ("SO-1001退货2箱，破损", [((), 2, "箱")]),
        ("退2箱A4纸和1台打印机", [(PAPER, 2, "箱"), (PRINTER, 1, "台")]),
        ("customer sent back 3 printers from SO-1001", [(PRINTER, 3, None)]),
        ("打印机退了", [(PRINTER, None, None)]),
        ("SO-1001全部退货", []),
        ("SO-1001 发顺丰，运单号 SF1234567890", []),
        ("1042 退货 2箱", [((), 2, "箱")]),
    ],
)
def test_goods_are_read_without_the_numbers_around_them(
    catalogue: Catalogue, text: str, goods: list[tuple[tuple[str, ...], int | None, str | None]]
) -> None:
    found = [(some.skus, some.quantity, some.unit) for some in read_some(text, catalogue)]

    assert found == [(skus, None if count is None else Decimal(count), unit) for skus, count, unit in goods]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("先发20箱，剩下的下周发", True),
        ("分批发，先发3台", True),
        ("send 10 boxes now, the rest next week", True),
        ("only ship 10 copies today", True),
        ("SO-1001 发顺丰，运单号 SF1234567890", False),
        ("SO-1001 goes with SF, tracking SF123456", False),
        ("SO-1001全部发完了", False),
        ("SO-1001 剩下的走顺丰 SF999888777", False),
        ("the rest of SO-1001 left with DHL, tracking 4455667788", False),
    ],
)
def test_a_part_is_told_from_the_whole(text: str, part: bool) -> None:
    assert says_part(text) is part


def test_the_day_of_the_rest_is_not_the_day_of_the_part() -> None:
    assert without_rest("先发20箱，剩下的下周发，走顺丰") == "先发20箱,走顺丰"


def test_the_rest_that_leaves_keeps_its_carrier() -> None:
    text = "SO-1001 剩下的走顺丰SF999888777"

    assert without_rest(text) == text
    assert read_shipment(text, date(2026, 11, 22)).carrier == "SF"


@pytest.mark.parametrize("text", ["破损", "受潮了", "it is broken", "does not work", "质量问题"])
def test_goods_that_can_not_be_sold_are_known_by_their_words(text: str) -> None:
    assert says_spoilt(text)


def test_how_goods_are_spoilt_is_told_without_what_is_returned() -> None:
    assert spoilt_said("SO-1001退货2箱，破损") == "破损"
    assert spoilt_said("return 2 boxes of SO-1001, they came damaged") == "they came damaged"
    assert spoilt_said("2 boxes of SO-1001 came back damaged") == "damaged"
    assert spoilt_said("SO-1001退了2箱破损的") == "破损的"
    assert spoilt_said("the broken printer of SO-1001 is back") == "broken"
    assert spoilt_said("退2箱，订多了") is None


@pytest.mark.parametrize("text", ["订多了", "wrong model", "customer changed their mind"])
def test_other_reasons_leave_goods_to_be_sold(text: str) -> None:
    assert not says_spoilt(text)


@pytest.mark.parametrize(
    "text",
    [
        "取消SO-1001的打印机那行",
        "cancel the printers on SO-1001",
        "把1042的打印机取消掉",
        "SO-1001的打印机不要了",
        "cancel 2 boxes of A4 paper on SO-1001",
        "取消SO-1001的打印机，因为客户已有",
    ],
)
def test_goods_of_an_order_are_cancelled(catalogue: Catalogue, text: str) -> None:
    assert cancels_goods(text, catalogue)


@pytest.mark.parametrize(
    "text",
    [
        "取消SO-1001",
        "取消SO-1001，因为打印机太贵",
        "取消A4纸的订单",
        "cancel the A4 paper order",
        "取消SO-1001吧，客户不要A4纸了",
        "cancel SO-1001, customer no longer wants the printer",
        "打印机什么时候到",
    ],
)
def test_the_order_itself_is_cancelled_or_nothing(catalogue: Catalogue, text: str) -> None:
    assert cancels_goods(text, catalogue) is None
