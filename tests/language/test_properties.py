"""A random draft said as a sentence reads back as the same draft; no text of any kind crashes a reader."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.language import (
    Catalogue,
    DraftLine,
    detect_language,
    is_leave,
    is_no,
    is_question,
    is_yes,
    read_answer,
    read_change,
    read_dates,
    read_money,
    read_numbers,
    read_order,
    read_order_numbers,
    read_shipment,
)
from deskhand.numerals import parse_chinese

from .conftest import CUSTOMERS, PRODUCTS

CATALOGUE = Catalogue(PRODUCTS, CUSTOMERS)
TODAY = date(2026, 11, 18)
DRAFT = (DraftLine("SKU-1001", "A4纸", Decimal(20), "箱"), DraftLine("SKU-1002", "打印机", Decimal(3), "台"))
CHINESE = (("A4纸", "箱"), ("激光打印机", "台"), ("办公椅", "把"), ("硒鼓", "个"), ("蓝色签字笔", "支"))
ENGLISH = (("A4 Paper", "boxes of "), ("laser printers", ""), ("office chairs", ""), ("toner cartridges", ""))
SKUS = ("SKU-1001", "SKU-1002", "SKU-1003", "SKU-1004", "SKU-1005")

quantities = st.integers(1, 9999)
TIDBITS = """20箱A4纸 打印机 客户华星 送到 张江路1号 下周五前 快递 不要 改成 再加 把 去掉 各 半打 -5 三五个
    for Acme deliver to by Friday $5 SO-1001 SF123 , 。 ( ) and 12/3 2026-99-99 第二个 net 30
    remove the 1万2 ½ ² ٣ 百百 零"""
tidbits = st.sampled_from([*TIDBITS.split(), "\n"])
texts = st.one_of(st.text(max_size=80), st.lists(tidbits, max_size=12).map(" ".join), st.lists(tidbits).map("".join))
asked_for = st.sampled_from(
    "customer lines quantity address delivery_mode delivery_date order_number carrier choice confirm".split(" ")
)


def numeral(number: int) -> str:
    digits, places = "零一二三四五六七八九", ("", "十", "百", "千")
    said = ""
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        said += digits[digit] + places[place] if digit else "零"
    while "零零" in said:
        said = said.replace("零零", "零")
    return said.rstrip("零")


@given(quantities)
def test_chinese_numerals_round_trip(number: int) -> None:
    assert parse_chinese(numeral(number)) == number


@given(
    st.lists(st.sampled_from(range(len(CHINESE))), min_size=1, max_size=5, unique=True),
    st.lists(quantities, min_size=5, max_size=5),
    st.sampled_from(["、", "，", "和", "", "\n", "；"]),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_a_chinese_sentence_reads_back_as_its_draft(
    picked: list[int], numbers: list[int], joint: str, unit_first: bool, in_words: bool
) -> None:
    said = [
        (f"{numeral(n) if in_words else n}{CHINESE[p][1]}", CHINESE[p][0])
        for p, n in zip(picked, numbers, strict=False)
    ]
    sentence = "客户华星要" + joint.join(q + name if unit_first else name + q for q, name in said) + "，自提"

    order = read_order(sentence, CATALOGUE, TODAY)

    assert [(line.product and line.product.sku, line.quantity) for line in order.lines] == [
        (SKUS[p], n) for p, n in zip(picked, numbers, strict=False)
    ]
    assert all(line.problem is None for line in order.lines)
    assert order.customer == CUSTOMERS[0] and order.delivery_mode == "pickup"


@given(
    st.lists(st.sampled_from(range(len(ENGLISH))), min_size=1, max_size=4, unique=True),
    st.lists(quantities, min_size=4, max_size=4),
    st.sampled_from([", ", " and ", "; ", "\n", " plus "]),
)
@settings(max_examples=150, deadline=None)
def test_an_english_sentence_reads_back_as_its_draft(picked: list[int], numbers: list[int], joint: str) -> None:
    said = [f"{n} {ENGLISH[p][1]}{ENGLISH[p][0]}" for p, n in zip(picked, numbers, strict=False)]

    order = read_order(f"Acme Ltd needs {joint.join(said)}, deliver to 12 Oak Street, Boston", CATALOGUE, TODAY)

    assert [(line.product and line.product.sku, line.quantity) for line in order.lines] == [
        (SKUS[p], n) for p, n in zip(picked, numbers, strict=False)
    ]
    assert order.customer == CUSTOMERS[1] and order.address == "12 Oak Street, Boston"


@given(texts)
@settings(max_examples=300, deadline=None)
def test_no_text_crashes_a_reader(text: str) -> None:
    read_order(text, CATALOGUE, TODAY)
    read_change(text, CATALOGUE, TODAY, DRAFT)
    read_shipment(text, TODAY)
    read_dates(text, TODAY)
    read_money(text)
    read_numbers(text)
    read_order_numbers(text)
    CATALOGUE.find_products(text)
    CATALOGUE.find_customers(text)
    detect_language(text)
    assert not (is_yes(text) and is_leave(text)) and not (is_yes(text) and is_no(text))
    is_question(text)


@given(texts, asked_for)
@settings(max_examples=300, deadline=None)
def test_no_answer_crashes_the_reader(text: str, asked: str) -> None:
    answer = read_answer(text, asked, CATALOGUE, TODAY, DRAFT)

    assert answer.kind in {"answer", "correction", "digression", "leave", "yes", "no"}
