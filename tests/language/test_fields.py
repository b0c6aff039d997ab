"""Fields of a form in what people write: several from one sentence, corrections, answers; every value reads back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.language import Catalogue, CatalogueCustomer, CatalogueProduct
from deskhand.language.field_values import FieldChoice, FieldShape, Surroundings
from deskhand.language.fields import FieldReading, field_named, is_all, read_fields, read_reply

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
KINDS = (
    FieldChoice("it", ("设备", "电脑设备", "Equipment", "IT equipment")),
    FieldChoice("office", ("办公用品", "Office supplies", "stationery")),
    FieldChoice("service", ("服务", "Services")),
)
SHAPES = (
    FieldShape("item", "text", ("采购内容", "物品", "Item")),
    FieldShape("amount", "money", ("金额", "Amount")),
    FieldShape("needed_by", "date", ("需要日期", "日期", "Needed by", "date")),
    FieldShape("kind", "choice", ("类别", "Kind"), KINDS),
    FieldShape("urgent", "boolean", ("加急", "Urgent")),
    FieldShape("purpose", "text", ("用途", "Purpose")),
)
PEOPLE = (FieldChoice("li", ("李丽", "Li Li", "li")), FieldChoice("wang", ("王伟", "Wang Wei", "wang")))
GOODS = (CatalogueProduct("PAPER-A4", ("A4纸", "A4 paper"), base_unit="box", units={"box": Decimal(1)}),)
CLIENTS = (CatalogueCustomer("huaxing", ("华星科技有限公司", "Huaxing Technology")),)
AROUND = Surroundings(NOW, ZoneInfo("Asia/Shanghai"), "CNY", Catalogue(GOODS, CLIENTS), PEOPLE)
WORDS = ("采购审批", "申请采购", "我要采购", "purchase approval", "purchase request", "request a purchase")
ALL = ("item", "amount", "needed_by", "kind")


def said(text: str, known: tuple[str, ...] = (), asked: str | None = None) -> Mapping[str, object]:
    return {each.name: each.value for each in read_fields(text, SHAPES, AROUND, known, asked, WORDS)}


def one(text: str, kind: str, **parts: object) -> object:
    """What an answer to the question for a field of this type is worth."""
    found = read_fields(text, (FieldShape("it", kind, **parts),), AROUND, (), "it")  # type: ignore[arg-type]  # names and choices
    return found[0].value if found else None


MONITORS = {"amount": Decimal(25000), "needed_by": date(2026, 11, 27)}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("采购10台显示器，两万五，下周五前要", {"item": "10台显示器", **MONITORS}),
        ("purchase request: 10 monitors, 25k, by next Friday", {"item": "10 monitors", **MONITORS}),
        ("我要采购10台27寸显示器大概两万五下周五前要", {"item": "10台27寸显示器", **MONITORS}),
        ("help me submit a purchase request for 10 monitors for 25k by Friday", {"item": "10 monitors", **MONITORS}),
        ("i need to request a purchase", {}),
        ("我想申请采购", {}),
        ("申请采购办公用品，预算3000元，加急", {"kind": "office", "amount": Decimal(3000), "urgent": True}),
        (
            "采购审批：物品是人体工学椅，金额1.2万，用途：新办公室，会议室，下周三",
            {
                "item": "人体工学椅", "amount": Decimal(12000), "purpose": "新办公室, 会议室",
                "needed_by": date(2026, 11, 25),
            },
        ),
        (
            "Item: desk chairs. Amount: 12,000. Purpose: new office, meeting room. Needed by Dec 4",
            {
                "item": "desk chairs", "amount": Decimal(12000), "purpose": "new office, meeting room",
                "needed_by": date(2026, 12, 4),
            },
        ),
        ("not urgent, 30k", {"urgent": False, "amount": Decimal(30000)}),
    ],
)  # fmt: skip
def test_one_sentence_carries_several_fields(text: str, fields: Mapping[str, object]) -> None:
    assert said(text) == fields


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("金额改成三万", {"amount": Decimal(30000)}),
        ("no, make it 30k", {"amount": Decimal(30000)}),
        ("change the amount to 30k", {"amount": Decimal(30000)}),
        ("change the amount from 25k to 30k", {"amount": Decimal(30000)}),
        ("change 25k to 30k", {"amount": Decimal(30000)}),
        ("不对，是三万", {"amount": Decimal(30000)}),
        ("把金额改成30000", {"amount": Decimal(30000)}),
        ("金额两万五改成三万", {"amount": Decimal(30000)}),
        ("金额不是两万五，是三万", {"amount": Decimal(30000)}),
        ("the amount is 30k, not 25k", {"amount": Decimal(30000)}),
        ("日期改到下周三", {"needed_by": date(2026, 11, 25)}),
        ("change the date to Dec 24", {"needed_by": date(2026, 12, 24)}),
        ("amount 30k and date Friday", {"amount": Decimal(30000), "needed_by": date(2026, 11, 27)}),
        ("改成12台显示器", {"item": "12台显示器"}),
        ("make it 12 monitors", {"item": "12 monitors"}),
        ("类别改成服务", {"kind": "service"}),
    ],
)
def test_a_correction_changes_what_it_names_and_nothing_else(text: str, fields: Mapping[str, object]) -> None:
    assert said(text, ALL) == fields


@pytest.mark.parametrize(
    ("text", "asked", "fields"),
    [
        ("10台显示器", "item", {"item": "10台显示器"}),
        ("new laptops for sales", "item", {"item": "new laptops for sales"}),
        ("金额是两万五", "item", {"amount": Decimal(25000)}),
        ("10 monitors, 25k, Friday", "item", {"item": "10 monitors", **MONITORS}),
        ("about 25k", "amount", {"amount": Decimal(25000)}),
        ("25 grand", "amount", {"amount": Decimal(25000)}),
        ("5号", "needed_by", {"needed_by": date(2026, 12, 5)}),
        ("第二个", "kind", {"kind": "office"}),
        ("是", "urgent", {"urgent": True}),
        ("不用", "urgent", {"urgent": False}),
    ],
)
def test_the_answer_to_a_question_is_an_answer(text: str, asked: str, fields: Mapping[str, object]) -> None:
    assert said(text, (), asked) == fields


@pytest.mark.parametrize(
    ("text", "asked", "kind"),
    [
        ("算了", "amount", "leave"),
        ("never mind", "item", "leave"),
        ("SO-1001到哪了？", "item", "digression"),
        ("where is SO-1001?", "amount", "digression"),
        ("好的", None, "yes"),
        ("no", None, "no"),
        ("no, make it 30k", None, "fields"),
        ("是", "urgent", "fields"),
        ("asdf", "amount", "digression"),
    ],
)
def test_what_a_text_is_to_a_form(text: str, asked: str | None, kind: str) -> None:
    assert read_reply(text, SHAPES[1:5] if text == "asdf" else SHAPES, AROUND, ALL, asked).kind == kind


def test_what_cannot_be_used_says_why() -> None:
    found = [read_fields(text, SHAPES, AROUND, (), "amount")[0] for text in ("25000美元", "三四万", "3 to 5")]

    assert [each.problem for each in found] == ["currency", "range", "range"]
    assert all(each.value is None for each in found)


def test_two_colleagues_of_one_name_are_offered_both() -> None:
    around = Surroundings(
        NOW, AROUND.zone, "CNY", AROUND.catalogue, (FieldChoice("a", ("王伟",)), FieldChoice("b", ("王伟",)))
    )

    found = read_fields("王伟", (FieldShape("who", "person"),), around, (), "who")

    assert found == (FieldReading("who", None, "several", ("a", "b")),)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("SO-1001", "order", "SO-1001"),
        ("1001", "order", "1001"),
        ("给李丽", "person", "li"),
        ("Wang Wei please", "person", "wang"),
        ("A4纸", "product", "PAPER-A4"),
        ("Huaxing", "customer", "huaxing"),
        ("下周五下午三点", "moment", datetime(2026, 11, 27, 15, tzinfo=ZoneInfo("Asia/Shanghai"))),
        ("十二", "integer", 12),
        ("3.5", "number", Decimal("3.5")),
    ],
)
def test_every_type_has_an_answer(text: str, kind: str, value: object) -> None:
    assert one(text, kind) == value


_DIGITS = "零一二三四五六七八九"
_MONTHS = "January February March April May June July August September October November December".split()


def _in_chinese(tens_of_thousands: int, thousands: int) -> str:
    tail = f"{_DIGITS[thousands]}千" if thousands else ""
    return f"{_DIGITS[tens_of_thousands]}万{tail}"


amounts = st.integers(1, 99_999_999).map(lambda cents: Decimal(cents) / 100)
days = st.integers(0, 1500).map(lambda ahead: NOW.date() + timedelta(days=ahead))


@pytest.mark.parametrize("text", ["激光打印机20台", "办公椅一批", "20 laser printers"])
def test_goods_that_were_asked_for_keep_their_number(text: str) -> None:
    shapes = (FieldShape("goods", "text", ("供应内容",)), FieldShape("payment_days", "integer", ("付款天数",)))

    found = read_fields(text, shapes, AROUND, (), "goods")

    assert [(each.name, each.value) for each in found] == [("goods", text)]


@settings(max_examples=150, deadline=None)
@given(
    amounts,
    st.sampled_from(
        ["{:,.2f}元", "¥{:,.2f}", "{:.2f}", "{:,.2f} yuan", "CNY {:.2f}", "金额是{:.2f}元", "about {:,.2f}"]
    ),
)
def test_an_amount_reads_back_however_it_is_written(amount: Decimal, pattern: str) -> None:
    shape = FieldShape("it", "money", ("金额",))

    found = read_fields(pattern.format(amount), (shape,), AROUND, (), "it")

    assert [each.value for each in found] == [amount]


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 9), st.integers(0, 9))
def test_an_amount_in_chinese_words_or_thousands_reads_back(wan: int, qian: int) -> None:
    amount = Decimal(wan * 10_000 + qian * 1000)
    written = [_in_chinese(wan, qian), f"{wan}.{qian}万", f"{wan * 10 + qian}k", f"{wan * 10 + qian} thousand"]

    assert [one(text, "money") for text in written] == [amount] * 4


@settings(max_examples=150, deadline=None)
@given(
    days,
    st.sampled_from(
        ["{0:%Y}-{0:%m}-{0:%d}", "{0.year}年{0.month}月{0.day}日", "{1} {0.day}, {0.year}", "{0.day} {1} {0.year}"]
    ),
)
def test_a_day_reads_back_however_it_is_written(day: date, pattern: str) -> None:
    written = pattern.format(day, _MONTHS[day.month - 1])

    assert one(written, "date") == day
    assert said(f"需要日期：{written}", ALL) == {"needed_by": day}
    assert said(f"change the date to {written}", ALL) == {"needed_by": day}


@settings(max_examples=80, deadline=None)
@given(st.integers(-5000, 1_000_000))
def test_a_whole_number_reads_back(number: int) -> None:
    assert one(str(number), "integer") == number
    assert one(f"{number:,}", "integer") == number


@pytest.mark.parametrize("choice", KINDS, ids=lambda choice: choice.value)
def test_every_word_of_a_choice_means_it(choice: FieldChoice) -> None:
    for word in choice.words:
        assert one(word, "choice", choices=KINDS) == choice.value
        assert said(f"类别: {word}", ALL) == said(f"kind is {word.upper()}", ALL) == {"kind": choice.value}


_plain = (
    st.text("abcdefghij办公椅显示器 ", min_size=4, max_size=30)
    .map(str.strip)
    .filter(lambda text: len(text.replace(" ", "")) > 3)
)


@settings(max_examples=80, deadline=None)
@given(_plain)
def test_a_text_that_was_asked_for_is_kept_as_it_was_written(text: str) -> None:
    shape = FieldShape("it", "text")

    found = read_fields(text, (shape,), AROUND, (), "it")

    assert [each.value for each in found] == [" ".join(text.split())]


@pytest.mark.parametrize(
    "text", ["想要" * 900, "申请采购" * 400 + "x", "please " * 280, "大概" * 900, "是" * 1900, "amount " * 280]
)
def test_words_said_over_and_over_are_read_at_once(text: str) -> None:
    """Ten times as long would not end at all if they could be read in several ways."""
    assert len(said(text, ALL)) <= len(SHAPES)


MONTHS = FieldShape("warranty", "integer", ("质保期", "Warranty"), unit="months")
LENGTH = FieldShape("length", "number", ("长度", "Length"), unit="mm")


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("12个月", 12, None), ("12", 12, None), ("2年", 24, None), ("两年", 24, None), ("3 quarters", 9, None),
        ("1 year", 12, None), ("30天", None, "other_unit"), ("30 days", None, "other_unit"),
        ("4周", None, "other_unit"),
        ("18 months please", 18, None),
    ],
)  # fmt: skip
def test_a_number_is_read_in_the_unit_of_its_field(text: str, value: int | None, problem: str | None) -> None:
    (found,) = read_fields(text, [MONTHS], AROUND, (), "warranty")

    assert (found.value, found.problem) == (value, problem)


@pytest.mark.parametrize(
    ("text", "value"), [("29.7厘米", "297"), ("297 mm", "297"), ("0.21 m", "210"), ("210.5", "210.5")]
)
def test_a_length_is_converted_exactly(text: str, value: str) -> None:
    (found,) = read_fields(text, [LENGTH], AROUND, (), "length")

    assert found.value == Decimal(value)


@given(st.integers(0, 900), st.sampled_from(["年", " years", "个季度", " quarters", "个月", " months"]))
@settings(max_examples=60)
def test_units_that_fit_are_turned_into_the_fields_own(count: int, unit: str) -> None:
    factor = 12 if "年" in unit or "year" in unit else 3 if "季" in unit or "quarter" in unit else 1

    (found,) = read_fields(f"{count}{unit}", [MONTHS], AROUND, (), "warranty")

    assert found.value == count * factor


def test_a_field_that_is_only_named_is_known_by_its_name() -> None:
    assert field_named("供应商", [FieldShape("supplier", "text", ("供应商", "Supplier"))]) == "supplier"
    assert field_named("change the amount", SHAPES) == "amount"
    assert field_named("金额三万", SHAPES) is None


@pytest.mark.parametrize("text", ["就这些", "没有了", "that's all", "nothing else", "no, that's it", "就这些吧"])
def test_that_is_all_is_understood(text: str) -> None:
    assert is_all(text)


@pytest.mark.parametrize("text", ["就这些纸", "all of them", "没有供应商", "no", "提交"])
def test_and_nothing_else_is_taken_for_it(text: str) -> None:
    assert not is_all(text)
