"""What is unread, the list of notices, minimising, keyboard and focus, and the strict policy."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget, Widget
from tests.frontend_widget.desk_double import DeskDouble, draft_card, now, task
from tests.support.gateway import until

pytestmark = [pytest.mark.browser, ONE_BROWSER]

EVERY_MARKUP = "**粗** `code` [链接](https://example.com)\n\n1. 一\n2. 二\n\n```\nx\n```"
OFFENCES = """window.offences = [];
addEventListener('securitypolicyviolation', event => offences.push(event.violatedDirective))"""
SCROLLED_UP = """log => new Promise(done => {
  log.addEventListener('scroll', () => requestAnimationFrame(done), {once: true});
  log.scrollTop = 0;
})"""
KEPT_AS_SEEN = "JSON.parse(localStorage.getItem('deskhand:u-clerk:cursors'))?.seen === 1"
FOCUSED = "document.querySelector('deskhand-chat').shadowRoot.activeElement?.className"
HIDE = """hidden => {
  Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


async def test_the_badge_counts_what_came_while_minimised(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget("/panel")
    await expect(widget.part(".example").first).to_be_attached()
    await expect(widget.part(".launcher .badge")).to_have_count(0)

    await desk.say("一")
    await desk.say("二")
    await expect(widget.part(".launcher .badge")).to_have_text("2")
    await widget.part(".launcher").click()

    await expect(widget.part(".message.out").last).to_be_visible()
    await widget.part(".minimise").click()
    await expect(widget.part(".launcher .badge")).to_have_count(0)


async def test_unread_messages_survive_the_page(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget("/panel", attributes="open")
    await desk.say("看过的")
    await expect(widget.part(".message.out")).to_have_count(1)
    await widget.page.wait_for_function(KEPT_AS_SEEN)
    await widget.page.close()
    desk.keep("没看过的")

    widget = await open_widget("/panel", fresh=False)

    await expect(widget.part(".launcher .badge")).to_have_text("1")


async def test_a_hidden_tab_counts_in_its_title(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await expect(widget.part(".example").first).to_be_visible()
    await widget.page.evaluate(HIDE, True)

    await desk.say("您在吗？")
    await expect(widget.page).to_have_title("(1) Deskhand")
    await widget.page.evaluate(HIDE, False)

    await expect(widget.page).to_have_title("Deskhand")


async def test_the_notice_list_marks_what_is_unread_and_reads_it_when_opened(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    await desk.notify("旧通知", "Old", quiet=True)
    desk.unread = 0
    await desk.notify("订单 SO-1001 已发运", "Order SO-1001 was shipped", quiet=True)
    widget = await open_widget("/panel", attributes="open")
    await expect(widget.part("#tab-notices .badge")).to_have_text("1")

    await widget.part("#tab-notices").click()

    await expect(widget.part(".notification")).to_have_count(2)
    await expect(widget.part(".notification[data-unread]")).to_contain_text("订单 SO-1001 已发运")
    await expect(widget.part("#tab-notices .badge")).to_have_count(0)
    await until(lambda: desk.acknowledged == [2], "the gateway is told what was read")
    await widget.part("#tab-chat").click()
    await widget.part("#tab-notices").click()
    await expect(widget.part(".notification[data-unread]")).to_have_count(0)


async def test_notices_switch_language_and_their_order_number_asks(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await expect(widget.part(".example").first).to_be_visible()
    await desk.notify("订单 SO-1007 已发运", "Order SO-1007 was shipped", order="SO-1007")
    await expect(widget.part(".notification")).to_contain_text("已发运")
    await widget.page.get_by_role("button", name="English").click()
    await expect(widget.part(".notification")).to_contain_text("was shipped")

    await widget.part(".group .order").click()

    await expect(widget.composer).to_have_value("Where is order SO-1007?")
    await expect(widget.composer).to_be_focused()


async def test_all_notices_beside_the_chat_are_read_by_one_button(desk: DeskDouble, open_widget: OpenWidget) -> None:
    await desk.notify("一", "one", quiet=True)
    await desk.notify("二", "two", quiet=True)
    widget = await open_widget()
    await expect(widget.part(".notification[data-unread]")).to_have_count(2)

    await widget.part(".read-all").click()

    await expect(widget.part(".notification[data-unread]")).to_have_count(0)
    await expect(widget.part(".read-all")).to_have_count(0)
    await until(lambda: desk.acknowledged == [2], "the gateway is told what was read")


async def test_what_was_read_is_told_again_until_the_gateway_takes_it(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    await desk.notify("一", "one", quiet=True)
    desk.refuse_reads = 2
    widget = await open_widget()
    await widget.part(".read-all").click()

    await until(lambda: desk.acknowledged, "the gateway takes it")
    assert (desk.acknowledged, desk.refuse_reads) == ([1], 0)
    await expect(widget.part(".notification[data-unread]")).to_have_count(0)


async def test_another_tab_that_reads_clears_the_marks_here(desk: DeskDouble, open_widget: OpenWidget) -> None:
    await desk.notify("一", "one", quiet=True)
    widget = await open_widget()
    await expect(widget.part(".notification[data-unread]")).to_have_count(1)

    await desk.hub.emit("unread", {"count": 0})

    await expect(widget.part(".notification[data-unread]")).to_have_count(0)


async def test_minimised_the_panel_is_out_of_reach_and_the_page_below_is_not(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget("/panel", attributes="open")
    await expect(widget.part("section")).not_to_have_attribute("inert", "")
    await widget.composer.click()

    await widget.page.keyboard.press("Escape")

    await expect(widget.part("section")).to_have_attribute("inert", "")
    await expect(widget.part(".launcher")).to_be_focused()
    await expect(widget.part(".launcher")).to_have_attribute("aria-expanded", "false")
    await widget.page.keyboard.press("Enter")
    await expect(widget.composer).to_be_focused()
    await widget.page.keyboard.press("Escape")
    box = await widget.part("section").bounding_box()
    assert box is not None
    on_top = "([x, y]) => document.elementFromPoint(x, y)?.localName"
    await expect(widget.part("section")).to_be_hidden()
    assert await widget.page.evaluate(on_top, [box["x"] + 50, box["y"] + 50]) != "deskhand-chat"


async def test_everything_is_reached_by_keyboard(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep(card=draft_card())
    widget = await open_widget("/panel", attributes="open")
    await widget.part(".action").first.wait_for()
    await widget.part(".language").focus()

    reached = []
    for _ in range(9):
        await widget.page.keyboard.press("Tab")
        reached.append(await widget.page.evaluate(FOCUSED))

    for part in ("sign-out", "minimise", "log", "action primary", "action default"):
        assert part in reached
    await widget.part("#tab-chat").focus()
    for tab in ("tasks", "notices", "settings", "chat"):
        await widget.page.keyboard.press("ArrowRight")
        await expect(widget.part(f"#tab-{tab}")).to_be_focused()
        await expect(widget.part(f"#view-{tab}")).to_be_visible()


async def test_reading_further_up_is_not_disturbed_by_new_messages(desk: DeskDouble, open_widget: OpenWidget) -> None:
    for number in range(40):
        desk.keep(f"消息 {number}")
    widget = await open_widget()
    await expect(widget.part(".message.out")).to_have_count(40)
    await expect(widget.part(".message.out").last).to_be_in_viewport()
    await widget.part(".log").evaluate(SCROLLED_UP)

    await desk.say("新的")

    await expect(widget.part(".newer")).to_be_visible()
    assert await widget.part(".log").evaluate("log => log.scrollTop") == 0
    await widget.part(".newer").click()
    await expect(widget.part(".message.out").last).to_be_in_viewport()
    await expect(widget.part(".newer")).to_have_count(0)


async def test_the_log_is_a_live_region_and_the_composer_has_a_label(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()

    await expect(widget.page.get_by_role("log", name="对话记录")).to_be_visible()
    await expect(widget.page.get_by_role("textbox", name="输入消息")).to_be_visible()


async def test_a_narrow_page_keeps_what_was_typed_when_it_grows_wide(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget(viewport={"width": 600, "height": 700})
    await widget.composer.fill("写到一半")

    await widget.page.set_viewport_size({"width": 1200, "height": 700})

    await expect(widget.part("section[data-wide]")).to_be_visible()
    await expect(widget.composer).to_have_value("写到一半")


async def walk(widget: Widget, desk: DeskDouble) -> None:
    """Everything that puts something on the page, once."""
    await widget.send("你好 <b>")
    await desk.say(EVERY_MARKUP, quick_replies=[{"title": "好", "text": "好"}])
    card = draft_card()
    await desk.say(card=card)
    await widget.part(".action[data-action=confirm]").click()
    await desk.update_card(card, "used", {"text": "已确认", "by": "林晓", "at": now()})
    await expect(widget.part(".outcome")).to_be_visible()
    await desk.notify("通知", "Notice")
    await desk.hub.emit("error", {"code": "too_many_requests"})
    await expect(widget.part(".notice")).to_be_visible()
    await widget.composer.fill("多行\n" * 6)
    await desk.say(card=draft_card("card-2"))
    await widget.part("[data-action=edit]").click()
    await widget.part(".edit[name=PAPER-A4]").fill("1")
    await widget.part("[data-action=save]").click()
    await go_round(widget, desk)


async def go_round(widget: Widget, desk: DeskDouble) -> None:
    """Through the other tabs, and to the printer."""
    desk.tasks = [task()]
    await widget.part("#tab-tasks").click()
    await widget.part("[data-decision=reject]").click()
    await widget.part("textarea[name=reason]").fill("<b>no</b>")
    await widget.part(".more [type=submit]").click()
    await expect(widget.part(".task")).to_have_count(0)
    await widget.part("#tab-notices").click()
    await widget.part(".sieve input[name=order]").fill("<i>")
    await widget.part("#tab-settings").click()
    await widget.part("input[name=sound]").check()
    await widget.part("input[name=quiet]").check()
    for what in ("asText", "asPage"):
        async with widget.page.expect_download():
            await widget.part(f"[data-take={what}]").click()
    await widget.page.evaluate("window.print = () => {}")
    await widget.part("[data-take=print]").click()
    await widget.page.pdf()


@pytest.mark.parametrize(("path", "attributes"), [("/desk", ""), ("/panel", "open")])
async def test_nothing_offends_the_strict_policy(
    path: str, attributes: str, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget(path, attributes=attributes)
    await widget.page.evaluate(OFFENCES)

    await walk(widget, desk)

    assert await widget.page.evaluate("offences") == []
    assert widget.complaints == []
