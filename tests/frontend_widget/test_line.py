"""Bad weather: lines that break, answers that get lost, pages that reload, sessions that end."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget
from tests.frontend_widget.desk_double import DeskDouble, draft_card, now, task
from tests.support.gateway import until

pytestmark = [pytest.mark.browser, ONE_BROWSER]

PATIENT = 45_000
LARGE = "长" * 400_000  # 1.2 MB as it goes over the line
HASTE = """() => {
  window.waits = [];
  let turn = 0;
  Math.random = () => (turn++ % 2 ? 0.75 : 0.25);
  const wait = window.setTimeout;
  window.setTimeout = (act, time) => {
    const again = act.toString().includes("websocket");
    if (again) waits.push(time);
    return wait(act, again ? 1 : time);
  };
}"""


async def test_what_is_written_offline_is_delivered_once_and_in_order(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget()
    await widget.send("一")
    await expect(widget.part(".message[data-delivery=sent]")).to_have_count(1)

    await desk.stop()
    await expect(widget.part(".banner")).to_contain_text("正在重连")
    await widget.send("二")
    await widget.send("三")
    await expect(widget.part(".message[data-delivery=waiting]")).to_have_count(2)
    await desk.restart()

    await expect(widget.part(".message[data-delivery=sent]")).to_have_count(3, timeout=PATIENT)
    await expect(widget.part(".banner")).to_have_text("")
    assert desk.texts() == ["一", "二", "三"]
    assert set(desk.taken.values()) == {1}


async def test_a_lost_answer_leads_to_a_repeat_under_the_same_id_and_no_double(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget()
    await expect(widget.part(".example").first).to_be_visible()
    desk.lose_next_answer = True

    await widget.send("下单")

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1, timeout=PATIENT)
    await expect(widget.part(".message.in")).to_have_count(1)
    assert [heard["id"] for heard in desk.heard] == [desk.heard[0]["id"]] * 2
    assert desk.texts() == ["下单"]


async def test_a_press_whose_answer_got_lost_is_repeated_under_the_same_id(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep(card=draft_card())
    widget = await open_widget()
    desk.lose_next_answer = True

    await widget.part(".action[data-action=confirm]").click()
    await until(lambda: len(desk.heard) > 1, "the press is repeated")

    assert len({heard["id"] for heard in desk.heard}) == 1
    assert set(desk.taken.values()) == {1}
    await expect(widget.part(".action[data-action=confirm]")).to_be_disabled()


async def test_what_came_while_the_line_was_down_is_there_afterwards_once(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep("早")
    widget = await open_widget()
    await expect(widget.part(".message.out")).to_have_count(1)

    await desk.stop()
    desk.keep("断线时的一句")
    await desk.notify("断线时的通知", "A notice meanwhile", quiet=True)
    desk.page_size = 1
    desk.keep("又一句")
    await desk.restart()

    await expect(widget.part(".message.out")).to_have_count(3, timeout=PATIENT)
    await expect(widget.part(".notification")).to_have_count(1)
    assert desk.resumes[1] == {"conversation_seq": 1, "notification_seq": 0}


async def test_a_card_answered_elsewhere_during_a_break_shows_its_outcome(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    card = draft_card()
    desk.keep(card=card)
    desk.keep("请确认")
    widget = await open_widget()
    await expect(widget.part(".action[data-action=confirm]")).to_be_enabled()

    await desk.stop()
    card |= {"state": "used", "outcome": {"text": "已确认下单", "by": "林晓", "at": now()}}
    await desk.restart()

    await expect(widget.part(".outcome")).to_contain_text("林晓", timeout=PATIENT)
    await expect(widget.part(".message.out")).to_have_count(2)


async def test_the_same_message_or_notice_twice_is_shown_once(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await expect(widget.part(".example").first).to_be_visible()

    said = await desk.say("只说一次")
    await desk.hub.emit("bot_uttered", said)
    notice = await desk.notify("只通知一次", "Only once")
    await desk.hub.emit("notification", notice)
    await desk.hub.emit("notification", notice | {"id": "n-other", "seq": 2})
    await desk.say("完")

    await expect(widget.part(".message.out")).to_have_count(2)
    await expect(widget.part(".notification")).to_have_count(1)


async def test_a_reload_keeps_what_was_not_delivered_and_shows_the_conversation(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.keep("之前的对话")
    widget = await open_widget()
    await expect(widget.part(".message.out")).to_have_count(1)
    await desk.stop()
    await widget.send("还没送到")
    await expect(widget.part(".message[data-delivery=waiting]")).to_have_count(1)
    await desk.restart()

    await widget.page.reload()

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1, timeout=PATIENT)
    await expect(widget.part(".message.out")).to_have_count(1)
    assert desk.texts() == ["还没送到"]


async def test_a_token_goes_into_the_handshake(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget("/panel", attributes="open token=abc.def")

    await expect(widget.part(".example").first).to_be_visible()

    assert desk.tokens == ["abc.def"]


async def test_a_session_that_is_over_is_said_and_leads_to_sign_in(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.refuse_connect = "signed_out"
    widget = await open_widget()
    await expect(widget.part(".banner")).to_contain_text("您已退出登录")
    await expect(widget.composer).to_be_disabled()

    await widget.part(".banner button").click()

    await widget.page.wait_for_url(desk.url + "/")
    assert len(desk.tokens) == 1, "it must not knock again and again"


async def test_signing_out_ends_the_session_and_forgets_the_user(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.keep("机密")
    widget = await open_widget("/panel", attributes="open")
    await widget.send("你好")
    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)

    await widget.part(".sign-out").click()

    await expect(widget.part(".banner")).to_contain_text("您已退出登录")
    await expect(widget.part(".message")).to_have_count(0)
    assert desk.signed_out == 1
    kept = await widget.page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
    assert [key for key in kept if "u-clerk" in key] == []


async def test_another_user_in_the_same_tab_sees_nothing_of_the_one_before(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.tasks = [task()]
    widget = await open_widget()
    await expect(widget.part(".task")).to_have_count(1)
    await widget.send("我的秘密")
    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1)

    await desk.stop()
    await widget.send("未送出的秘密")
    desk.user = {"id": "u-other", "name": "王芳", "role": "finance", "customer": None}
    desk.messages.clear()
    desk.tasks.clear()
    await desk.restart()

    await expect(widget.page.locator("#desk-user")).to_have_text("王芳", timeout=PATIENT)
    await expect(widget.part(".message, .task")).to_have_count(0)
    assert desk.texts() == []


async def test_where_no_websocket_gets_through_the_line_polls(desk: DeskDouble, open_widget: OpenWidget) -> None:
    await desk.stop()
    desk.transports = ("polling",)
    await desk.restart()
    widget = await open_widget()

    await widget.send("一")
    await widget.send("二")
    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(2)
    await desk.say("三")
    await expect(widget.part(".message.out")).to_contain_text("三")
    await desk.stop()
    await widget.send("四")
    await desk.restart()

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(3, timeout=PATIENT)
    assert desk.texts() == ["一", "二", "四"] and set(desk.taken.values()) == {1}


async def test_a_line_that_falls_silent_is_given_up_and_taken_up_anew(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    """As with a network that swallows packets: nobody says that the line is down."""
    await desk.stop()
    desk.pings = (1, 1)
    await desk.restart()
    swallowed = asyncio.Event()

    def between(page: WebSocketRoute) -> None:
        first, server = not lines, page.connect_to_server()
        lines.append(page)
        server.on_message(lambda said: None if first and swallowed.is_set() else page.send(said))
        server.on_close(lambda *_: None)

    lines: list[WebSocketRoute] = []
    widget = await open_widget("/panel")
    await widget.page.route_web_socket("**/socket.io/**", between)
    await widget.page.reload()
    await expect(widget.part(".line[data-phase=online]")).to_be_attached()
    swallowed.set()

    await until(lambda: len(lines) > 1, "the line is taken up anew", 60)
    await desk.say("又通了")
    await expect(widget.part(".message.out")).to_contain_text("又通了", timeout=PATIENT)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_message_of_a_megabyte_comes_through_and_the_line_stays(
    transport: str, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    await desk.stop()
    desk.transports = (transport,)
    await desk.restart()
    desk.keep(LARGE)
    widget = await open_widget()
    await expect(widget.part(".message.out")).to_have_count(1, timeout=PATIENT)

    await desk.say(LARGE)
    await widget.send("好")

    await expect(widget.part(".message.in[data-delivery=sent]")).to_have_count(1, timeout=PATIENT)
    lengths = await widget.part(".bubble").evaluate_all("bubbles => bubbles.map(one => one.textContent.trim().length)")
    assert lengths == [len(LARGE), len(LARGE), 1]


async def test_each_attempt_waits_longer_and_not_everybody_the_same(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget()
    await expect(widget.part(".example").first).to_be_visible()
    await widget.page.evaluate(HASTE)

    await desk.stop()

    await widget.page.wait_for_function("waits.length > 9")
    waits = await widget.page.evaluate("waits.slice(0, 10)")
    assert waits == [375, 625, 750, 2500, 3000, 6250, 3750, 6250, 3750, 6250]
