"""A person signs in by their company's provider in a real Chromium. `localhost` and 127.0.0.1 are two sites for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.support.browser import browser
from tests.support.gateway import Gateway, running_gateway
from tests.support.oidc import ENVIRON, Now, RealProvider, company_file, open_company, provider

__all__ = ["browser", "provider"]
pytestmark = pytest.mark.browser


@pytest.fixture
async def gateway(tmp_path: Path, provider: RealProvider) -> AsyncIterator[Gateway]:
    clock = Now()
    desk = open_company(tmp_path, clock, demo=company_file(provider.issuer))
    async with running_gateway(tmp_path, clock, desk, port=provider.desk_port, environ=ENVIRON) as running:
        yield running
    desk.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(locale="en-GB")
    yield opened
    await opened.close()


async def sign_in(page: Page, gateway: Gateway) -> None:
    await page.goto(gateway.url)
    await page.get_by_role("link", name="Sign in with Acme ID").click()
    await page.locator("input[name=login]").fill("ann")
    await page.get_by_role("button", name="Enter").click()


async def test_from_the_sign_in_page_to_the_desk_and_out_again(
    gateway: Gateway, provider: RealProvider, context: BrowserContext
) -> None:
    page, complaints, seen = await context.new_page(), list[str](), list[str]()
    page.on("console", lambda said: complaints.append(f"{said.location['url']} {said.text}"))
    page.on("framenavigated", lambda frame: seen.append(frame.url))

    await sign_in(page, gateway)

    await page.wait_for_url(f"{gateway.url}/desk")
    await expect(page.locator("deskhand-chat textarea")).to_be_enabled()
    await expect(page.locator("#desk-user")).to_have_text("Ann Meier")
    assert any(url.startswith(f"{provider.issuer}/login/") for url in seen)
    cookies = {cookie["name"]: cookie for cookie in await context.cookies(gateway.url)}
    assert cookies["deskhand_session"]["sameSite"] == "Strict" and cookies["deskhand_session"]["httpOnly"]
    assert "deskhand_oidc" not in cookies
    assert not [text for text in complaints if text.startswith(gateway.url)]

    await page.locator("#desk-sign-out").click()
    await page.wait_for_url(f"{gateway.url}/?signed_out")
    await page.get_by_role("link", name="Sign out of Acme ID too").click()
    await expect(page.locator("body")).to_contain_text("sign-out from localhost")


async def test_a_second_sign_in_needs_no_password_and_leads_where_it_was_begun(
    gateway: Gateway, context: BrowserContext
) -> None:
    page = await context.new_page()
    await sign_in(page, gateway)
    await page.wait_for_url(f"{gateway.url}/desk")
    await context.clear_cookies(name="deskhand_session")

    await page.goto(f"{gateway.url}/signin/oidc?tenant=demo&next=/desk%3Fa%3Db")

    await page.wait_for_url(f"{gateway.url}/desk?a=b")
    await expect(page.locator("#desk-user")).to_have_text("Ann Meier")


async def test_a_sign_in_that_another_site_begins_elsewhere_is_not_taken(
    gateway: Gateway, provider: RealProvider, browser: Browser, context: BrowserContext
) -> None:
    """Login CSRF: the attacker's own answer of the provider is planted in the victim's browser."""
    attackers = await browser.new_context()
    attacker = await attackers.new_page()
    callback = f"{gateway.url}/signin/oidc/callback/"
    async with attacker.expect_request(lambda request: request.url.startswith(callback)) as answer:
        await sign_in(attacker, gateway)
    planted = (await answer.value).url
    await attackers.close()

    victim = await context.new_page()
    await victim.goto(f"{provider.issuer}/.well-known/openid-configuration")
    await victim.evaluate("address => { location.href = address; }", planted)

    await expect(victim.locator("main[data-code=sign_in_forged]")).to_be_visible()
    assert not [cookie for cookie in await context.cookies(gateway.url) if cookie["name"] == "deskhand_session"]
