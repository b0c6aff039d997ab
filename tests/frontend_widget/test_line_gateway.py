"""The widget's own line against the real gateway: cut again and again, without WebSockets, restarted, refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect

from deskhand.gateway.signin import signin_link
from tests.frontend_widget.conftest import ONE_BROWSER
from tests.support.desks import FakeClock
from tests.support.gateway import SESSION_SECRET, TENANT, FakeRasa, Gateway, free_ports, open_desk, running_gateway

pytestmark = [pytest.mark.browser, ONE_BROWSER]
SOCKETS = "**/socket.io/**"
PATIENT = 60_000
NOTICES, WORDS = 24, 6
DeskPage = Callable[[Gateway], Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path) as running:
        yield running


def part(page: Page, selector: str) -> Locator:
    return page.locator("deskhand-chat").locator(selector)


@pytest_asyncio.fixture(loop_scope="module")
async def desk_page(shared_browser: Browser) -> AsyncIterator[DeskPage]:
    """Opens the desk page for a clerk who has just signed in."""
    contexts: list[BrowserContext] = []

    async def opened(gateway: Gateway) -> Page:
        with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
            user = uow.users.by_login("clerk")
        assert user is not None
        contexts.append(await shared_browser.new_context(locale="zh-CN"))
        page = await contexts[-1].new_page()
        await page.goto(signin_link(user, SESSION_SECRET, gateway.url, gateway.clock()))
        await expect(part(page, "#input")).to_be_enabled()
        return page

    yield opened
    for context in contexts:
        await context.close()


async def say(page: Page, text: str) -> None:
    await part(page, "#input").fill(text)
    await part(page, "#input").press("Enter")


async def test_a_line_that_is_cut_again_and_again_loses_and_doubles_nothing(
    gateway: Gateway, desk_page: DeskPage
) -> None:
    page = await desk_page(gateway)
    lines: list[WebSocketRoute] = []

    def between(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    await page.route_web_socket(SOCKETS, between)
    await page.reload()
    await expect(part(page, ".example").first).to_be_visible()
    for number in range(NOTICES):
        gateway.notify("role:sales", f"SO-{2000 + number}")
        await gateway.hub_round()
        if number % (NOTICES // WORDS) == 0:
            await say(page, f"第{number}句")
            await lines[-1].close()

    await expect(part(page, ".notification")).to_have_count(NOTICES, timeout=PATIENT)
    await expect(part(page, ".message.in[data-delivery=sent]")).to_have_count(WORDS, timeout=PATIENT)
    await expect(part(page, ".message.out")).to_have_count(WORDS, timeout=PATIENT)
    assert len(set(await part(page, ".content").all_inner_texts())) == NOTICES
    assert gateway.rasa.heard == [f"第{number}句" for number in range(0, NOTICES, NOTICES // WORDS)]
    assert len(lines) > 1


async def test_where_something_lets_no_websocket_through_the_gateway_is_polled(
    gateway: Gateway, desk_page: DeskPage
) -> None:
    page = await desk_page(gateway)
    await page.route_web_socket(SOCKETS, lambda line: line.close())
    await page.reload()
    await expect(part(page, ".example").first).to_be_visible()

    await say(page, "你好")
    gateway.notify("role:sales")
    await gateway.hub_round()

    await expect(part(page, ".message.out")).to_have_count(1, timeout=PATIENT)
    await expect(part(page, ".notification")).to_have_count(1, timeout=PATIENT)
    assert gateway.rasa.heard == ["你好"]


async def test_a_gateway_that_starts_again_gets_what_was_said_meanwhile_once(
    tmp_path: Path, desk_page: DeskPage
) -> None:
    clock, rasa = FakeClock(datetime.now(UTC)), FakeRasa(free_ports(1)[0])
    await rasa.start()
    desk = open_desk(tmp_path, clock)
    async with running_gateway(tmp_path, clock, desk, rasa) as first:
        page = await desk_page(first)
        await expect(part(page, ".example").first).to_be_visible()
    await expect(part(page, ".banner[data-phase=offline]")).to_be_visible()
    await say(page, "停机时说的")

    async with running_gateway(tmp_path, clock, desk, rasa, port=first.settings.port):
        await expect(part(page, ".message.in[data-delivery=sent]")).to_have_count(1, timeout=PATIENT)
        await expect(part(page, ".message.out")).to_have_count(1, timeout=PATIENT)
    await page.close()
    await rasa.stop()
    desk.database.close()

    assert rasa.heard == ["停机时说的"]


async def test_a_token_that_is_none_is_said_to_be_signed_out(gateway: Gateway, desk_page: DeskPage) -> None:
    page = await desk_page(gateway)
    await page.context.clear_cookies()

    await part(page, "#input").evaluate("field => { field.getRootNode().host.token = 'a.b.c'; }")

    await expect(part(page, ".banner[data-phase=signed_out]")).to_be_visible()
