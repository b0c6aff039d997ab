"""The report over the real Rasa: asked in passing, in both languages, in the middle of an order, and asked further."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


def counted(talk: Talk, text: str) -> dict[str, str]:
    return {row["key"]: row["cells"][1] for row in talk.say(text).card["table"]["rows"]}


def test_orders_are_counted_as_they_come(talk: Talks) -> None:
    clerk = talk("clerk")
    assert counted(clerk, "今天的报表")["new"] == "0"

    clerk.say("客户华星要20箱A4纸，下周五前，走快递")
    clerk.say("确认下单")
    said = clerk.say("今天做得怎么样")

    assert "今天（" in said.text and "新订单 1 个" in said.text
    assert counted(talk("manager", "en"), "how did we do today")["pending_confirmation"] == "1"
    assert counted(talk("customer", "en"), "give me a summary of our orders")["new"] == "1"
    assert "last week, Monday" in talk("finance", "en").say("show me last week's report").text


def test_a_report_in_the_middle_of_an_order_leaves_the_draft(talk: Talks) -> None:
    clerk = talk("clerk")
    assert "怎么送" in clerk.say("华星要20箱A4纸").text

    said = clerk.say("看一下今天的报表")

    assert "新订单" in said.text and "怎么送" in said.text
    assert "哪天之前要" in clerk.say("快递").text


@pytest.mark.parametrize(
    "text", ["迟交的有哪些", "未付款的有哪些", "Which orders are late?", "Which orders are unpaid?"]
)
def test_what_a_report_offers_to_show_is_listed(talk: Talks, text: str) -> None:
    clerk = talk("clerk", "en" if text.isascii() else "zh")

    said = clerk.say(text)

    assert said.text.startswith(("没有找到订单", "I found no orders"))
