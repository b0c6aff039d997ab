"""A customer who gets no further, and the colleague who takes over: over all services, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support.browser import PATIENCE, Person
from tests.support.deskhand import Running
from tests.support.talk import Talker

pytestmark = pytest.mark.browser

SignIn = Callable[..., Person]
CLERK, MANAGER = "林晓 Lin Xiao", "王芳 Wang Fang"


def part(someone: Person, selector: str) -> Locator:
    return someone.page.locator("deskhand-chat").locator(selector)


def press(someone: Person, name: str) -> None:
    someone.page.locator("deskhand-chat").get_by_role("button", name=name, exact=True).click(timeout=PATIENCE)


def write(someone: Person, text: str) -> None:
    """To whom nobody answers at once: a person has the conversation, or it is the person who writes."""
    field = part(someone, "#reply") if part(someone, "#reply").count() else part(someone, "#input")
    field.fill(text)
    field.press("Enter")


def take(colleague: Person, of: str, words: str) -> None:
    expect(part(colleague, ".queue")).to_be_visible(timeout=PATIENCE)
    part(colleague, ".queue").click()
    part(colleague, ".desk .example").filter(has_text=of).click()
    press(colleague, words)
    expect(part(colleague, "#reply")).to_be_visible(timeout=PATIENCE)


def test_a_draft_waits_while_a_person_has_the_conversation(person: SignIn) -> None:
    clerk, customer = person("clerk", "en"), person("customer")
    customer.say("我要A4纸")
    question = customer.expect_answer("多少|几箱|数量")
    customer.say("转人工")
    customer.expect_answer("请同事接手")
    clerk.expect_notice("刘洋|Liu Yang")
    clerk.back_to_chat()
    expect(part(customer, ".standing")).to_contain_text("已请同事接手", timeout=PATIENCE)

    take(clerk, "刘洋", "Take it")
    expect(part(customer, ".standing")).to_contain_text(f"您正在与 {CLERK} 对话", timeout=PATIENCE)
    write(customer, "20箱行吗？")  # said to the person: the bot does not take it for a quantity
    expect(part(clerk, ".desk .message.out").last).to_contain_text("20箱行吗？", timeout=PATIENCE)
    write(clerk, "可以的，库存够。")
    expect(customer.answers().last).to_contain_text("可以的，库存够。", timeout=PATIENCE)
    expect(customer.answers().last).to_contain_text(CLERK)
    customer.screenshot("handover-zh-talking")
    clerk.screenshot("handover-zh-clerk")

    press(clerk, "Give back to the bot")
    expect(part(customer, ".standing")).to_contain_text("机器人回来了", timeout=PATIENCE)
    customer.expect_answer(question)  # where it had stopped
    customer.say("20箱")
    customer.expect_answer("怎么送")  # the bot took the quantity and asks on
    customer.screenshot("handover-zh-back")
    customer.say("算了")


def test_the_third_same_question_offers_a_person_in_english(person: SignIn) -> None:
    customer, manager = person("customer", "en"), person("manager", "zh")
    for words in ("Where is my order?", "where's my order", "so where is my order now?"):
        customer.say(words)
    customer.expect_answer("the same thing three times")
    press(customer, "Talk to a person")
    customer.expect_answer("asked a colleague")
    take(manager, "刘洋", "接手")
    expect(part(manager, ".desk .talk")).to_contain_text("同一问题问了三次")
    write(customer, "Are you a person?")
    expect(part(manager, ".desk .message.out").last).to_contain_text("Are you a person?", timeout=PATIENCE)

    press(customer, "Back to the bot")
    expect(part(customer, ".standing")).to_contain_text("The bot is back", timeout=PATIENCE)
    expect(part(manager, "#reply")).to_have_count(0, timeout=PATIENCE)
    customer.say("what can you do?")
    customer.expect_answer("I can")


def test_two_failures_in_a_row_offer_a_person_to_programs_too(deskhand: Running) -> None:
    customer = Talker.sign_in(deskhand, "acme")
    assert "twice in a row" not in customer.say("what's the weather on Mars?")

    assert "twice in a row" in customer.say("who won the football yesterday?")


def test_who_serves_a_customer_sends_the_ready_answer(deskhand: Running) -> None:
    clerk, customer = Talker.sign_in(deskhand, "clerk"), Talker.sign_in(deskhand, "acme")
    order = {"customer": "acme-ltd", "lines": [{"sku": "PAPER-A4", "quantity": "5"}]}
    number = clerk.client.post("/api/orders", json=order).json()["order"]["number"]
    assert "请同事接手" in customer.say("转人工")
    waiting = clerk.client.get("/api/handovers").json()["items"]
    (handover,) = (one["id"] for one in waiting if one["conversation"] == customer.conversation)
    assert clerk.client.post(f"/api/handovers/{handover}/claim", json={}).status_code == 200

    assert customer.post(text=f"{number}到哪了？").json()["messages"] == []  # the bot leaves it to the person
    (offer,) = clerk.client.get(f"/api/handovers/{handover}").json()["offers"]
    said = clerk.client.post(f"/api/handovers/{handover}/reply", json={"text": offer["text"]})

    assert f"您的订单{number}目前的状态为：待确认" in offer["text"] and offer["order"] == number
    assert said.json()["messages"][-1]["text"] == offer["text"]
    assert clerk.client.post(f"/api/handovers/{handover}/return", json={}).status_code == 200
