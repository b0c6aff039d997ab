"""The conversation taken away: as text, as a page, on paper; all of it, and nothing of the page around it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget, Widget
from tests.frontend_widget.desk_double import DeskDouble, draft_card, now

pytestmark = [pytest.mark.browser, ONE_BROWSER]
ATTACK = '<img src=x onerror="window.hit=1"> <b>20箱</b>'


def talk(desk: DeskDouble) -> None:
    desk.keep(ATTACK, direction="in")
    desk.keep("请核对。", card=draft_card(state="used", outcome={"text": "已确认下单", "by": "林晓", "at": now()}))
    desk.keep("好的，马上看。", by="王芳")
    desk.page_size = 2


async def taken(widget: Widget, what: str, folder: Path) -> str:
    """What the browser saves for a press of the button."""
    await widget.part("#tab-settings").click()
    async with widget.page.expect_download() as coming:
        await widget.part(f"[data-take={what}]").click()
    download = await coming.value
    assert download.suggested_filename.startswith("deskhand-")
    await download.save_as(folder / download.suggested_filename)
    return (folder / download.suggested_filename).read_text("utf-8-sig")


@pytest.mark.parametrize(("language", "title", "bot"), [("zh", "对话记录", "助手"), ("en", "Conversation", "Desk")])
async def test_the_text_has_every_message_with_its_card(
    language: str, title: str, bot: str, tmp_path: Path, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    talk(desk)
    widget = await open_widget("/panel", attributes=f"open language={language}")

    text = await taken(widget, "asText", tmp_path)

    assert text.startswith(f"{title} · 林晓")
    for words in (
        ATTACK,
        f"{bot} · ",
        "A4纸 20 箱 × 250.00 = 5,000.00",
        "¥ 8,897.00",
        "→ 已确认下单 林晓",
        "王芳 · ",
        "马上看",
    ):
        assert words in text


async def test_the_page_shows_what_people_wrote_as_text(
    tmp_path: Path, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    talk(desk)
    widget = await open_widget("/panel", attributes="open")
    (tmp_path / "saved.html").write_text(await taken(widget, "asPage", tmp_path), "utf-8")

    page = await widget.page.context.new_page()
    await page.goto((tmp_path / "saved.html").as_uri())

    await expect(page.locator("h2")).to_have_count(3)
    await expect(page.locator("p").first).to_have_text(ATTACK)
    await expect(page.locator("img, script")).to_have_count(0)
    assert await page.evaluate("window.hit") is None
    assert widget.complaints == []


async def test_what_cannot_be_fetched_is_said(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget("/panel", attributes="open")
    await widget.part("#tab-settings").click()
    await desk.stop()

    await widget.part("[data-take=asText]").click()

    await expect(widget.part(".settings .said")).to_contain_text("暂时没有连接")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not here")
@pytest.mark.parametrize("path", ["/panel", "/desk"])
async def test_paper_has_the_whole_conversation_and_not_the_page(
    path: str, tmp_path: Path, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    for number in range(40):
        desk.keep(f"第{number}句", direction="in" if number % 2 else "out")
    widget = await open_widget(path, attributes="open" if path == "/panel" else "")
    await expect(widget.part(".message")).to_have_count(40)
    await widget.part("#tab-settings").click()
    await widget.page.evaluate("window.print = () => { window.printed = true; }")

    await widget.part("[data-take=print]").click()
    await widget.page.pdf(path=tmp_path / "talk.pdf")

    assert await widget.page.evaluate("window.printed")
    paper = subprocess.run(["pdftotext", tmp_path / "talk.pdf", "-"], capture_output=True, text=True, check=True).stdout
    for words in ("第0句", "第39句"):
        assert words in paper
    for words in ("Intranet", "A button of the page", "退出登录", "设置", "发送"):
        assert words not in paper
    assert await widget.page.evaluate("document.adoptedStyleSheets.length") == 0, "the page is as it was"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not here")
async def test_a_page_that_is_printed_by_itself_has_nothing_of_the_widget(
    tmp_path: Path, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep("机密")
    widget = await open_widget("/panel", attributes="open")
    await expect(widget.part(".message")).to_have_count(1)

    await widget.page.pdf(path=tmp_path / "page.pdf")

    paper = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert "A button of the page" in paper and "机密" not in paper
