"""A customer and a clerk in two browsers, over a real gateway: asked for, taken, answered, given back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from deskhand.channels.handovers import ask
from deskhand.gateway.signin import signin_link
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from tests.frontend_widget.test_pictures import AXE, PICTURES
from tests.support.desks import placed
from tests.support.gateway import SESSION_SECRET, TENANT, Gateway, Json, running_gateway

pytestmark = pytest.mark.browser

CLERK = "林晓 Lin Xiao"
CUSTOMER = "刘洋 Liu Yang"


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """Its bot asks for a person when it hears 人工 or person, as the action does, and echoes what is said."""
    async with running_gateway(tmp_path) as running:

        def answer(body: Json) -> list[Json]:
            if "人工" in body["message"] or "person" in body["message"]:
                _wish(running)
            return [{"recipient_id": body["sender"], "text": f"**heard**: {body['message']}"}]

        running.rasa.answer = answer
        yield running


def _wish(gateway: Gateway) -> None:
    claims = gateway.rasa.claims()
    who = Actor(claims["sub"], Role.CUSTOMER, TENANT, "chat", claims["message_id"])
    with gateway.desk.unit_of_work(TENANT) as uow:
        ask(uow, who, claims["conversation"], "asked", claims["language"], "转人工")
        uow.commit()


@dataclass
class Seat:
    """One browser at the desk page."""

    page: Page
    name: str
    complaints: list[str] = field(default_factory=list)

    def part(self, selector: str) -> Locator:
        return self.page.locator("deskhand-chat").locator(selector)

    def button(self, name: str) -> Locator:
        return self.page.locator("deskhand-chat").get_by_role("button", name=name, exact=True)

    async def say(self, text: str, field: str = "#input") -> None:
        await self.part(field).fill(text)
        await self.part(field).press("Enter")

    async def look(self, state: str) -> None:
        """A picture for people to look at, and nothing that axe-core holds against it."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=PICTURES / f"handover-{self.name}-{state}.png")
        if not AXE.exists():
            return
        await self.page.evaluate(AXE.read_text("utf-8"))
        found = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [f"{rule['id']}: {[n['html'][:150] for n in rule['nodes']]}" for rule in found["violations"]] == []


async def seat(browser: Browser, gateway: Gateway, login: str, locale: str, width: int = 1180) -> Seat:
    with gateway.desk.unit_of_work(TENANT) as uow:
        user = uow.users.by_login(login)
        assert user is not None
        uow.users.set_language(user.id, locale[:2])
        uow.commit()
    context = await browser.new_context(locale=locale, viewport={"width": width, "height": 820})
    page = await context.new_page()
    made = Seat(page, f"{login}-{locale[:2]}")
    page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    await page.goto(signin_link(user, SESSION_SECRET, gateway.url, gateway.clock()))
    await expect(made.part("#input")).to_be_enabled()
    return made


async def test_a_clerk_takes_who_waits_by_keyboard_alone(gateway: Gateway, browser: Browser) -> None:
    customer = await seat(browser, gateway, "customer", "zh-CN")
    clerk = await seat(browser, gateway, "clerk", "en-GB")
    await expect(clerk.part(".queue")).to_have_count(0)
    await customer.say("转人工")
    await expect(customer.part(".standing")).to_contain_text("已请同事接手")
    await expect(clerk.part(".queue")).to_have_text("Waiting for a person: 1")
    await customer.look("waiting")

    await clerk.part(".queue").focus()
    await clerk.page.keyboard.press("Enter")
    await clerk.page.keyboard.press("Tab")
    await expect(clerk.part(".desk .example")).to_be_focused()
    await clerk.look("queue")
    await clerk.page.keyboard.press("Enter")
    await expect(clerk.part(".desk .message")).to_have_count(2)  # what was said before can be read first
    await clerk.look("reading")
    await clerk.page.keyboard.press("Tab")
    await expect(clerk.button("Take it")).to_be_focused()
    await clerk.page.keyboard.press("Enter")
    await expect(clerk.part("#reply")).to_be_focused()
    await expect(customer.part(".standing")).to_contain_text(f"您正在与 {CLERK} 对话")
    await expect(clerk.part(".queue")).to_have_text("Waiting for a person: 0")


async def taken(gateway: Gateway, browser: Browser) -> tuple[Seat, Seat]:
    """A customer and the clerk who has just taken their conversation."""
    customer = await seat(browser, gateway, "customer", "zh-CN")
    clerk = await seat(browser, gateway, "clerk", "en-GB")
    await customer.say("转人工")
    await clerk.part(".queue").click()
    await clerk.part(".desk .example").click()
    await clerk.button("Take it").click()
    await expect(clerk.part("#reply")).to_be_visible()
    return customer, clerk


async def test_a_customer_talks_to_a_clerk_and_then_to_the_bot_again(gateway: Gateway, browser: Browser) -> None:
    customer, clerk = await taken(gateway, browser)
    await customer.say("<b>你好</b>，我的订单呢？")
    await expect(clerk.part(".desk .message.out").last).to_contain_text("<b>你好</b>，我的订单呢？")
    await clerk.say("It leaves today. **Promised.**", "#reply")
    answer = customer.part(".message.out").last
    await expect(answer.locator(".bubble")).to_have_text("It leaves today. **Promised.**")  # as a person typed it
    await expect(answer.locator(".meta")).to_contain_text(CLERK)
    await expect(clerk.part(".desk .message.in").last).to_contain_text("It leaves today.")
    await customer.look("talking")
    await clerk.look("talking")
    assert len(gateway.rasa.heard) == 1

    await clerk.button("Give back to the bot").click()
    await expect(customer.part(".standing")).to_have_text("机器人回来了")
    await expect(clerk.part("#reply")).to_have_count(0)
    await expect(clerk.part(".desk")).to_have_text("Nobody is waiting.")
    await customer.say("好的")
    await expect(customer.part(".message.out").last).to_contain_text("heard: 好的")
    await expect(customer.part(".standing")).to_be_hidden()
    await customer.look("back")
    assert clerk.complaints == [] and customer.complaints == []


async def test_a_customer_goes_back_to_the_bot_by_the_button(gateway: Gateway, browser: Browser) -> None:
    customer = await seat(browser, gateway, "customer", "en-GB", width=390)
    clerk = await seat(browser, gateway, "clerk", "zh-CN", width=390)
    await clerk.part("#input").fill("客户华星要20箱")  # begun, and still there afterwards
    await customer.say("a person please")
    await clerk.part(".queue").click()
    await clerk.part(".desk .example").click()
    await clerk.button("接手").click()
    await expect(customer.part(".standing")).to_contain_text(f"You are talking to {CLERK}")
    await clerk.look("talking")

    await customer.page.reload()
    await expect(customer.part(".standing")).to_contain_text(f"You are talking to {CLERK}")
    await customer.look("talking")
    await customer.button("Back to the bot").click()
    await expect(customer.part(".standing")).to_have_text("The bot is back")
    await expect(clerk.part("#reply")).to_have_count(0)
    await expect(clerk.part(".talk")).to_contain_text("已结束")
    await clerk.part(".queue").click()
    await expect(clerk.part("#input")).to_have_value("客户华星要20箱")
    assert gateway.rasa.heard == ["a person please"]


async def test_who_is_slower_learns_that_a_colleague_has_it(gateway: Gateway, browser: Browser) -> None:
    customer = await seat(browser, gateway, "customer", "zh-CN")
    clerk = await seat(browser, gateway, "clerk", "en-GB")
    manager = await seat(browser, gateway, "manager", "en-GB")
    await customer.say("转人工")
    for one in (clerk, manager):
        await one.part(".queue").click()
        await one.part(".desk .example").click()
    await manager.page.route("**/api/handovers", lambda route: route.abort())  # it has not heard yet
    await clerk.button("Take it").click()
    await expect(clerk.part("#reply")).to_be_visible()
    await manager.button("Take it").click()

    await expect(manager.part(".desk [role=alert]")).to_have_text("A colleague has this conversation already.")
    await manager.look("too-late")
    await manager.page.unroute("**/api/handovers")
    await manager.button("Queue").click()
    await manager.page.reload()
    await manager.part(".queue").click()
    await expect(manager.part(".desk .example")).to_contain_text(f"with {CLERK}")


async def test_a_reply_that_does_not_arrive_stays_in_the_field(gateway: Gateway, browser: Browser) -> None:
    _, clerk = await taken(gateway, browser)
    await clerk.page.route("**/reply", lambda route: route.abort())
    await clerk.say("Are you still there?", "#reply")

    await expect(clerk.part(".desk [role=alert]")).to_be_visible()
    await expect(clerk.part("#reply")).to_have_value("Are you still there?")


async def test_a_reply_whose_answer_was_lost_is_said_once_however_often_it_is_sent(
    gateway: Gateway, browser: Browser
) -> None:
    customer, clerk = await taken(gateway, browser)

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await clerk.page.route("**/reply", lose_the_answer, times=1)
    await clerk.say("It left at noon", "#reply")
    await expect(clerk.part(".desk [role=alert]")).to_be_visible()
    await expect(clerk.part("#reply")).to_have_value("It left at noon")
    async with clerk.page.expect_response("**/reply") as answered:
        await clerk.part("#reply").press("Enter")

    assert (await answered.value).status == 200
    await expect(customer.part(".message").filter(has_text="It left at noon")).to_have_count(1)
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        [one] = uow.handovers.list()
        said = [message.text for message in uow.messages.after(one.conversation_id, 0)]
    assert said.count("It left at noon") == 1


async def test_a_ready_answer_is_sent_with_one_press_or_changed_first(gateway: Gateway, browser: Browser) -> None:
    number = placed(gateway.desk).number
    customer, clerk = await taken(gateway, browser)
    await customer.say(f"{number}到哪了？")
    offer = clerk.part(".offer")
    await expect(offer).to_contain_text(f"您的订单{number}目前的状态为")
    await clerk.look("offered")

    await clerk.button("Edit").focus()
    await clerk.page.keyboard.press("Enter")
    await expect(clerk.part("#reply")).to_be_focused()
    await clerk.part("#reply").press_sequentially("还有别的吗？")
    await clerk.page.keyboard.press("Enter")
    await expect(customer.part(".message.out").last).to_contain_text("还有别的吗？")
    await expect(offer).to_have_count(0)

    await customer.say(f"{number}发货了吗？")
    await clerk.page.reload()  # offered to who comes back to it, too
    await clerk.part(".queue").click()
    await clerk.part(".desk .example").click()
    await clerk.button("Send this").focus()
    await clerk.page.keyboard.press("Enter")
    answer = customer.part(".message.out").last
    await expect(answer.locator(".bubble")).to_contain_text(f"您的订单{number}目前的状态为")
    await expect(answer.locator(".meta")).to_contain_text(CLERK)
    await expect(clerk.part("#reply")).to_be_focused()
    await expect(offer).to_have_count(0)
    assert clerk.complaints == [] and customer.complaints == []
