"""Same as last time, and what is said besides."""

from datetime import date

import pytest

from deskhand.language import Catalogue, pick, read_answer, read_order


@pytest.mark.parametrize(
    "said",
    [
        "跟上次一样", "和上次一樣", "照上次的再来一单", "老样子，再来一份", "按以前的来", "the usual please",
        "same as last time please", "repeat my last order", "same again", "the same as before", "as usual",
    ],
)  # fmt: skip
def test_the_order_before_is_meant(said: str, catalogue: Catalogue, today: date) -> None:
    order = read_order(said, catalogue, today)

    assert order.same_order and order.lines == ()


@pytest.mark.parametrize(
    "said",
    [
        "送到老地方",
        "地址跟上次一样",
        "to the usual address",
        "还是上次那个地址",
        "老地址",
        "送到我们公司",
        "ship it to our office",
    ],
)
def test_the_address_before_is_meant(said: str, catalogue: Catalogue, today: date) -> None:
    order = read_order(f"20箱A4纸，{said}", catalogue, today)

    assert order.same_address and not order.same_order and order.address is None and len(order.lines) == 1


@pytest.mark.parametrize(
    "said", ["20箱A4纸", "the same chairs in black", "上次的A4纸太薄了", "it was late last time", "我们公司要椅子"]
)
def test_other_words_are_not(said: str, catalogue: Catalogue, today: date) -> None:
    order = read_order(said, catalogue, today)

    assert not order.same_order and not order.same_address


def test_what_is_said_besides_is_read_too(catalogue: Catalogue, today: date) -> None:
    order = read_order("给华星下单，跟上次一样，打印机要5台，下周五前", catalogue, today)

    assert order.same_order and order.customer and order.customer.id == "C1"
    assert [(line.product and line.product.sku, line.quantity) for line in order.lines] == [("SKU-1002", 5)]
    assert order.delivery_date == date(2026, 11, 27)


def test_it_answers_the_question_that_is_asked(catalogue: Catalogue, today: date) -> None:
    goods = read_answer("跟上次一样", "lines", catalogue, today)
    place = read_answer("same as last time", "address", catalogue, today)

    assert goods.kind == place.kind == "answer"
    assert goods.fields.same_order and place.fields.same_address and not place.fields.same_order


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("黑色的", 2),
        ("the black one", 2),
        ("蓝的那个", 1),
        ("blue", 1),
        ("not the black one", None),
        ("签字笔", None),
        ("", None),
    ],
)
def test_a_few_words_pick_one_of_several(said: str, place: int | None) -> None:
    assert pick(said, [("蓝色签字笔", "Blue Pen"), ("黑色签字笔", "Black Pen")]) == place


@pytest.mark.parametrize("said", ["送到", "发到", "寄到", "还是", "就用"])
def test_words_before_an_address_are_read_in_one_way_only_however_often_they_are_said(
    said: str, catalogue: Catalogue, today: date
) -> None:
    """A pattern that can read them in two ways needs twice as long for each time they are said."""
    assert not read_order(said * 500, catalogue, today).same_address
