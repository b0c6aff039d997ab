"""The page on which replies are approved, in a real Chromium: by keyboard, and what is drafted stays text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from deskhand.writing.client import Completion, Message, ModelDown
from tests.gateway.test_account import AXE, PICTURES
from tests.gateway.test_replies import WORDS, drafted
from tests.support.browser import browser
from tests.support.gateway import Gateway, running_gateway

__all__ = ["browser"]
ATTACK = 'Hello <img src=x onerror="document.title=1"><script>document.title=2</script>, {order} stands so: {status}.'


DRAFTS = {"zh": "您好，感谢来信。您的订单{order}现在的状态为：{status}。", "en": WORDS}


@dataclass
class Model:
    """Drafts in the language that it is asked in; away as long as it is told so."""

    away: bool = False
    drafts: dict[str, str] = field(default_factory=lambda: dict(DRAFTS))

    async def complete(self, messages: Sequence[Message], **_: object) -> Completion:
        if self.away:
            raise ModelDown("no answer")
        chinese = any("\u4e00" <= char <= "\u9fff" for char in messages[-1].content)
        return Completion(self.drafts["zh" if chinese else "en"], "a model")


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def gateway(tmp_path: Path, model: Model) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path, settings={"demo": False}, model=model) as running:
        yield running


async def opened(gateway: Gateway, browser: Browser, user: str, **options: object) -> Page:
    context = await browser.new_context(**options)  # type: ignore[arg-type]  # whatever Playwright takes
    token = {"name": "deskhand_session", "value": gateway.token(user), "url": gateway.url}
    await context.add_cookies([token])  # type: ignore[list-item]  # a cookie by its address
    page = await context.new_page()
    await page.goto(f"{gateway.url}/replies")
    await expect(page.locator("#used li").first).to_be_visible()
    return page


async def test_the_page_is_for_people_who_are_signed_in(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        answer = await http.get("/replies", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/")

    async with gateway.http("customer") as http:
        assert (await http.get("/api/reply-templates")).status == 403


@pytest.mark.browser
async def test_a_reply_is_approved_by_keyboard_and_used_from_then_on(gateway: Gateway, browser: Browser) -> None:
    drafted(gateway, WORDS)
    drafted(gateway, WORDS.replace("Hello", "Good day"))
    page = await opened(gateway, browser, "manager")
    buttons = page.get_by_role("button", name="Approve: 货在哪里 · Where is it?")
    await expect(buttons).to_have_count(2)

    await buttons.first.focus()
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("status")).to_contain_text("in use from now on")
    await expect(page.locator("#used")).to_contain_text("Good day, your order {order}")
    await expect(page.locator("#older")).to_contain_text("Hello, your order {order}")
    await expect(page.locator("#waiting-title")).to_be_focused()
    with gateway.desk.unit_of_work("demo", read_only=True) as uow:
        active = uow.reply_templates.active("where_is_it", "en")
    assert active is not None and (active.version, active.approved_by) == (2, "manager")
    await page.context.close()


@pytest.mark.browser
async def test_a_draft_is_shown_as_text_and_who_may_not_approve_has_no_button(
    gateway: Gateway, browser: Browser
) -> None:
    drafted(gateway, ATTACK)
    page = await opened(gateway, browser, "clerk")

    await expect(page.locator("#waiting .reply")).to_have_text(ATTACK)
    assert await page.title() == "Deskhand" and await page.locator("main img, main script").count() == 0
    assert await page.get_by_role("button", name="Approve").count() == 0
    await page.context.close()


@pytest.mark.browser
async def test_what_is_not_right_for_every_order_is_refused_in_words(gateway: Gateway, browser: Browser) -> None:
    drafted(gateway, "Hello, your order {order} has shipped: {status}.")
    page = await opened(gateway, browser, "manager")

    await page.get_by_role("button", name="Approve").click()

    await expect(page.get_by_role("status")).to_contain_text("not right for orders in every status")
    await expect(page.get_by_role("button", name="Approve")).to_be_focused()
    await page.context.close()


def versions(gateway: Gateway) -> list[tuple[str, int, str, str]]:
    with gateway.desk.unit_of_work("demo", read_only=True) as uow:
        return sorted((each.language, each.version, each.source, each.text) for each in uow.reply_templates.list())


async def chosen(page: Page) -> None:
    """By keyboard: the kind of inquiry, then the button after it."""
    await page.get_by_label("What customers ask").focus()
    await page.get_by_label("What customers ask").select_option("where_is_it")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")


@pytest.mark.browser
async def test_the_model_drafts_in_both_languages_and_a_person_words_it_anew_and_approves_it(
    gateway: Gateway, browser: Browser
) -> None:
    page = await opened(gateway, browser, "manager")
    await chosen(page)
    await expect(page.get_by_role("status")).to_contain_text("Drafted; it waits for approval.")
    await expect(page.locator("#waiting li")).to_have_count(2)
    await expect(page.locator("#waiting button:focus")).to_have_count(1)
    assert versions(gateway) == [("en", 1, "llm", DRAFTS["en"]), ("zh", 1, "llm", DRAFTS["zh"])]

    await page.get_by_role("button", name="Edit: 货在哪里 · Where is it?, 英文").focus()
    await page.keyboard.press("Enter")
    words = page.get_by_role("textbox", name="Text of the reply")
    await expect(words).to_be_focused()
    await words.fill("Hello, your order {order} has shipped.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Missing: {status}")
    await expect(words).to_be_focused()
    await words.fill("Good day. Your order {order} stands like this now: {status}.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Saved; it waits for approval.")
    await page.get_by_role("button", name="Approve: 货在哪里 · Where is it?, 英文 · English, v2").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#used")).to_contain_text("Good day. Your order {order}")
    assert ("en", 2, "person", "Good day. Your order {order} stands like this now: {status}.") in versions(gateway)
    await page.context.close()


@pytest.mark.browser
async def test_a_model_that_is_away_or_wrong_is_told_of(gateway: Gateway, browser: Browser, model: Model) -> None:
    model.away = True
    page = await opened(gateway, browser, "clerk")
    await chosen(page)
    await expect(page.get_by_role("status")).to_contain_text("The language model is not there now; nothing was drafted")
    await expect(page.locator("#begin")).to_be_focused()
    assert versions(gateway) == []

    model.away, model.drafts["en"] = False, "Your order {order} has shipped, {status}, and is free of charge."
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("the fixed sentences are the draft")
    assert [(language, source) for language, _, source, _ in versions(gateway)] == [("en", "template"), ("zh", "llm")]
    await page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_can_be_used_by_all(
    gateway: Gateway, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    drafted(gateway, WORDS)
    page = await opened(
        gateway, browser, "manager", color_scheme=scheme, viewport={"width": 320, "height": 640}, bypass_csp=True
    )
    await page.get_by_role("button", name="Edit").first.click()
    await page.add_script_tag(path=AXE)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"replies-{scheme}.png", full_page=True)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await page.context.close()
