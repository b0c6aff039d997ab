"""Orders are placed by talking, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Services, Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]

SENTENCE_ZH = "客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递"
SENTENCE_EN = "Acme Ltd needs 20 boxes of A4 paper and 3 printers, deliver to 1 Main St, by Friday next week, courier"


def test_one_sentence_then_a_correction_then_yes(talk: Talks, services: Services) -> None:
    clerk = talk("clerk")

    drafted = clerk.say(SENTENCE_ZH)
    assert drafted.card["kind"] == "order_draft"
    assert drafted.lines == {"PAPER-A4": ("20", "箱"), "PRN-L100": ("3", "台")}
    assert drafted.card["total"]["value"] == "8,897.00 元"
    assert "张江路1号" in drafted.fact("address") and "星期五" in drafted.fact("delivery_date")
    assert drafted.fact("customer") == "华星科技有限公司" and drafted.fact("delivery_mode") == "快递"

    corrected = clerk.say("A4纸改成30箱")
    assert corrected.lines["PAPER-A4"] == ("30", "箱") and corrected.card["total"]["value"] == "11,397.00 元"
    assert corrected.card["id"] != drafted.card["id"]

    placed = clerk.press("confirm")
    number = placed.card["order"]
    assert number in placed.text and "SO-" in number
    with services.desk.unit_of_work(clerk.tenant, read_only=True) as uow:
        order = uow.orders.get(number)
    assert str(order.total) == "11397.00" and order.customer_id == "huaxing"


def test_the_same_in_english_with_a_typed_yes(talk: Talks) -> None:
    clerk = talk("clerk", "en")

    drafted = clerk.say(SENTENCE_EN)
    assert drafted.lines["PAPER-A4"] == ("20", "boxes") and drafted.fact("delivery_date").startswith("Friday, ")
    assert drafted.card["total"]["value"] == "CNY 8,897.00"

    assert clerk.say("change the paper to 30 boxes").lines["PAPER-A4"] == ("30", "boxes")
    assert list(clerk.say("remove the printers").lines) == ["PAPER-A4"]
    assert clerk.say("no, Acme Inc not Acme Ltd").fact("customer") == "Acme Inc"
    assert "Placed: order SO-" in clerk.say("yes, place it").text


@pytest.mark.parametrize(("language", "sentence"), [("zh", SENTENCE_ZH), ("en", SENTENCE_EN)])
def test_what_the_card_offers_to_be_changed_in_place_is_changed_when_said(
    talk: Talks, language: str, sentence: str
) -> None:
    clerk = talk("clerk", language)
    offered = {edit.get("sku", edit["key"]): edit["say"] for edit in clerk.say(sentence).card["edits"]}

    together = [
        offered[key].replace("{value}", value)
        for key, value in (("PAPER-A4", "7"), ("address", "5 Side Street"), ("delivery_date", "2027-01-15"))
    ]
    changed = clerk.say(("；" if language == "zh" else "; ").join(together))
    other = clerk.say(offered["customer"].replace("{value}", "Acme Inc"))

    assert changed.lines["PAPER-A4"][0] == "7" and changed.lines["PRN-L100"][0] == "3"
    assert changed.fact("address") == "5 Side Street" and "2027" in changed.fact("delivery_date")
    assert other.fact("customer") == "Acme Inc" and other.lines == changed.lines


def test_missing_things_are_asked_one_at_a_time_and_questions_in_between_are_answered(talk: Talks) -> None:
    clerk = talk("clerk", "en")

    assert "Which customer" in clerk.say("I want to place an order").text
    assert "could be several" in clerk.say("Acme").text
    assert "What would you like" in clerk.say("the second one").text
    assert "How should it go" in clerk.say("5 office chairs").text

    for question, answer in (
        ("what can you do?", "I can:"),
        ("what's the weather like today?", "I can't do that"),
        ("hello", "Hello!"),
        ("where is order SO-4711?", "no order SO-4711"),
    ):
        said = clerk.say(question).text
        assert answer in said and "How should it go" in said, question

    assert "When is it needed" in clerk.say("courier").text
    assert "in the past" in clerk.say("yesterday").text
    assert clerk.say("in two weeks").card["kind"] == "order_draft"


def test_a_starter_inside_the_form_does_not_lose_the_draft(talk: Talks) -> None:
    clerk = talk("clerk")
    clerk.say("客户华星要20箱A4纸")

    said = clerk.say("我要下单").text

    assert "还有一个没完成的订单草稿" in said and "怎么送" in said


def test_leave_drops_the_draft_and_two_orders_in_a_row_do_not_mix(talk: Talks) -> None:
    clerk = talk("clerk")
    clerk.say(SENTENCE_ZH)
    assert "草稿已放弃" in clerk.say("算了").text

    first = clerk.say("客户东方贸易要5把办公椅，自提，下周三")
    assert list(first.lines) == ["CHR-200"] and first.fact("address") == ""
    clerk.say("确认")
    second = clerk.say("客户华星要1块白板，走快递，后天")
    assert list(second.lines) == ["WBD-120"]


def test_bad_lines_are_said_and_change_nothing(talk: Talks) -> None:
    clerk = talk("clerk")
    clerk.say(SENTENCE_ZH)

    for text, part in (("A4纸改成0箱", "不能下单"), ("再加5个独角兽", "没有找到商品"), ("日期改成昨天", "已经过去了")):
        said = clerk.say(text)
        assert part in said.text and said.card["total"]["value"] == "8,897.00 元", text


def test_a_command_within_the_form_has_its_own_card_and_the_draft_goes_on(talk: Talks) -> None:
    clerk = talk("clerk")
    clerk.say(SENTENCE_ZH)
    number = clerk.press("confirm").card["order"]
    clerk.say("客户东方贸易要5把办公椅，自提，下周三")

    assert clerk.say(f"确认订单{number}").card["kind"] == "command"
    done = clerk.say("好的")

    assert f"已办理：{number}" in done.text and done.card["kind"] == "order_draft"
    assert "已下单" in clerk.say("确认").text


def test_the_draft_goes_on_in_another_conversation_and_after_rasa_was_killed(talk: Talks, services: Services) -> None:
    clerk = talk("clerk")
    clerk.say("客户华星要20箱A4纸")

    clerk.begin_anew()
    assert "哪天之前要" in clerk.say("快递").text

    services.kill("rasa")
    services.start("rasa")
    services.wait("rasa")
    assert clerk.say("下周五").card["kind"] == "order_draft"

    services.kill("actions")
    services.start("actions")
    services.wait("actions")
    assert "已下单" in clerk.press("confirm").text


def test_a_repeated_turn_is_answered_alike_and_places_one_order(talk: Talks, services: Services) -> None:
    clerk = talk("clerk")
    clerk.say(SENTENCE_ZH)
    message = clerk.stored_message(None)

    first = clerk.press("confirm", message_id=message)
    second = clerk.press("confirm", card={"id": first and clerk.last_card["id"]}, message_id=message)  # type: ignore[index]

    assert "SO-1001" in first.text and "SO-1001" in second.text
    with services.desk.unit_of_work(clerk.tenant, read_only=True) as uow:
        assert len(uow.orders.list().items) == 1


def test_a_customer_orders_for_itself(talk: Talks) -> None:
    customer = talk("customer")

    said = customer.say("我要20箱A4纸，快递，下周五前")

    assert said.fact("customer") == "华星科技有限公司"
    assert "已下单" in customer.say("是的").text
