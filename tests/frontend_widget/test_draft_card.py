"""A draft changed on its card: what is said for it, by mouse and by key; what is left as it was."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget, Widget
from tests.frontend_widget.desk_double import DeskDouble, draft_card

pytestmark = [pytest.mark.browser, ONE_BROWSER]


async def editing(desk: DeskDouble, open_widget: OpenWidget) -> Widget:
    """The card with its fields open."""
    desk.keep(card=draft_card())
    widget = await open_widget("/panel", attributes="open")
    await widget.part("[data-action=edit]").click()
    await expect(widget.part(".edit").first).to_be_focused()
    return widget


async def test_changes_are_said_in_the_words_that_the_card_offers(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await editing(desk, open_widget)

    await widget.part(".edit[name=PAPER-A4]").fill("30")
    await widget.part(".edit[name=PRN-L100]").fill("0")
    await widget.part(".edit[name=due]").fill("2026-12-04")
    await widget.part(".edit[name=customer]").fill("  东方贸易 ")
    await widget.part("[data-action=save]").click()

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(2)
    assert desk.texts() == ["客户改成东方贸易", "A4纸改成30箱；去掉激光打印机；要求送达改成2026-12-04"]
    await expect(widget.part(".edit")).to_have_count(0)
    await expect(widget.part(".card")).to_be_focused()


async def test_enter_saves_and_what_was_not_touched_is_not_said(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await editing(desk, open_widget)

    await widget.part(".edit[name=PAPER-A4]").fill("25")
    await widget.page.keyboard.press("Enter")

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)
    assert desk.texts() == ["A4纸改成25箱"]


async def test_escape_leaves_the_card_as_it_was_and_the_panel_open(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await editing(desk, open_widget)
    await widget.part(".edit[name=PAPER-A4]").fill("25")

    await widget.page.keyboard.press("Escape")

    await expect(widget.part(".edit")).to_have_count(0)
    await expect(widget.part(".card")).to_be_focused()
    await expect(widget.part("#panel")).to_be_visible()
    assert desk.heard == []
    await widget.part("[data-action=edit]").click()
    await expect(widget.part(".edit[name=PAPER-A4]")).to_have_value("20")


async def test_a_day_before_the_first_is_not_said(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await editing(desk, open_widget)
    await widget.part(".edit[name=due]").fill("2020-01-01")

    await widget.part("[data-action=save]").click()

    await expect(widget.part(".edit[name=due]")).to_be_focused()
    assert desk.heard == []


async def test_a_card_that_another_replaces_is_edited_no_more(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await editing(desk, open_widget)

    await desk.update_card(desk.messages[0]["card"], "superseded", None)
    await desk.say(card=draft_card("card-2"))

    await expect(widget.part(".edit")).to_have_count(0)
    await expect(widget.part("[data-action=edit]")).to_have_count(1)


async def test_changes_made_offline_are_said_once_when_the_line_is_back(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await editing(desk, open_widget)
    await desk.stop()
    await expect(widget.part(".banner")).to_contain_text("正在重连")

    await widget.part(".edit[name=PAPER-A4]").fill("25")
    await widget.part("[data-action=save]").click()
    await expect(widget.part(".message[data-delivery=waiting]")).to_have_count(1)
    await desk.restart()

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)
    assert desk.texts() == ["A4纸改成25箱"] and set(desk.taken.values()) == {1}
