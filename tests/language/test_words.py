"""Numbers, money, references, shipments and the small words."""

from datetime import date
from decimal import Decimal

import pytest

from deskhand.language import (
    Catalogue,
    asks_for_bot,
    asks_for_person,
    detect_language,
    is_leave,
    is_no,
    is_question,
    is_yes,
    normalise,
    read_counts,
    read_money,
    read_numbers,
    read_order_numbers,
    read_shipment,
)

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("两箱", "2"),
        ("一百二十", "120"),
        ("一百二", "120"),
        ("一百零二", "102"),
        ("1万2", "12000"),
        ("3.5万", "35000"),
        ("一亿两千万", "120000000"),
        ("a dozen", "12"),
        ("half a dozen", "6"),
        ("twenty-five", "25"),
        ("two and a half", "2.5"),
        ("five hundred and one", "501"),
        ("1,200.5", "1200.5"),
        ("2k", "2000"),
        ("负五", "-5"),
        ("minus five", "-5"),
        ("1/2", "0.5"),
    ],
)
def test_a_numeral_is_a_number(said: str, value: str) -> None:
    assert [str(number.value) for number in read_numbers(said)] == [value]
    assert [str(number.value) for number in read_counts(said)] == [value]


@pytest.mark.parametrize("said", ["A4纸", "SKU-1002", "一起", "第二个", "the second one", "统一"])
def test_codes_and_words_are_no_numbers(said: str) -> None:
    assert read_numbers(said) == ()
    assert read_counts(said) == ()


@pytest.mark.parametrize(("said", "low", "high"), [("三五个", 3, 5), ("10-20箱", 10, 20), ("2 or 3 boxes", 2, 3)])
def test_a_range_is_one_reading(said: str, low: int, high: int) -> None:
    (number,) = read_counts(said)

    assert (number.value, number.high) == (low, high)


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        ("¥1,200.50", "1200.50", "CNY"),
        ("三块五", "3.5", "CNY"),
        ("一万两千元", "12000", "CNY"),
        ("USD 30", "30", "USD"),
        ("$5", "5", "USD"),
        ("twenty dollars", "20", "USD"),
        ("30欧元", "30", "EUR"),
    ],
)
def test_money_has_a_currency(said: str, amount: str, currency: str) -> None:
    (money,) = read_money(said)

    assert (money.amount, money.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("so-1001", ("SO-1001",)),
        ("order 1042", ("1042",)),
        ("单号1042", ("1042",)),
        ("#1042", ("1042",)),
        ("1042号订单", ("1042",)),
        ("orders 1001, 1002 and 1003", ("1001", "1002", "1003")),
        ("order 20 boxes of paper", ()),
        ("订单20箱A4纸", ()),
        ("I'd like to order 3 laser printers", ()),
        ("order 1042 has not arrived", ("1042",)),
        ("上海张江路1号", ()),
    ],
)
def test_order_numbers(said: str, numbers: tuple[str, ...]) -> None:
    assert read_order_numbers(said) == numbers


@pytest.mark.parametrize(
    ("said", "order", "carrier", "tracking"),
    [
        ("SO-1001 顺丰 SF1234567890", "SO-1001", "SF", "SF1234567890"),
        ("运单号改成SF999", None, None, "SF999"),
        ("tracking number is now 1Z999", None, None, "1Z999"),
        ("order 1042 was sent by FedEx, tracking 771234567890", "1042", "FEDEX", "771234567890"),
        ("中通快递 单号 75312345678901", None, "ZTO", "75312345678901"),
        ("order 1003 shipped via FedEx, tracking 7712 3456 7890", "1003", "FEDEX", "771234567890"),
        ("SO-1001 快递公司跨越速运 单号KY4000012345", "SO-1001", "跨越速运", "KY4000012345"),
        ("單號SF1234567890，訂單SO-1001，順豐", "SO-1001", "SF", "SF1234567890"),
    ],
)
def test_shipment_information(said: str, order: str | None, carrier: str | None, tracking: str) -> None:
    shipment = read_shipment(said, TODAY)

    assert (shipment.order_number, shipment.carrier, shipment.tracking_number) == (order, carrier, tracking)


@pytest.mark.parametrize(
    ("said", "yes", "no", "leave", "question"),
    [
        ("好的", True, False, False, False),
        ("OK, go ahead", True, False, False, False),
        ("不是", False, True, False, False),
        ("no thanks", False, True, False, False),
        ("算了", False, False, True, False),
        ("清空重来", False, False, True, False),
        ("no, cancel it", False, False, True, False),
        ("1042到哪了", False, False, False, True),
        ("where is it", False, False, False, True),
        ("20箱A4纸", False, False, False, False),
        ("不好的", False, False, False, False),
    ],
)
def test_small_words(said: str, yes: bool, no: bool, leave: bool, question: bool) -> None:
    assert (is_yes(said), is_no(said), is_leave(said), is_question(said)) == (yes, no, leave, question)


def test_language_is_that_of_most_words() -> None:
    assert detect_language("请帮我订 A4 paper") == "zh"
    assert detect_language("20 boxes of paper for 华星") == "en"
    assert detect_language("SKU-1002", "zh") == "zh"


def test_text_is_normalised() -> None:
    assert normalise("２０箱Ａ４紙\u200b\x00") == "20箱A4纸"


def test_a_catalogue_finds_names_parts_and_misspellings(catalogue: Catalogue) -> None:
    assert [match.item.sku for match in catalogue.find_products("printter")] == ["SKU-1002"]  # type: ignore[union-attr]
    assert [match.item.id for match in catalogue.find_customers("Acme")] == ["C2", "C3"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "person", "bot"),
    [
        ("转人工", True, False),
        ("请帮我转一下人工客服！", True, False),
        ("Let me talk to a human, please", True, False),
        ("agent", True, False),
        ("回到机器人", False, True),
        ("不用人工了", False, True),
        ("back to the bot", False, True),
        ("I don't need a person any more, thanks", False, True),
        ("不要机器人", False, False),
        ("no bot please", False, False),
        ("我要2台机器人", False, False),
        ("你是机器人吗", False, False),
        ("the person at the door took it", False, False),
    ],
)
def test_a_plain_wish_for_a_person_or_for_the_bot(said: str, person: bool, bot: bool) -> None:
    assert (asks_for_person(said), asks_for_bot(said)) == (person, bot)
