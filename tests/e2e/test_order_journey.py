"""An order from the first sentence to the delivery note, typed into the widget by four people in four browsers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.support.browser import PATIENCE, Person
from tests.support.deskhand import Running, until

pytestmark = pytest.mark.browser

SignIn = Callable[..., Person]


def friday_of_next_week() -> datetime:
    """What 下周五 means: the Friday of the week that begins next Monday, in the tenant's zone."""
    today = datetime.now(ZoneInfo("Asia/Shanghai"))
    return today + timedelta(days=7 - today.weekday() + 4)


def test_an_order_goes_from_a_chinese_sentence_to_its_delivery_note(deskhand: Running, person: SignIn) -> None:
    clerk, warehouse, finance, customer = (person(login) for login in ("clerk", "warehouse", "finance", "customer"))

    # one sentence carries everything, the card reads it back
    clerk.say("客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递")
    card = clerk.card()
    day = friday_of_next_week()
    expect(card).to_contain_text("A4", timeout=PATIENCE)
    expect(card).to_contain_text(re.compile(r"20\s*箱"))
    expect(card).to_contain_text(re.compile(r"3\s*台"))
    expect(card).to_contain_text("张江路1号")
    expect(card).to_contain_text(f"{day.year}年{day.month}月{day.day}日")
    expect(card).to_contain_text("星期五")
    expect(card).to_contain_text("8,897.00")  # 20 x 250.00 + 3 x 1,299.00
    clerk.screenshot("zh-1-draft")

    # a correction in one utterance, the yes, the number
    clerk.say("A4纸改成30箱")
    expect(clerk.card()).to_contain_text(re.compile(r"30\s*箱"))
    expect(clerk.card()).to_contain_text("11,397.00")
    clerk.press("confirm")
    number = clerk.expect_answer(r"SO-\d+")
    clerk.screenshot("zh-2-placed")

    # R1: shipment information at once is refused, with the status and what is next
    warehouse.say(f"{number} 顺丰 SF1234567890")
    warehouse.expect_answer("待确认")
    warehouse.screenshot("zh-3-refused")

    # sales confirms, the warehouse receives, gives and changes the shipment information, completes it
    clerk.say(f"确认订单{number}")
    clerk.press("confirm")
    clerk.expect_answer("已确认")
    warehouse.say(f"{number} 的货已经入库")
    warehouse.press("confirm")
    warehouse.expect_answer("待发运")
    warehouse.say(f"{number} 发顺丰，运单号 SF1234567890")
    warehouse.press("confirm")
    warehouse.say(f"{number} 的运单号改成 SF9999999999")
    warehouse.press("confirm")
    warehouse.say(f"{number} 发运完成")
    warehouse.press("confirm")
    warehouse.expect_answer("已发运")
    warehouse.screenshot("zh-4-shipped")

    # who hears of what
    finance.expect_notice(f"{number}", "发票")
    finance.screenshot("zh-5-finance")
    warehouse.expect_notice("SF1234567890", "SF9999999999")
    warehouse.screenshot("zh-6-warehouse")
    customer.expect_notice("已确认", "待发运", "已发运")
    customer.screenshot("zh-7-customer")
    customer.back_to_chat()
    customer.say("我的货到哪了")
    customer.expect_answer("SF9999999999")
    customer.screenshot("zh-8-where")


def test_the_same_in_english(deskhand: Running, person: SignIn) -> None:
    clerk, warehouse, finance, customer = (person(login, "en") for login in ("clerk", "warehouse", "finance", "acme"))

    clerk.say("Acme Ltd needs 20 boxes of A4 paper and 3 printers, deliver to 1 Main Street, Springfield, "
              "by Friday next week, by courier")  # fmt: skip
    expect(clerk.card()).to_contain_text(re.compile(r"20\s*boxes"), timeout=PATIENCE)
    expect(clerk.card()).to_contain_text("Friday")
    expect(clerk.card()).to_contain_text("8,897.00")
    clerk.say("change the paper to 30 boxes")
    expect(clerk.card()).to_contain_text(re.compile(r"30\s*boxes"))
    clerk.screenshot("en-1-draft")
    clerk.say("yes")
    number = clerk.expect_answer(r"SO-\d+")

    warehouse.say(f"shipped {number} with DHL, tracking number JD0001234567")
    warehouse.expect_answer("awaiting confirmation|pending confirmation")
    clerk.say(f"confirm order {number}")
    clerk.say("yes")
    clerk.expect_answer("confirmed")
    warehouse.say(f"the goods for {number} have arrived in stock")
    warehouse.press("confirm")
    warehouse.expect_answer("awaiting shipment")
    warehouse.say(f"{number} goes with DHL, tracking number JD0001234567")
    warehouse.press("confirm")
    warehouse.say(f"change the tracking number of {number} to JD7777777777")
    warehouse.press("confirm")
    warehouse.say(f"shipment of {number} is complete")
    warehouse.press("confirm")
    warehouse.expect_answer("shipped")

    finance.expect_notice(number, "invoice")
    warehouse.expect_notice("JD0001234567", "JD7777777777")
    customer.expect_notice("confirmed", "awaiting shipment", "shipped")
    customer.back_to_chat()
    customer.say("where is my order?")
    customer.expect_answer("JD7777777777")
    customer.screenshot("en-2-where")


def test_documents_of_the_journeys_lie_in_the_outbox(deskhand: Running) -> None:
    def count(pattern: str) -> int:
        return len(list((deskhand.var / "outbox").rglob(pattern)))

    until(lambda: count("INV-*-1.pdf") >= 2, 60, "both invoices")
    until(lambda: count("INV-*-2.pdf") >= 2, 60, "both again, after the shipment information changed")
    until(lambda: count("DN-*-1.pdf") >= 2, 60, "a delivery note for each order")
