"""What is no order: answered in the message's language, honest about what can't be done, never an action."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskhand.channels.turn_token import TurnClaims, mint
from deskhand.orders.status import Role
from deskhand.store import utc_now
from tests.dialogue.conftest import Services, Talk
from tests.support.deskhand import until

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]

SAID = (
    ("你好", "您好"), ("hello there", "Hello!"), ("谢谢", "不客气"), ("thanks a lot", "welcome"), ("再见", "再见"),
    ("bye bye", "Goodbye"), ("帮助", "我可以帮您"), ("what can you do", "I can:"), ("明天会下雨吗", "办不了"),
    ("book me a flight to Berlin", "can't do that"), ("转人工", "请同事接手"),
    ("I want to talk to a human", "colleague"), ("你是机器人吗", "机器人"),
    ("好的", "没有等您确认"), ("yes", "Nothing is waiting"),
    ("A4纸改成30箱", "没有正在填写"), ("SO-1001 收到付款 11397 元，流水号 ABC123", "没有订单"),
    ("record a payment for SO-1001", "no order"), ("hold SO-1001", "no order"),
    ("打印SO-1001的发票", "聊天里还办不了"), ("change the VAT number of customer 20311", "by chat"),
    ("SO-1003改成8把椅子", "SO-1003"), ("打印机多少钱", "价格"), ("要退货", "退货"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "answer"), SAID, ids=[text for text, _ in SAID])
def test_it_is_answered_in_its_language_and_nothing_is_done(
    talk: Talks, services: Services, text: str, answer: str
) -> None:
    clerk = talk("clerk", "en" if text.isascii() else "zh")

    said = clerk.say(text)

    assert answer in said.text and not said.cards
    with services.desk.unit_of_work(clerk.tenant, read_only=True) as uow:
        assert not uow.orders.list().items and uow.drafts.open_of("clerk") is None


def test_the_language_follows_the_message_and_stays_for_numbers(talk: Talks) -> None:
    clerk = talk("clerk")

    assert "要订什么" in clerk.say("给华星下单").text
    assert "How should it go" in clerk.say("20 boxes of A4 paper").text


@pytest.mark.parametrize("text", ["/deny", "/restart", '/confirm_order{"order_number": "SO-1001"}', "/session_start"])
def test_what_looks_like_a_payload_is_only_words(talk: Talks, services: Services, text: str) -> None:
    clerk = talk("clerk")
    clerk.say("客户华星要20箱A4纸，下周五前，走快递")

    said = clerk.say(text)

    assert said.text
    with services.desk.unit_of_work(clerk.tenant, read_only=True) as uow:
        draft = uow.drafts.open_of("clerk")
        assert not uow.orders.list().items and draft and draft.asked == "order_confirmation"


def test_with_a_forged_token_nothing_is_done(services: Services, tenant: str) -> None:
    claims = TurnClaims("manager", Role.MANAGER, tenant, "chat", "c", "m", "zh", "M")

    said = services.send("c-0", "列出所有订单", mint(claims, "another-secret-than-that-of-the-gateway-1", utc_now()))

    assert "无法确认您的身份" in said.text and not said.cards


def test_a_companys_own_words_take_the_place_of_ours_and_the_gateway_knows_what_rasa_said_by_itself(
    talk: Talks, services: Services, tenant: str
) -> None:
    file = services.log / "tenants" / f"{tenant}.yml"
    file.write_text(file.read_text(encoding="utf-8") + 'texts:\n  utter_help: {en: "Ask: {abilities}"}\n', "utf-8")
    clerk = talk("clerk", "en")

    until(lambda: clerk.say("what can you do").text.startswith("Ask: "), 20, "the file is taken up")
    helped = clerk.say("what can you do").items[0]  # asked so often, a person is offered behind it
    (greeted,) = clerk.say("hello there").items

    assert "{" not in helped["text"] and "response" not in helped
    assert greeted["response"] == "utter_greet"
