"""The real Chromium, and one person at the desk page in it, who knows the widget as a person sees it.

Journeys over all services use Playwright's synchronous API. Tests that run a gateway or a double in their own loop
can't, so they take the fixture `browser`, for their module or their folder's conftest to import.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright import async_api
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 45_000  # milliseconds; a turn takes a fraction of a second on a quiet machine
for each in (expect, async_api.expect):
    each.set_options(timeout=PATIENCE)  # Playwright's own five seconds are few while another test has the processor


@asynccontextmanager
async def chromium() -> AsyncIterator[async_api.Browser]:
    """With a new profile; pages are opened in contexts of it."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not here: apt-get install chromium")
    async with async_api.async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


@pytest.fixture
async def browser() -> AsyncIterator[async_api.Browser]:
    """One for each test."""
    async with chromium() as running:
        yield running


@dataclass
class Person:
    """Says things, reads answers, presses buttons."""

    name: str
    page: Page
    context: BrowserContext
    artefacts: Path
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def sign_in(cls, browser: Browser, link: str, name: str, language: str, artefacts: Path) -> Person:
        context = browser.new_context(
            locale="zh-CN" if language == "zh" else "en-GB", viewport={"width": 1180, "height": 900}
        )
        page = context.new_page()
        someone = cls(name, page, context, artefacts)
        page.on("console", someone._listen)
        page.on("pageerror", lambda error: someone.complaints.append(str(error)))
        page.goto(link)
        # Online is who has heard all that was said before: an earlier answer must not be taken for the next one.
        expect(page.locator("deskhand-chat .banner[data-phase=online]")).to_be_attached()
        someone.speak(language)
        return someone

    def speak(self, language: str) -> None:
        """Sets the page's language, whatever the user's own is; the switch then offers the other one."""
        self.page.locator("deskhand-chat").evaluate("(chat, language) => { chat.language = language; }", language)
        expect(self.page.locator("#desk-language")).to_have_text("English" if language == "zh" else "中文")

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "net::ERR" not in message.text and "WebSocket" not in message.text:
            self.complaints.append(message.text)

    def say(self, text: str) -> Locator:
        """Types into the widget, sends, and returns the last answer when the turn has ended."""
        before = self.answers().count()
        box = self.page.locator("deskhand-chat textarea")
        box.fill(text)
        box.press("Enter")
        return self._answer_after(before)

    def _answer_after(self, before: int) -> Locator:
        expect(self.answers().nth(before)).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator("deskhand-chat .typing")).to_have_count(0, timeout=PATIENCE)
        return self.answers().last

    def answers(self) -> Locator:
        return self.page.locator("deskhand-chat .message.out")

    def card(self) -> Locator:
        """The latest card."""
        return self.page.locator("deskhand-chat article.card").last

    def press(self, action: str) -> Locator:
        """Presses a button of the latest card and returns the last answer."""
        before = self.answers().count()
        self.card().locator(f"button[data-action='{action}']").click()
        return self._answer_after(before)

    def transcript(self) -> str:
        return "\n".join(self.answers().all_inner_texts())

    def expect_answer(self, pattern: str) -> str:
        """The last answers hold this text; returns what matched."""
        expect(self.page.locator("deskhand-chat .log")).to_contain_text(
            re.compile(pattern, re.IGNORECASE), timeout=PATIENCE
        )
        match = list(re.finditer(f"(?i){pattern}", self.page.locator("deskhand-chat .log").inner_text()))
        assert match, pattern
        return match[-1][0]

    def notices(self) -> Locator:
        """The notifications, opening their tab where it is not shown."""
        tab = self.page.locator("deskhand-chat #tab-notices")
        if tab.is_visible() and tab.get_attribute("aria-selected") != "true":
            tab.click()
        return self.page.locator("deskhand-chat #view-notices")

    def back_to_chat(self) -> None:
        tab = self.page.locator("deskhand-chat #tab-chat")
        if tab.is_visible():
            tab.click()

    def expect_notice(self, *patterns: str) -> None:
        """Each of the texts stands in some notification."""
        for pattern in patterns:
            expect(self.notices()).to_contain_text(re.compile(pattern, re.IGNORECASE), timeout=PATIENCE)

    def screenshot(self, name: str) -> None:
        self.artefacts.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.artefacts / f"{name}.png")

    def close(self) -> None:
        complaints = [text for text in self.complaints if "Content Security Policy" in text or "TrustedHTML" in text]
        self.context.close()
        assert not complaints, complaints
