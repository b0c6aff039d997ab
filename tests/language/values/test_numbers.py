"""Numbers in any text, in figures and in words of both languages."""

from decimal import Decimal
from fractions import Fraction

import pytest

from deskhand.language import read_numbers


def values(said: str, language: str | None = None) -> list[Decimal]:
    return [number.value for number in read_numbers(said, language)]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("the balance is -40", "-40"),
        ("1,250 of them", "1250"),
        ("12,50", "12.5"),
        ("1.234,56", "1234.56"),
        ("$10 000", "10000"),
        ("1 234 567", "1234567"),
        ("1,50,000", "150000"),
        (".5", "0.5"),
        ("½", "0.5"),
        ("1½", "1.5"),
        ("2 1/2 cups", "2.5"),
        ("3/4", "0.75"),
        ("- 1 4/5", "-1.8"),
        ("5 and 3/4", "5.75"),
        ("1e6", "1000000"),
        ("2^10", "1024"),
        ("10k", "10000"),
        ("3.5 million", "3500000"),
        ("3bn", "3000000000"),
        ("5 dozen", "60"),
        ("20%", "20"),
        ("２．５", "2.5"),
    ],
)
def test_figures_are_read(said: str, value: str) -> None:
    assert values(said) == [Decimal(value)]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("one hundred and twenty-three thousand point five", "123000.5"),
        ("a hundred and one", "101"),
        ("twenty-two hundred", "2200"),
        ("five hundred thousand two hundred and six", "500206"),
        ("one thousand million", "1000000000"),
        ("two lakh", "200000"),
        ("minus seven", "-7"),
        ("three point one four", "3.14"),
        ("six point six million", "6600000"),
        ("half a dozen", "6"),
        ("half a million", "500000"),
        ("three dozen", "36"),
        ("one and a half million", "1500000"),
        ("five and a quarter", "5.25"),
        ("fifty - six", "56"),
        ("a tenth", "0.1"),
        ("three quarters", "0.75"),
        ("two out of five", "0.4"),
        ("one over eight", "0.125"),
    ],
)
def test_english_words_are_read(said: str, value: str) -> None:
    assert values(said, "en") == [Decimal(value)]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("一百二", "120"),
        ("一百零二", "102"),
        ("三千五百万", "35000000"),
        ("一亿两千万", "120000000"),
        ("四万亿", "4000000000000"),
        ("三兆", "3000000000000"),
        ("1万2", "12000"),
        ("3.5万", "35000"),
        ("5千", "5000"),
        ("壹佰贰拾叁", "123"),
        ("一萬兩千", "12000"),
        ("廿五", "25"),
        ("负三点五", "-3.5"),
        ("一百二十点零五", "120.05"),
        ("四分之三", "0.75"),
        ("5分之1", "0.2"),
        ("三又四分之一", "3.25"),
        ("半打", "6"),
        ("一打啤酒", "12"),
        ("一半", "0.5"),
        ("半个", "0.5"),
        ("二零二六", "2026"),
        ("一三八零零一三八零零零", "13800138000"),
        ("三十多个人", "30"),
    ],
)
def test_chinese_numerals_are_read(said: str, value: str) -> None:
    assert values(said, "zh") == [Decimal(value)]


@pytest.mark.parametrize(("said", "value"), [("two thirds", Fraction(2, 3)), ("三分之二", Fraction(2, 3))])
def test_a_fraction_without_end_is_as_near_as_decimals_come(said: str, value: Fraction) -> None:
    (number,) = values(said)

    assert abs(Fraction(number) - value) < Fraction(1, 10**20)


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("5-6 people", [5, 6]),
        ("1,2,3", [1, 2, 3]),
        ("3，14", [3, 14]),
        ("fifty-fifty", [50, 50]),
        ("one million, two hundred thousand", [1000000, 200000]),
        ("call 555-1234", [555, 1234]),
        ("version 2.3.1", [2, 3, 1]),
        ("2017年11月5日", [2017, 11, 5]),
        ("三个苹果五个梨", [3, 5]),
        ("买一送一", [1, 1]),
        ("12 boxes 和三十箱", [12, 30]),
    ],
)
def test_what_stands_apart_is_read_apart(said: str, numbers: list[int]) -> None:
    assert values(said) == numbers


@pytest.mark.parametrize(
    "said",
    [
        "A4纸",
        "SKU-1002",
        "第三名",
        "the third row",
        "the 5th floor",
        "twenty-first century",
        "that one",
        "the second one",
        "hundreds of people",
        "an apple",
        "一起走",
        "一些水果",
        "请等一下",
        "不一样",
        "万一下雨",
        "千万别忘",
        "百分之五",
        "统一管理",
        "有一点问题",
    ],
)
def test_what_only_holds_a_numeral_is_no_number(said: str) -> None:
    assert values(said) == []


def test_a_unit_that_is_written_on_takes_the_number_with_it_in_english_only() -> None:
    assert values("180ml", "en") == []
    assert values("180ml", "zh") == [180]


@pytest.mark.parametrize(
    ("said", "low", "high"), [("三五个", 3, 5), ("五六十人", 50, 60), ("一两个", 1, 2), ("十几个", 10, 19)]
)
def test_what_is_said_loosely_has_two_ends(said: str, low: int, high: int) -> None:
    (number,) = read_numbers(said)

    assert (number.value, number.high) == (low, high)


def test_spans_are_places_in_the_text_as_it_was_given() -> None:
    said = "　２０箱\u200b和 三萬 ½"

    assert [said[slice(*number.span)] for number in read_numbers(said)] == ["２０", "三萬", "½"]
