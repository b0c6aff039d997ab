"""A browser with a new profile, a desk double, and the widget on a page under the strict policy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page

from tests.frontend_widget.desk_double import DeskDouble
from tests.support.browser import browser, chromium

__all__ = ["browser"]

ONE_BROWSER = pytest.mark.asyncio(loop_scope="module")
"""For modules whose tests share a browser; each has contexts of its own in it."""


@dataclass
class Widget:
    """The widget on a page, and what the page complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def part(self, selector: str) -> Locator:
        return self.page.locator("deskhand-chat").locator(selector)

    @property
    def composer(self) -> Locator:
        return self.part("textarea")

    async def send(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")


OpenWidget = Callable[..., Awaitable[Widget]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def desk() -> AsyncIterator[DeskDouble]:
    double = DeskDouble()
    await double.start()
    yield double
    await double.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def open_widget(desk: DeskDouble, shared_browser: Browser) -> AsyncIterator[OpenWidget]:
    """Opens the widget on `/desk`, or on `/panel` with attributes; options go to the browser context."""
    contexts: list[BrowserContext] = []

    async def start(path: str = "/desk", *, attributes: str = "", fresh: bool = True, **options: Any) -> Widget:
        if fresh or not contexts:
            contexts.append(
                await shared_browser.new_context(**({"locale": "zh-CN", "timezone_id": "Asia/Shanghai"} | options))
            )
        page = await contexts[-1].new_page()
        widget = Widget(page)
        page.on("console", lambda message: note(widget, message.type, message.text))
        page.on("pageerror", lambda error: widget.complaints.append(str(error)))
        await page.goto(desk.url + path + (f"?with={attributes}" if attributes else ""))
        return widget

    yield start
    for context in contexts:
        await context.close()


def note(widget: Widget, kind: str, text: str) -> None:
    """Keeps errors of the page; that a line is down is what some tests are about."""
    if kind == "error" and "WebSocket connection to" not in text and "net::ERR" not in text:
        widget.complaints.append(text)
