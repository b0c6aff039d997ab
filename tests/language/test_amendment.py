"""Which placed order an amendment is about, and what is left of the words for the change itself."""

from __future__ import annotations

from datetime import date

import pytest

from deskhand.language import Catalogue, read_amendment, says_new_order

SAID = (
    ("1042的A4纸改成30箱", "1042", "A4纸改成30箱"),
    ("把1042的地址改成北京朝阳区建国路88号", "1042", "把地址改成北京朝阳区建国路88号"),
    ("SO-1042里的打印机不要了", "SO-1042", "打印机不要了"),
    ("给1023再加2把椅子", "1023", "再加2把椅子"),
    ("从SO-2210中删除白板", "SO-2210", "删除白板"),
    ("1031那单A4纸改成50箱", "1031", "A4纸改成50箱"),
    ("能把1042的A4纸改成30箱吗", "1042", "把A4纸改成30箱"),
    ("我想改一下SO-1001", "SO-1001", "我想改一下"),
    ("change order 1042: 30 boxes of paper", "1042", "change 30 boxes of paper"),
    ("amend 1042 to 30 boxes of paper", "1042", "change 30 boxes of paper"),
    ("add 2 chairs to order 1042", "1042", "add 2 chairs"),
    ("add two more printers to 1042 please", "1042", "add two more printers please"),
    ("remove the printers from SO-1042", "SO-1042", "remove the printers"),
    ("change the address of SO-1001 to 12 Baker Street", "SO-1001", "change the address to 12 Baker Street"),
    ("order 1042 should be 30 boxes of A4 paper", "1042", "30 boxes of A4 paper"),
    ("amend SO-2210", "SO-2210", ""),
)
NAMES_NONE = (
    "A4纸改成30箱",
    "A4纸改成300包",
    "我的订单A4纸改成10箱",
    "再加500支中性笔",
    "make it 300 boxes",
    "change the paper to 300 packs",
    "change the address to 1042 Main Street",
    "add 250 notebooks",
)


@pytest.mark.parametrize(("text", "number", "rest"), SAID)
def test_the_order_is_found_and_taken_out_of_the_words(text: str, number: str, rest: str) -> None:
    assert read_amendment(text) == (number, rest)


@pytest.mark.parametrize("text", NAMES_NONE)
def test_a_quantity_a_house_number_or_a_product_is_no_order(text: str) -> None:
    assert read_amendment(text)[0] is None


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Acme Ltd needs 20 boxes of A4 paper and 3 printers, deliver to 1 Main St, courier", True),
        ("华星要30箱A4纸，走快递", True),
        ("A4纸改成30箱", False),
        ("华星的那单A4纸30箱", False),
        ("SO-1042 30箱A4纸", False),
        ("Huaxing needs 2 more printers", False),
        ("can I still change what I bought", False),
    ],
)
def test_goods_without_a_word_of_an_order_or_a_correction_are_a_new_order(
    catalogue: Catalogue, today: date, text: str, new: bool
) -> None:
    assert says_new_order(text, catalogue, today) is new
