"""Questions about policy over the real Rasa: quoted with their source, also in the middle of an order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


def test_a_question_in_the_middle_of_an_order_is_answered_and_the_draft_goes_on(talk: Talks) -> None:
    clerk = talk("clerk")
    assert "哪个客户" in clerk.say("我要下单").text
    said = clerk.say("退货政策").text
    assert "15 天以内" in said and "哪个客户" in said
    assert "怎么送" in clerk.say("华星，20箱A4纸").text

    said = clerk.say("运费怎么算？").text
    assert "首公斤 8 元" in said and "出处：送货与运费 · 运费怎么算" in said and "怎么送" in said

    assert "哪天之前要" in clerk.say("快递").text
    said = clerk.say("多久能送到").text
    assert "次日送达" in said and "哪天之前要" in said

    assert clerk.say("下周五").lines == {"PAPER-A4": ("20", "箱")}
    said = clerk.say("付款方式有哪些？").text
    assert "银行转账" in said and "还等您确认" in said
    assert "已下单" in clerk.say("确认").text


def test_the_same_in_english(talk: Talks) -> None:
    clerk = talk("clerk", "en")
    assert "How should it go" in clerk.say("Acme Ltd needs 20 boxes of A4 paper").text

    said = clerk.say("how long is the warranty on printers?").text
    assert "warranty of 1 year" in said and '(Source: Returns and warranty, "Warranty")' in said
    assert "How should it go" in said

    assert "When is it needed" in clerk.say("courier").text
    said = clerk.say("what is your return policy?").text
    assert "within 15 days" in said and "When is it needed" in said
    assert clerk.say("next Friday").lines == {"PAPER-A4": ("20", "boxes")}
    assert "still waits for your yes" in clerk.say("how do I pay").text


def test_a_customer_asks_outside_of_any_order(talk: Talks) -> None:
    customer = talk("customer")

    assert "发票号码" in customer.say("发票什么时候开").text
    assert "3 个工作日以内检验" in customer.say("退款几天到账？").text
    assert "does not" not in customer.say("what is your cancellation policy?").text
    assert "Cancelling is free until the goods are shipped" in customer.say("is there a cancellation fee?").text


def test_what_is_not_written_is_not_made_up(talk: Talks) -> None:
    customer = talk("customer", "en")

    said = customer.say("what is your policy on gift cards?").text

    assert "talk to a person" in said and "(Source" not in said
    assert "asked a colleague" in customer.say("talk to a person").text


def test_doing_is_not_asking_about_the_rule(talk: Talks) -> None:
    clerk = talk("clerk")

    for text in ("SO-1001申请退款", "重发SO-1108的发票", "我要把这批椅子退掉", "refund SO-1001"):
        assert "出处" not in (said := clerk.say(text).text) and "Source" not in said, text
    assert "没有订单 SO-4711" in clerk.say("SO-4711到哪了").text
