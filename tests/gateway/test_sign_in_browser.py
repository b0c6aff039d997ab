"""The sign-in page and the page of a link in a real Chromium, under their content security policy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from deskhand.gateway.signin import signin_link
from tests.support.browser import browser
from tests.support.gateway import PASSWORD, SESSION_SECRET, TENANT, Gateway, running_gateway

__all__ = ["browser"]
pytestmark = pytest.mark.browser


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """In real use, not as the demo."""
    async with running_gateway(tmp_path, settings={"demo": False}) as running:
        yield running


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-GB")
    yield await context.new_page()
    await context.close()


async def test_login_and_password_lead_to_the_desk_by_keyboard_alone(gateway: Gateway, page: Page) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(gateway.url)
    await expect(page.locator("#demo")).to_be_hidden()
    await page.get_by_label("用户名 · Login").focus()
    await page.keyboard.type("clerk")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("alert")).to_have_text("用户名或密码不正确。 · Login or password is wrong.")
    await expect(page.get_by_label("密码 · Password")).to_be_focused()
    await expect(page.get_by_label("密码 · Password")).to_have_attribute("aria-invalid", "true")

    await page.get_by_label("密码 · Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{gateway.url}/desk")
    await expect(page.locator("deskhand-chat textarea")).to_be_enabled()
    assert complaints == []


async def test_the_company_is_asked_for_only_where_there_are_several(gateway: Gateway, page: Page) -> None:
    await page.goto(gateway.url)
    await expect(page.get_by_label("公司代码 · Company")).to_be_visible()  # the tests have two

    gateway.desk.tenants = {TENANT: gateway.desk.tenants[TENANT]}
    await page.reload()
    await expect(page.get_by_label("用户名 · Login")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await expect(page.get_by_label("公司代码 · Company")).to_be_hidden()


async def test_a_link_signs_in_when_its_button_is_pressed_and_says_so_when_it_was_used(
    gateway: Gateway, page: Page
) -> None:
    with gateway.desk.unit_of_work(TENANT) as uow:
        user = uow.users.by_login("warehouse")
    assert user is not None
    link = signin_link(user, SESSION_SECRET, gateway.url, gateway.clock())

    await page.goto(link)
    await expect(page.get_by_role("button")).to_be_visible()
    assert "token" not in page.url and "#" not in page.url
    await page.get_by_role("button").click()
    await page.wait_for_url(f"{gateway.url}/desk")

    await page.goto(link)
    await page.get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("This link was used or withdrawn")


async def test_signing_out_everywhere_ends_every_session_by_keyboard_alone(
    gateway: Gateway, browser: Browser, page: Page
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    elsewhere = await browser.new_context(locale="zh-CN")
    other = await elsewhere.new_page()
    for each in (other, page):
        await signed_in(each, gateway)
    await expect(other.get_by_role("button", name="退出所有设备")).to_be_visible()

    await page.get_by_role("button", name="English").click()

    await page.route("**/api/sessions/all", lambda route: route.abort())
    await page.get_by_role("button", name="Sign out", exact=True).focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Sign out everywhere")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="did not work")).to_be_visible()
    await page.unroute("**/api/sessions/all")
    await page.keyboard.press("Enter")

    await page.wait_for_url(f"{gateway.url}/?signed_out")
    for each in (other, page):
        await each.goto(f"{gateway.url}/desk")
        await expect(each.get_by_label("密码 · Password")).to_be_visible()
    await elsewhere.close()
    assert complaints == []


async def signed_in(page: Page, gateway: Gateway) -> None:
    await page.goto(gateway.url)
    await page.get_by_label("用户名 · Login").fill("clerk")
    await page.get_by_label("密码 · Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{gateway.url}/desk")
    await expect(page.locator("deskhand-chat textarea")).to_be_enabled()
