"""A purchase from the first word to its approval, in both languages, over real Rasa and real actions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


def test_a_purchase_in_chinese(talk: Talks) -> None:
    clerk, manager = talk("clerk"), talk("manager")

    assert "预算" in clerk.say("申请采购3台显示器，两千五，IT设备，下周五前要").text
    assert "为什么" in clerk.say("在预算内").text
    clerk.say("客户华星要20箱A4纸，送到上海浦东张江路1号")  # an answer is an answer, whatever it sounds like
    card = clerk.say("用途改成新同事入职")
    assert card.fact("purpose") == "新同事入职" and card.fact("amount") == "2,500.00 元"
    assert clerk.say("金额改成三千").fact("amount") == "3,000.00 元"
    aside = clerk.say("我最近的订单到哪了？").text
    assert "还等您确认" in aside
    done = clerk.say("提交吧")
    assert "PA-1001" in done.text and "经理审批" in done.text

    assert "PA-1001" in manager.say("有什么要我批的").card["title"]
    assert "为什么" in manager.say("驳回PA-1001").text
    assert manager.say("型号不对").fact("reason") == "型号不对"
    assert "没有办理" in manager.say("不").text
    approval = manager.say("同意PA-1001")
    assert approval.fact("decision") == "批准"
    assert "已批准" in manager.press("confirm").text
    assert "PA-1001" in clerk.say("PA-1001到哪一步了").text


def test_a_purchase_in_english(talk: Talks) -> None:
    clerk, manager = talk("clerk", "en"), talk("manager", "en")

    assert "budget" in clerk.say("purchase request: 3 monitors, 2.5k, IT equipment, by next Friday").text
    assert "Why" in clerk.say("yes").text
    card = clerk.say("for the new colleagues")
    assert card.fact("item") == "3 monitors" and card.fact("amount") == "CNY 2,500.00"
    assert clerk.say("no, make it 3k").fact("amount") == "CNY 3,000.00"
    assert "still waits" in clerk.say("where is my last order?").text
    assert "PA-1001" in clerk.press("confirm").text

    assert "PA-1001" in manager.say("what waits for me?").card["title"]
    assert manager.say("reject PA-1001 because it is too expensive").fact("reason") == "it is too expensive"
    assert "rejected" in manager.say("yes").text
    told = clerk.say("where is PA-1001?").text
    assert "PA-1001" in told


def test_a_request_is_left_and_another_withdrawn(talk: Talks) -> None:
    clerk = talk("clerk")

    clerk.say("我要提交采购申请")
    assert "什么都没有提交" in clerk.say("算了").text
    clerk.say("采购申请：碎纸机一台，办公用品，800元")
    clerk.say("是")
    clerk.say("旧的坏了")
    clerk.press("confirm")
    card = clerk.say("撤回我的采购申请")
    assert card.card["title"] == "撤回 PA-1001"
    assert "已撤回" in clerk.press("confirm").text
    assert "PA-1001" in clerk.say("撤回PA-1001").text


def test_nobody_decides_what_they_have_asked_for(talk: Talks) -> None:
    manager = talk("manager")
    manager.say("采购申请：投影仪一台，IT设备，3000元")
    manager.say("是")
    manager.say("会议室的坏了")
    manager.press("confirm")

    refused = manager.say("同意PA-1001")

    assert "另一位同事" in refused.text and not refused.cards


def test_the_form_goes_on_in_another_conversation(talk: Talks) -> None:
    clerk = talk("clerk")
    clerk.say("申请采购3台显示器，两千五，IT设备")

    clerk.begin_anew()

    assert "为什么" in clerk.say("是").text
