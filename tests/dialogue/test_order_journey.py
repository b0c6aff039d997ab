"""One order through everybody's hands, each in their own conversation and language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.conftest import Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]


@pytest.fixture
def number(talk: Talks) -> str:
    clerk = talk("clerk")
    clerk.say("客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递")
    return str(clerk.press("confirm").card["order"])


def test_from_confirmation_to_shipment_in_chinese(talk: Talks, number: str) -> None:
    clerk, warehouse, customer = talk("clerk"), talk("warehouse"), talk("customer")

    refused = warehouse.say(f"{number} 顺丰 SF1234567890").text
    assert "待确认" in refused and "确认订单" in refused

    assert clerk.say(f"确认订单{number}").card["kind"] == "command"
    assert "已确认" in clerk.press("confirm").text
    warehouse.say(f"{number} 的货已经入库")
    assert "待发运" in warehouse.press("confirm").text
    warehouse.say(f"{number} 发顺丰，运单号 SF1234567890")
    assert "SF1234567890" in warehouse.press("confirm").text
    changed = warehouse.say(f"{number} 的运单号改成 SF9999999999")
    assert changed.fact("tracking_number_before") == "SF1234567890"
    assert "SF9999999999" in warehouse.press("confirm").text
    warehouse.say(f"{number} 发运完成")
    assert "已发运" in warehouse.press("confirm").text
    assert "SF9999999999" in customer.say("我的货到哪了").text


def test_from_confirmation_to_shipment_in_english(talk: Talks, number: str) -> None:
    clerk, warehouse, customer = talk("clerk", "en"), talk("warehouse", "en"), talk("customer", "en")

    refused = warehouse.say(f"shipped {number} with DHL, tracking number JD0001234567").text
    assert "pending confirmation" in refused and "confirming the order" in refused

    clerk.say(f"confirm order {number}")
    assert "confirmed" in clerk.say("yes").text
    warehouse.say(f"the goods for {number} have arrived in stock")
    assert "awaiting shipment" in warehouse.say("yes please").text
    warehouse.say(f"{number} goes with DHL, tracking number JD0001234567")
    assert "JD0001234567" in warehouse.press("confirm").text
    warehouse.say(f"change the tracking number of {number} to JD7777777777")
    assert "JD7777777777" in warehouse.press("confirm").text
    warehouse.say(f"shipment of {number} is complete")
    assert "shipped" in warehouse.press("confirm").text
    assert "JD7777777777" in customer.say("where is my order?").text


def test_what_is_missing_of_a_shipment_is_asked(talk: Talks, number: str) -> None:
    clerk, warehouse = talk("clerk"), talk("warehouse")
    clerk.say(f"确认订单{number}")
    clerk.say("是")
    warehouse.say(f"{number} 的货到了")
    warehouse.say("是")

    assert "哪家快递" in warehouse.say(f"给{number}录运单").text
    assert "运单号是多少" in warehouse.say("顺丰").text
    aside = warehouse.say("今天天气怎么样？").text
    assert "办不了" in aside and "运单号是多少" in aside
    assert warehouse.say("SF5556667778").card["kind"] == "command"
    assert "没有办理" in warehouse.say("算了").text


def test_several_orders_cancel_with_a_reason_and_undo(talk: Talks, number: str) -> None:
    clerk = talk("clerk")
    clerk.say("客户东方贸易要5把办公椅，自提，下周三")
    other = clerk.press("confirm").card["order"]

    assert {item["order"] for item in clerk.say("确认订单").card["items"]} == {number, other}
    assert clerk.say("第二个").card["order"] == number
    assert "没有办理" in clerk.say("不").text

    assert "的原因是什么" in clerk.say(f"取消{other}").text
    assert clerk.say("客户下错单了").fact("reason") == "客户下错单了"
    assert "已取消" in clerk.press("confirm").text
    undoing = clerk.say("撤回刚才的操作")
    assert undoing.fact("undone") == "取消订单" and "已撤回" not in undoing.text
    assert "已撤回" in clerk.press("confirm").text


def test_a_choice_is_made_with_its_button(talk: Talks, number: str) -> None:
    clerk = talk("clerk")
    clerk.say("客户东方贸易要5把办公椅，自提，下周三")
    clerk.press("confirm")
    clerk.say("确认订单")

    assert clerk.press("choose:2").card["order"] == number
    assert "已确认" in clerk.press("confirm").text


def test_another_order_is_begun_while_a_command_asks_which_one(talk: Talks, number: str) -> None:
    clerk = talk("clerk")
    clerk.say("客户东方贸易要5把办公椅，自提，下周三")
    clerk.press("confirm")
    assert "是哪个订单" in clerk.say("确认订单").text

    assert "怎么送" in clerk.say("客户华星要9箱A4纸").text
    assert "哪天之前要" in clerk.say("快递").text


def test_roles_are_refused_in_words_and_another_customers_order_does_not_exist(talk: Talks, number: str) -> None:
    assert "您的角色（仓库）不能办理" in talk("warehouse").say(f"确认订单{number}").text
    assert "Your role (customer) may not" in talk("customer", "en").say(f"please confirm order {number}").text
    assert f"no order {number}" in talk("acme", "en").say(f"where is {number}").text
    assert f"no order {number}" in talk("acme", "en").say(f"cancel {number}").text
