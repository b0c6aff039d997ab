"""Numerals read back as their number; no text of any kind crashes a reader."""

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
from deskhand.numerals import parse_chinese, parse_english

from .conftest import CUSTOMERS, PRODUCTS
from .said_drafts import english, numeral

CATALOGUE = Catalogue(PRODUCTS, CUSTOMERS)
TODAY = date(2026, 11, 18)
DRAFT = (DraftLine("SKU-1001", "A4纸", Decimal(20), "箱"), DraftLine("SKU-1002", "打印机", Decimal(3), "台"))
quantities = st.integers(1, 9999)
TIDBITS = """20箱A4纸 打印机 客户华星 送到 张江路1号 下周五前 快递 不要 改成 再加 把 去掉 各 半打 -5 三五个
    for Acme deliver to by Friday $5 SO-1001 SF123 , 。 ( ) and 12/3 2026-99-99 第二个 net 30
    remove the 1万2 ½ ² ٣ 百百 零"""
tidbits = st.sampled_from([*TIDBITS.split(), "\n"])
texts = st.one_of(st.text(max_size=80), st.lists(tidbits, max_size=12).map(" ".join), st.lists(tidbits).map("".join))
asked_for = st.sampled_from(
    "customer lines quantity address delivery_mode delivery_date order_number carrier choice confirm".split(" ")
)


@given(quantities)
def test_chinese_numerals_round_trip(number: int) -> None:
    assert parse_chinese(numeral(number)) == number


@given(quantities)
def test_english_numerals_round_trip(number: int) -> None:
    assert parse_english(english(number)) == number


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
