"""Talking: both directions, cards, quick replies, errors, input methods, languages."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.async_api import expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget
from tests.frontend_widget.desk_double import (
    DeskDouble,
    choice_card,
    draft_card,
    now,
    orders_card,
    report_card,
    several_card,
)
from tests.support.gateway import until

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # 1 x 1

pytestmark = [pytest.mark.browser, ONE_BROWSER]


async def test_messages_go_both_ways_and_carry_their_time(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await widget.send("订单 SO-1001 到哪了？")
    await expect(widget.part(".message.in[data-delivery=sent]")).to_contain_text("订单 SO-1001 到哪了？")

    await desk.say("已发运，单号 **SF123**。")

    await expect(widget.part(".message.out strong")).to_have_text("SF123")
    await expect(widget.part(".message.out time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    await expect(widget.composer).to_have_value("")
    assert desk.texts() == ["订单 SO-1001 到哪了？"]


async def test_what_was_said_in_another_tab_shows_here_too(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await expect(widget.part(".example").first).to_be_visible()

    echoed = desk.keep("从另一个窗口", direction="in")
    await desk.hub.emit("message", echoed)
    await desk.hub.emit("message", echoed)
    await desk.say("完")

    await expect(widget.part(".message.out")).to_have_count(1)
    await expect(widget.part(".message.in")).to_have_text([re.compile("从另一个窗口")])


async def test_shift_enter_starts_a_line_and_blank_messages_are_not_sent(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget()
    await widget.send("   ")
    await widget.composer.fill("第一行")
    await widget.composer.press("Shift+Enter")
    await widget.composer.press_sequentially("second")
    await widget.composer.press("Enter")

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)
    assert desk.texts() == ["第一行\nsecond"]


async def test_enter_while_an_input_method_composes_does_not_send(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await widget.composer.click()
    line = await widget.page.context.new_cdp_session(widget.page)
    await line.send("Input.imeSetComposition", {"text": "ding'dan", "selectionStart": 8, "selectionEnd": 8})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    await widget.composer.evaluate(
        "field => field.addEventListener('keydown', event => { window.seen = [event.isComposing, event.keyCode]; })"
    )

    await line.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    await line.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    assert (await widget.page.evaluate("window.seen"))[0] is True
    await line.send("Input.insertText", {"text": "订单"})

    await expect(widget.composer).to_have_value("订单")
    assert desk.heard == []
    await widget.composer.press("Enter")
    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)
    assert desk.texts() == ["订单"]


async def test_enter_reported_only_by_its_key_code_does_not_send_either(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget()
    await widget.composer.fill("订")

    await widget.composer.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})

    await expect(widget.composer).to_have_value("订")
    assert desk.heard == []


async def test_a_card_button_works_once_and_then_says_who_and_when(desk: DeskDouble, open_widget: OpenWidget) -> None:
    card = draft_card()
    desk.keep(card=card)
    widget = await open_widget()
    confirm = widget.part(".action[data-action=confirm]")
    await expect(confirm).to_be_enabled()

    await confirm.evaluate("button => { button.click(); button.click(); button.click(); }")

    await expect(confirm).to_be_disabled()
    await expect(widget.part(".action[data-action=reject]")).to_be_disabled()
    await expect(widget.part(".card footer")).to_contain_text("正在处理")
    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)
    await desk.update_card(card, "used", {"text": "已确认下单", "by": "林晓", "at": now()})
    await expect(widget.part(".outcome")).to_contain_text(re.compile(r"已确认下单\s*林晓 · \d\d:\d\d"))
    await expect(widget.part(".action")).to_have_count(0)
    assert desk.presses() == [{"id": "card-1", "action": "confirm"}]


async def test_a_card_shows_lines_units_prices_total_and_facts(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep(card=draft_card())
    widget = await open_widget()

    await expect(widget.part(".card h2")).to_have_text("请确认新订单")
    await expect(widget.part(".chip")).to_have_text("草稿")
    await expect(widget.part("[data-fact=due] dd")).to_have_text("2026年11月27日（星期五）")
    first = widget.part(".lines tbody tr").first
    for text in ("A4纸", "PAPER-A4", "20 箱", "250.00", "5,000.00"):
        await expect(first).to_contain_text(text)
    await expect(widget.part(".total strong")).to_have_text("¥ 8,897.00")


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [
        ("card_used", "used", "没有重复执行"),
        ("card_expired", "expired", "已过期"),
        ("card_unknown", "superseded", "找不到这张卡片"),
    ],
)
async def test_a_refused_press_shuts_the_card_and_says_why(
    code: str, state: str, words: str, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep(card=draft_card())
    desk.refuse = {"code": code}
    widget = await open_widget()

    await widget.part(".action[data-action=confirm]").click()

    await expect(widget.part(".card")).to_have_attribute("data-state", state)
    await expect(widget.part(".action")).to_have_count(0)
    await expect(widget.part(".notice")).to_contain_text(words)
    await expect(widget.part(".message.in")).to_have_count(0)


async def test_a_turn_that_failed_opens_the_buttons_again(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep(card=draft_card())
    widget = await open_widget()
    await widget.part(".action[data-action=confirm]").click()
    await expect(widget.part(".action[data-action=confirm]")).to_be_disabled()
    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)

    await desk.hub.emit("turn_ended", {"turn": "t", "ok": False, "code": "turn_failed"})

    await expect(widget.part(".action[data-action=confirm]")).to_be_enabled()
    await expect(widget.part(".notice")).to_contain_text("没能处理")


async def test_buttons_stay_shut_while_the_bot_is_away_because_the_press_is_kept(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep(card=draft_card())
    widget = await open_widget()
    await widget.part(".action[data-action=confirm]").click()
    await expect(widget.part(".message.in[data-delivery=sent]")).to_contain_text("确认下单")

    for _ in range(3):
        await desk.hub.emit("turn_ended", {"turn": "t", "ok": False, "code": "bot_unavailable"})

    await expect(widget.part(".notice")).to_have_count(1)
    await expect(widget.part(".notice")).to_contain_text("恢复后会自动处理")
    await expect(widget.part(".action[data-action=confirm]")).to_be_disabled()


async def test_a_failure_that_the_bot_explained_is_not_said_twice(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep(card=draft_card())
    widget = await open_widget()
    await widget.part(".action[data-action=confirm]").click()
    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)

    said = await desk.say("这张卡片已过期。")
    await desk.hub.emit("turn_ended", {"turn": said["turn"], "ok": False, "code": "card_expired"})

    await expect(widget.part(".card")).to_have_attribute("data-state", "expired")
    await expect(widget.part(".notice")).to_have_count(0)


async def test_a_card_past_its_time_has_no_buttons(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep(card=draft_card(expires_at=now(-1)))
    widget = await open_widget()

    await expect(widget.part(".card")).to_have_attribute("data-state", "expired")
    await expect(widget.part(".action")).to_have_count(0)


async def test_choices_are_picked_by_pressing_them(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep(card=choice_card())
    widget = await open_widget()

    await widget.part(".item").filter(has_text="Acme Inc").click()

    await expect(widget.part(".item").first).to_be_disabled()
    assert await desk.pressed() == [{"id": "card-choice", "action": "choose:2"}]


async def test_the_steps_of_a_card_are_rows_and_one_yes_answers_them_all(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep(card=several_card())
    widget = await open_widget()

    await expect(widget.part(".items .item-title")).to_have_text(
        ["1. 确认订单 SO-1001", "2. 修改订单 SO-1004", "3. 取消订单 SO-1007"]
    )
    await expect(widget.part("button.item")).to_have_count(0)
    await widget.part(".action[data-action=confirm]").click()

    await expect(widget.part(".action[data-action=reject]")).to_be_disabled()
    assert await desk.pressed() == [{"id": "card-several", "action": "confirm"}]


async def test_an_order_of_a_list_puts_its_question_into_the_composer(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep(card=orders_card())
    widget = await open_widget(locale="en-GB")
    desk.language = "en"

    await widget.part(".item").filter(has_text="SO-1004").click()

    await expect(widget.composer).to_have_value(re.compile("SO-1004"))
    await expect(widget.composer).to_be_focused()
    assert desk.heard == []


async def test_quick_replies_are_said_and_go(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep("还要别的吗？", quick_replies=[{"title": "不用了", "text": "不用了，谢谢"}])
    widget = await open_widget()

    await widget.part(".quick button").click()

    await expect(widget.part(".message.in")).to_contain_text("不用了，谢谢")
    await expect(widget.part(".quick")).to_have_count(0)


async def test_typing_shows_while_a_turn_runs(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await expect(widget.part(".example").first).to_be_visible()

    await desk.hub.emit("turn_started", {"turn": "t1"})
    await expect(widget.part(".typing")).to_be_visible()
    await desk.hub.emit("turn_ended", {"turn": "t1", "ok": True})

    await expect(widget.part(".typing")).to_have_count(0)


@pytest.mark.parametrize(
    ("code", "zh", "en", "button"),
    [
        ("message_too_long", "太长", "too long", "Edit"),
        ("message_empty", "是空的", "is empty", "Edit"),
        ("message_not_text", "只能发送文字", "Only text", "Edit"),
        ("too_many_requests", "太快", "a little fast", "Try again"),
        ("bot_unavailable", "暂时无法回答", "cannot answer", "Try again"),
        ("something_new", "出了点问题", "went wrong", "Edit"),
    ],
)
async def test_a_refusal_is_said_in_plain_words_of_both_languages(
    code: str, zh: str, en: str, button: str, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.refuse = {"code": code, "message": "internal"}
    widget = await open_widget()
    await widget.send("你好")
    await expect(widget.part(".refused")).to_contain_text(zh)

    await widget.page.get_by_role("button", name="English").click()

    await expect(widget.part(".refused")).to_contain_text(en)
    await expect(widget.part(".refused button")).to_contain_text(button)
    assert "internal" not in await widget.part(".log").inner_text()


async def test_a_message_refused_for_haste_is_sent_again_on_request(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.refuse = {"code": "too_many_requests"}
    widget = await open_widget()
    await widget.send("你好")
    again = widget.part(".refused button")
    await expect(again).to_be_visible()

    desk.refuse = None
    await again.click()

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)
    assert desk.texts() == ["你好"]


async def test_the_language_switches_at_once_and_is_remembered(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget("/panel", attributes="open")
    await expect(widget.part(".welcome h2")).to_have_text("您好，今天办什么？")

    await widget.part(".language").click()
    await expect(widget.part(".welcome h2")).to_have_text("Hello. What shall we do today?")
    await expect(widget.part("section")).to_have_attribute("lang", "en")
    await until(lambda: desk.languages, "the desk is told")

    await widget.page.reload()
    await expect(widget.part(".welcome h2")).to_have_text("Hello. What shall we do today?")
    assert desk.languages[0] == "en"


async def test_markup_of_people_and_of_the_bot_stays_text(desk: DeskDouble, open_widget: OpenWidget) -> None:
    attack = '<img src=x onerror="window.hit=1"><script>window.hit=1</script> [x](javascript:window.hit=1) 3*5*2 **好**'
    desk.keep(attack)
    desk.keep(attack, direction="in")
    desk.keep(card=draft_card(title=attack))
    widget = await open_widget()

    await expect(widget.part(".message.out .bubble")).to_contain_text("<img src=x onerror=")
    await expect(widget.part(".message.out .bubble")).to_contain_text("3*5*2")
    await expect(widget.part(".message.out .bubble strong")).to_have_text("好")
    await expect(widget.part(".message.in .bubble")).to_have_text(attack)
    await expect(widget.part(".log img, .log a, .log script")).to_have_count(0)
    assert await widget.page.evaluate("window.hit") is None


async def test_figures_stand_in_a_table_whose_rows_are_named(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep("The figures:", card=report_card())
    widget = await open_widget()

    await expect(widget.part(".figures thead th")).to_have_text(["Figure", "Orders", "Amount"])
    await expect(widget.part('.figures [data-row="late"]').locator("th[scope=row], td")).to_have_text(
        ["Late", "1", "CNY 459.00"]
    )


async def test_what_a_robot_saw_is_a_picture_of_its_own_and_no_other_address_is(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget()
    await widget.page.route(
        "**/api/robot-evidence/*", lambda route: route.fulfill(body=base64.b64decode(DOT), content_type="image/png")
    )

    await desk.say("SO-1 is in old ERP.\n![Picture](http://desk.example.com/api/robot-evidence/0a1b)")
    await desk.say("![x](/api/orders)")

    picture = widget.part(".message.out .picture img")
    await expect(picture).to_have_attribute("src", re.compile("^data:image/png"))
    await expect(picture).to_have_attribute("alt", "Picture")
    await expect(picture).to_have_js_property("naturalWidth", 1)
    await expect(widget.part(".message.out .bubble").first).to_have_text("SO-1 is in old ERP.")
