"""The fact check: what is right passes in every spelling, what is wrong is caught."""

from __future__ import annotations

from functools import partial

import pytest

from deskhand.writing import check as check_text
from deskhand.writing import facts
from tests.writing.sample import CHINESE, ENGLISH, REQUIRED, TEMPLATES, facts_of, order

check = partial(check_text, states=("received", "confirmed"))


@pytest.mark.parametrize(("text", "language"), [(CHINESE, "zh"), (ENGLISH, "en")])
def test_a_right_text_passes(text: str, language: str) -> None:
    verdict = check(text, order(), REQUIRED, language)

    assert verdict.ok, verdict


@pytest.mark.parametrize(
    ("right", "variant"),
    [
        ("1,234.50元", "1234.5元"),
        ("1,234.50元", "¥1,234.50"),
        ("1,234.50元", "￥１２３４．５０"),
        ("1,234.50元", "人民币1,234.50元"),
        ("1,234.50元", "RMB 1234.50"),
        ("1,234.50元", "CNY1234.50"),
        ("1,234.50元", "壹仟贰佰叁拾肆元伍角整"),
        ("1,234.50元", "一千二百三十四点五元"),
        ("20箱", "二十箱"),
        ("20箱", "20 箱"),
        ("A4纸20箱", "20箱A4纸"),
        ("3台", "三台"),
        ("2026年12月4日", "2026-12-04"),
        ("2026年12月4日", "2026/12/4"),
        ("2026年12月4日", "12月4日"),
        ("2026年12月4日", "二〇二六年十二月四日"),
        ("2026年12月4日", "2026 年 12 月 4 日（周五）"),
        ("2026年12月4日", "12月4日星期五"),
        ("SO-1001", "so-1001"),
        ("SO-1001", "SO1001"),
        ("SO-1001", "SO－1001"),
        ("订单SO-1001", "订单1001"),
        ("订单SO-1001", "订单号：SO-1001"),
        ("尊敬的华星科技有限公司", "尊敬的客户华星科技有限公司"),
    ],
)
def test_chinese_spellings_of_a_fact_are_accepted(right: str, variant: str) -> None:
    assert right in CHINESE
    verdict = check(CHINESE.replace(right, variant), order(), REQUIRED, "zh")

    assert verdict.ok, verdict


@pytest.mark.parametrize(
    ("right", "variant"),
    [
        ("CNY 1,234.50", "1234.50 CNY"),
        ("CNY 1,234.50", "¥1,234.5"),
        ("CNY 1,234.50", "1,234.50 yuan"),
        ("CNY 1,234.50", "RMB 1.234,50"),
        ("20 boxes", "twenty boxes"),
        ("20 boxes of A4 paper", "A4 paper (20 boxes)"),
        ("3 laser printers", "three laser printers"),
        ("3 laser printers", "3 units of the Laser Printer"),
        ("4 December 2026", "December 4, 2026"),
        ("4 December 2026", "Dec 4th 2026"),
        ("4 December 2026", "Friday, 4 December"),
        ("4 December 2026", "the 4th of December, 2026"),
        ("4 December 2026", "2026-12-04"),
        ("4 December 2026", "04/12/2026"),
        ("order SO-1001", "order #1001"),
        ("order SO-1001", "order number SO 1001"),
    ],
)
def test_english_spellings_of_a_fact_are_accepted(right: str, variant: str) -> None:
    assert right in ENGLISH
    verdict = check(ENGLISH.replace(right, variant), order(), REQUIRED, "en")

    assert verdict.ok, verdict


@pytest.mark.parametrize(
    ("right", "wrong", "caught"),
    [
        ("1,234.50元", "1,234.05元", "1,234.05元"),
        ("1,234.50元", "1,234.50美元", "1,234.50美元"),
        ("1,234.50元", "12,345.00元", "12,345.00元"),
        ("1,234.50元", "1.2万元", "1.2万元"),
        ("1,234.50元", "壹仟贰佰叁拾肆元伍分", "壹仟贰佰叁拾肆元伍分"),
        ("20箱", "20台", "20台"),
        ("20箱", "二百箱", "二百箱"),
        ("3台", "两台", "两台"),
        ("2026年12月4日", "2026年12月5日", "2026年12月5日"),
        ("2026年12月4日", "0026年12月4日", "0026年12月4日"),
        ("2026年12月4日", "2027年12月4日", "2027年12月4日"),
        ("2026年12月4日", "下周五", "下周"),
        ("2026年12月4日", "12月4日（周四）", "周四"),
        ("SO-1001", "SO-1010", "SO-1010"),
        ("SO-1001", "SO-10011", "SO-10011"),
        ("送达", "免运费、3天内送达", "3天"),
        ("送达", "在18:30前送达", "18:30"),
        ("送达", "享受9折，送达", "9折"),
        ("已确认", "（参考单号AB12345）已确认", "AB12345"),
        ("已确认", "已确认，联系人为王经理", "王经理"),
        ("已确认", "已由东方贸易公司确认", "东方贸易公司"),
        ("已确认", "已确认，详见http://evil.example/x", "http://evil.example/x"),
        ("已确认", "已确认，请致电13800001111", "13800001111"),
        ("已确认", "已确认，邮箱a.b@c.cn", "a.b@c.cn"),
        ("已确认", "已确认[公司名称]", "[公司名称]"),
        ("激光打印机", "喷墨打印机", "喷墨打印机"),
        ("华星科技有限公司", "华兴科技有限公司", "华兴科技有限公司"),
    ],
)
def test_what_is_wrong_in_chinese_is_caught(right: str, wrong: str, caught: str) -> None:
    verdict = check(CHINESE.replace(right, wrong), order(), REQUIRED, "zh")

    assert not verdict.ok
    assert any(caught in word for word in verdict.invented), verdict


@pytest.mark.parametrize(
    ("right", "wrong", "caught"),
    [
        ("CNY 1,234.50", "EUR 1,234.50", "EUR 1,234.50"),
        ("CNY 1,234.50", "$1,234.50", "$1,234.50"),
        ("CNY 1,234.50", "CNY 1,234", "CNY 1,234"),
        ("20 boxes", "200 boxes", "200 boxes"),
        ("20 boxes", "20 packs", "20 packs"),
        ("3 laser printers", "four laser printers", "four"),
        ("20 boxes of A4 paper and 3 laser printers", "3 boxes of A4 paper and 20 laser printers", "3 boxes"),
        ("4 December 2026", "4 November 2026", "4 November 2026"),
        ("4 December 2026", "14 December", "14 December"),
        ("4 December 2026", "tomorrow", "tomorrow"),
        ("4 December 2026", "Monday, 4 December", "Monday"),
        ("is confirmed", "with a 10% discount is confirmed", "10%"),
        ("is confirmed", "is confirmed by Mr Smith", "Smith"),
        ("is confirmed", "is confirmed within 24 hours", "24 hours"),
        ("Huaxing Technology", "Huaxing Technologies Inc", "Technologies"),
        ("Huaxing Technology", "[Customer Name]", "[Customer Name]"),
        ("laser printers", "lazer printers", "lazer"),
    ],
)
def test_what_is_wrong_in_english_is_caught(right: str, wrong: str, caught: str) -> None:
    verdict = check(ENGLISH.replace(right, wrong), order(), REQUIRED, "en")

    assert not verdict.ok
    assert any(caught in word for word in verdict.invented), verdict


@pytest.mark.parametrize("key", REQUIRED)
def test_a_required_fact_must_be_stated(key: str) -> None:
    others = {name: fact for name, fact in order().items() if name != key}
    text = "您好，" + "，".join(facts.as_fact(fact).zh for fact in others.values()) + "，特此告知，谢谢您的支持。"

    verdict = check(text, order(), REQUIRED, "zh")

    assert verdict.missing == (key,)


def test_the_wrong_language_is_refused() -> None:
    assert check(ENGLISH, order(), REQUIRED, "zh").wrong_language
    assert check(CHINESE, order(), REQUIRED, "en").wrong_language
    assert check("Заказ SO-1001 подтверждён", order(), (), "en").wrong_language


@pytest.mark.parametrize("text", ["", "   ", "12", "谢谢。" * 1000])
def test_nothing_and_endless_text_are_refused(text: str) -> None:
    assert not check(text, order(), (), "zh").ok


def test_a_forbidden_word_is_caught_unless_it_is_part_of_a_name() -> None:
    known = {**order(), "customer": facts.name("免费午餐有限公司")}
    text = "尊敬的免费午餐有限公司：您的订单SO-1001已确认。"

    assert check(text, known, (), "zh", ["免费"]).ok
    assert check(text + "运费免费。", known, (), "zh", ["免费"]).invented == ("免费",)


def test_invisible_characters_cannot_hide_a_number() -> None:
    assert not check(CHINESE.replace("20箱", "2\u200b00箱"), order(), REQUIRED, "zh").ok


def test_the_verdict_is_json() -> None:
    assert check(CHINESE, order(), REQUIRED, "zh").as_dict() == {
        "ok": True, "missing": [], "invented": [], "wrong_language": False,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", TEMPLATES.kinds)
def test_what_a_person_has_read_may_open_a_sentence_as_the_template_does(kind: str, language: str) -> None:
    template, known = TEMPLATES.get(kind, language), facts_of(kind)
    kindly = template.render(known) + (
        "祝冬日安康。" if language == "zh" else " With warmest wishes from the whole house."
    )

    assert template.check(template.render(known), known, read=True).ok
    assert template.check(kindly, known, read=True).ok and not template.check(kindly, known).ok
