"""Money in any text: symbols, codes and names in both languages, and small change."""

from decimal import Decimal

import pytest

from deskhand.language import read_money


def amounts(said: str) -> list[tuple[Decimal, str]]:
    return [(money.amount, money.currency) for money in read_money(said)]


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        ("$1,250.75", "1250.75", "USD"),
        ("US$ 40", "40", "USD"),
        ("30$", "30", "USD"),
        ("-$5", "-5", "USD"),
        ("$.50", "0.5", "USD"),
        ("$10k", "10000", "USD"),
        ("12m dollars", "12000000", "USD"),
        ("€2bn", "2000000000", "EUR"),
        ("USD30", "30", "USD"),
        ("twenty bucks", "20", "USD"),
        ("a 20-dollar bill", "20", "USD"),
        ("a dollar", "1", "USD"),
        ("half a million dollars", "500000", "USD"),
        ("99 cents", "0.99", "USD"),
        ("5 dollars and 20 cents", "5.2", "USD"),
        ("3 pounds 50 pence", "3.5", "GBP"),
        ("5 euros and 30 cents", "5.3", "EUR"),
        ("100 pounds sterling", "100", "GBP"),
        ("RMB 300", "300", "CNY"),
        ("3 yuan 5 jiao", "3.5", "CNY"),
        ("HK$300 million", "300000000", "HKD"),
        ("900 new Taiwan dollars", "900", "TWD"),
        ("70 Canadian dollars", "70", "CAD"),
        ("₹500", "500", "INR"),
        ("10000 South Korean won", "10000", "KRW"),
        ("100 Swedish kronor", "100", "SEK"),
        ("350 baht", "350", "THB"),
        ("250 Russian rubles", "250", "RUB"),
        ("TRY 75", "75", "TRY"),
    ],
)
def test_english_money_is_read(said: str, amount: str, currency: str) -> None:
    assert amounts(said) == [(Decimal(amount), currency)]


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        ("三块五", "3.5", "CNY"),
        ("两块二毛五", "2.25", "CNY"),
        ("12元5角", "12.5", "CNY"),
        ("三元五角二分", "3.52", "CNY"),
        ("五毛钱", "0.5", "CNY"),
        ("七毛五", "0.75", "CNY"),
        ("八分钱", "0.08", "CNY"),
        ("5万元", "50000", "CNY"),
        ("1万2千元", "12000", "CNY"),
        ("伍佰陆拾元整", "560", "CNY"),
        ("100元人民币", "100", "CNY"),
        ("人民币100元", "100", "CNY"),
        ("￥66", "66", "CNY"),
        ("负5元", "-5", "CNY"),
        ("五千多元", "5000", "CNY"),
        ("三萬元", "30000", "CNY"),
        ("五十美金", "50", "USD"),
        ("50美分", "0.5", "USD"),
        ("三百港元", "300", "HKD"),
        ("八百新台币", "800", "TWD"),
        ("2.5亿日元", "250000000", "JPY"),
        ("200卢比", "200", "INR"),
        ("500俄罗斯卢布", "500", "RUB"),
        ("100泰铢", "100", "THB"),
        ("40马来西亚林吉特", "40", "MYR"),
    ],
)
def test_chinese_money_is_read(said: str, amount: str, currency: str) -> None:
    assert amounts(said) == [(Decimal(amount), currency)]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("from $5 to €10", [(5, "USD"), (10, "EUR")]),
        ("椅子120元，桌子300欧元", [(120, "CNY"), (300, "EUR")]),
        ("20箱，每箱45块", [(45, "CNY")]),
    ],
)
def test_several_amounts_stay_apart(said: str, found: list[tuple[int, str]]) -> None:
    assert amounts(said) == found


@pytest.mark.parametrize(
    "said",
    [
        "20 boxes",
        "一块面包",
        "三角形",
        "三个元素",
        "5 pounds of flour",
        "three won the race",
        "五分钟",
        "10万",
        "try 5 all",
        "top 5 lists",
    ],
)
def test_what_is_no_money_is_left_alone(said: str) -> None:
    assert amounts(said) == []


def test_the_span_holds_amount_and_currency() -> None:
    said = "unit price US$ 40, 运费三块五吧"

    assert [said[slice(*money.span)] for money in read_money(said)] == ["US$ 40", "三块五"]
