"""One's own account: changing the password over HTTP, and the account page in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import browser
from tests.support.gateway import PASSWORD, TENANT, Gateway, problem, running_gateway

__all__ = ["browser"]
NEW = "a longer way to say friend"
PICTURES = Path(os.environ.get("DESKHAND_PICTURES", "var/pictures/widget"))
AXE = Path(__file__).resolve().parents[2] / "frontend_widget" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path, settings={"demo": False}) as running:
        yield running


async def test_a_new_password_signs_everybody_else_out_and_lets_in_with_it_alone(gateway: Gateway) -> None:
    mine, other = gateway.token(), gateway.token()
    async with gateway.http(None, Authorization=f"Bearer {mine}") as http:
        changed = await http.post("/api/password", json={"password": PASSWORD, "new_password": NEW})
        token = (await changed.json())["token"]
    assert changed.status == 201

    for old in (mine, other):
        async with gateway.http(None, Authorization=f"Bearer {old}") as http:
            await problem(await http.get("/api/session"), 401, "session_expired")
    async with gateway.http(None, Authorization=f"Bearer {token}") as http:
        assert (await http.get("/api/session")).status == 200
    async with gateway.http(None) as http:
        await problem(
            await http.post("/api/sessions", json={"login": "clerk", "password": PASSWORD}), 401, "sign_in_refused"
        )
        assert (await http.post("/api/sessions", json={"login": "clerk", "password": NEW})).status == 201
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = uow.audit.list(50)
    assert [(row.actor, row.target) for row in rows if row.action == "change_user"] == [("clerk", "clerk")]
    assert NEW not in str(rows) and PASSWORD not in str(rows)


@pytest.mark.parametrize(
    ("present", "wanted", "status", "code"),
    [
        ("wrong", NEW, 403, "password_wrong"),
        (PASSWORD, "short", 422, "invalid_request"),
        (PASSWORD, "x" * 1025, 422, "invalid_request"),
    ],
)
async def test_a_password_is_kept_when_the_present_one_is_wrong_or_the_new_one_will_not_do(
    gateway: Gateway, present: str, wanted: str, status: int, code: str
) -> None:
    async with gateway.http() as http:
        refused = await http.post("/api/password", json={"password": present, "new_password": wanted})
        await problem(refused, status, code)
    async with gateway.http(None) as http:
        assert (await http.post("/api/sessions", json={"login": "clerk", "password": PASSWORD})).status == 201


async def test_who_guesses_a_present_password_has_to_wait_like_at_the_door(gateway: Gateway) -> None:
    async with gateway.http() as http:
        codes = set()
        for _ in range(30):
            answer = await http.post("/api/password", json={"password": "wrong", "new_password": NEW})
            codes.add((await answer.json())["code"])
    assert codes == {"password_wrong", "too_many_requests"}


async def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(gateway: Gateway) -> None:
    async with gateway.http(None) as http:
        answer = await http.get("/account", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.fixture
async def page(browser: Browser, gateway: Gateway) -> AsyncIterator[Page]:
    """Signed in as the clerk with the password."""
    context = await browser.new_context(locale="en-GB", bypass_csp=False)
    page = await context.new_page()
    await page.goto(gateway.url)
    await page.get_by_label("用户名 · Login").fill("clerk")
    await page.get_by_label("密码 · Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{gateway.url}/desk")
    await page.get_by_role("link", name="我的账号").or_(page.get_by_role("link", name="My account")).click()
    await page.wait_for_url(f"{gateway.url}/account")
    yield page
    await context.close()


@pytest.mark.browser
async def test_rights_are_lent_and_taken_back_on_the_page(gateway: Gateway, page: Page) -> None:
    await page.get_by_label("Colleague's login").fill("clerk")
    await page.get_by_label("Until").fill("2026-12-24")
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.locator("#away-told")).to_contain_text("Rights are lent to somebody else")

    await page.get_by_label("Colleague's login").fill("manager")
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.locator("#delegations li")).to_contain_text("clerk → manager")
    await page.get_by_role("button", name="End").click()
    await expect(page.locator("#delegations li")).to_have_count(0)
    await expect(page.get_by_label("Colleague's login")).to_be_focused()


@pytest.mark.browser
async def test_the_password_is_changed_on_the_page_by_keyboard_and_one_stays_signed_in(
    gateway: Gateway, page: Page
) -> None:
    await page.get_by_label("Present password").fill("wrong")
    await page.get_by_label("New password (").fill(NEW)
    await page.get_by_label("New password again").fill(NEW + "!")
    await page.keyboard.press("Enter")
    await expect(page.locator("#secret-told")).to_contain_text("The new passwords differ.")
    await page.get_by_label("New password again").fill(NEW)
    await page.keyboard.press("Enter")
    await expect(page.locator("#secret-told")).to_contain_text("The present password is wrong.")
    await page.get_by_label("Present password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#secret-told")).to_contain_text("The password is changed")

    await page.reload()
    await expect(page.locator("#sessions li")).to_have_count(1)
    await expect(page.locator("#sessions li")).to_contain_text("(here)")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_can_be_used_by_all(
    gateway: Gateway, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640}, bypass_csp=True)
    token = {"name": "deskhand_session", "value": gateway.token(), "url": gateway.url}
    await context.add_cookies([token])  # type: ignore[list-item]  # a cookie by its address
    page = await context.new_page()
    await page.goto(f"{gateway.url}/account")
    await expect(page.locator("#sessions li")).to_have_count(1)
    await page.add_script_tag(path=AXE)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"account-{scheme}.png", full_page=True)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await context.close()
