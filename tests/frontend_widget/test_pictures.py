"""Pictures of every state, kept for people to look at, each of them checked by axe-core."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget, Widget
from tests.frontend_widget.desk_double import (
    WIDGET,
    DeskDouble,
    choice_card,
    draft_card,
    now,
    orders_card,
    several_card,
    task,
)

pytestmark = [pytest.mark.browser, ONE_BROWSER]

AXE = WIDGET / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(os.environ.get("DESKHAND_PICTURES", "var/pictures/widget"))
SETTLED = """() => {
  const moving = [document, document.querySelector("deskhand-chat").shadowRoot].flatMap((root) => root.getAnimations());
  const ends = moving.filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime));
  return Promise.allSettled(ends.map((one) => one.finished)).then(() => undefined);
}"""
PHONE = {"viewport": {"width": 320, "height": 640}}
ZOOMED = {"viewport": {"width": 640, "height": 360}}  # of 1280 to 720, at 200 %
DARK = {"color_scheme": "dark"}
ENGLISH = {"locale": "en-GB"}


async def empty(desk: DeskDouble) -> None:
    """Nothing was said yet."""


async def conversation(desk: DeskDouble) -> None:
    desk.keep("客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递", direction="in")
    desk.keep(
        "好的，请核对。**现在什么都还没有改动**，确认后才会下单：\n\n- 现货充足\n- 运费由 `freight` 规则计算",
        card=draft_card(),
    )
    await desk.notify(
        "订单 SO-1001 已确认，请准备入库。", "Order SO-1001 was confirmed; please receive the goods.", quiet=True
    )
    await desk.notify(
        "订单 SO-0998 的发票 INV-1004 已发送。",
        "Invoice INV-1004 of order SO-0998 was sent.",
        order="SO-0998",
        quiet=True,
    )


async def finished(desk: DeskDouble) -> None:
    desk.keep("客户华星要20箱A4纸", direction="in")
    outcome = {"text": "已确认下单", "by": "林晓", "at": now()}
    desk.keep(card=draft_card(state="used", outcome=outcome))
    desk.keep(
        "订单 **SO-1001** 已创建，发票随后寄出。",
        quick_replies=[{"title": "查看订单", "text": "SO-1001"}, {"title": "再下一单", "text": "下单"}],
    )
    desk.keep(card=draft_card("card-2", state="superseded"))
    desk.keep(card=draft_card("card-3", expires_at=now(-1)))


async def english(desk: DeskDouble) -> None:
    desk.language = "en"
    desk.keep("No, Acme please, and show me what has to go out", direction="in")
    desk.keep("Two customers fit. Which one?", card=choice_card())
    desk.keep("And these wait for shipment:", card=orders_card())


async def several(desk: DeskDouble) -> None:
    desk.keep("SO-1001确认，SO-1004的A4纸改成30箱，SO-1007取消，因为客户下错单了", direction="in")
    desk.keep("一共 3 项，请核对后一次确认。", card=several_card())


SCENES: dict[str, tuple[Callable[[DeskDouble], Awaitable[None]], str, str, dict[str, Any]]] = {
    "closed": (conversation, "/panel", "", {}),
    "open-empty": (empty, "/panel", "open", {}),
    "open-conversation": (conversation, "/panel", "open", {}),
    "open-dark": (conversation, "/panel", "open", DARK),
    "open-finished": (finished, "/panel", "open", {}),
    "open-english": (english, "/panel", "open", ENGLISH),
    "open-320": (conversation, "/panel", "open", PHONE),
    "open-several": (several, "/panel", "open", {}),
    "open-several-320": (several, "/panel", "open", PHONE),
    "page-empty": (empty, "/desk", "", {}),
    "page-conversation": (conversation, "/desk", "", {}),
    "page-dark": (finished, "/desk", "", DARK),
    "page-english": (english, "/desk", "", ENGLISH),
    "page-320": (conversation, "/desk", "", PHONE),
}


async def violations(widget: Widget) -> list[str]:
    """What axe-core holds against the page as it is now."""
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm ci in frontend_widget")
    if not await widget.page.evaluate("'axe' in window"):
        await widget.page.add_script_tag(path=AXE)
    found = await widget.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{rule['id']}: {[node['html'][:120] for node in rule['nodes']]}" for rule in found["violations"]]


async def picture(widget: Widget, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await widget.page.screenshot(path=PICTURES / f"{name}.png")


@pytest.mark.parametrize("scene", SCENES)
async def test_axe_finds_nothing_in_any_state(scene: str, desk: DeskDouble, open_widget: OpenWidget) -> None:
    prepare, path, attributes, options = SCENES[scene]
    desk.policy = ""
    await prepare(desk)

    widget = await open_widget(path, attributes=attributes, **options)
    await expect(widget.part(".message, .welcome .example").first).to_be_attached()
    await widget.page.evaluate(SETTLED)
    await picture(widget, scene)

    assert await violations(widget) == []
    assert await widget.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_axe_finds_nothing_offline_with_errors_and_notices(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.policy = ""
    await conversation(desk)
    widget = await open_widget("/panel", attributes="open")
    desk.refuse = {"code": "message_too_long"}
    await widget.send("很长的消息")
    await expect(widget.part(".refused")).to_be_visible()
    await desk.hub.emit("error", {"code": "bot_unavailable"})
    await desk.hub.emit("turn_started", {"turn": "t"})
    await expect(widget.part(".typing")).to_be_visible()
    await picture(widget, "open-typing-error")
    assert await violations(widget) == []

    await desk.stop()
    await widget.send("断线时写的")
    await expect(widget.part(".banner[data-phase=offline]")).to_be_visible()
    await picture(widget, "open-offline")
    assert await violations(widget) == []

    await widget.part("#tab-notices").click()
    await picture(widget, "open-notices")
    assert await violations(widget) == []


ARABIC = "أحتاج إلى 20 صندوقًا من ورق A4"
MIRRORED = "document.documentElement.dir = 'rtl'"
SIDES = """() => {
  const root = document.querySelector("deskhand-chat").shadowRoot;
  const box = (selector) => root.querySelector(selector).getBoundingClientRect();
  const [log, mine, theirs] = [".log", ".message.in .bubble", ".card"].map(box);
  return [mine.left - log.left < log.right - mine.right, theirs.left - log.left > log.right - theirs.right];
}"""
WALKS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "zh": ("/panel", "open", {}),
    "en-dark-320": ("/panel", "open language=en", PHONE | DARK | ENGLISH),
    "zh-rtl-page": ("/desk", "", {}),
    "en-zoomed-forced": ("/panel", "open language=en", ZOOMED | {"forced_colors": "active"}),
}  # fmt: skip


async def everything(desk: DeskDouble) -> None:
    await conversation(desk)
    for number in range(1002, 1005):
        await desk.notify(
            f"订单 SO-{number} 已确认。",
            f"Order SO-{number} was confirmed.",
            order=f"SO-{number}",
            kind="order_confirmed",
            quiet=True,
        )
    await desk.notify("订单 SO-1001 已发运，单号 SF123。", "Order SO-1001 was shipped: SF123.", quiet=True)
    amount = {"name": "budget", "type": "choice", "title": {"zh": "预算", "en": "Budget"}, "required": True}
    choices = [{"value": "it", "title": {"zh": "信息部", "en": "IT"}}]
    desk.tasks = [task(), task("SR-1002", "approve_by_finance", fields=[amount | {"choices": choices}])]


@pytest.mark.parametrize("walk", WALKS)
async def test_axe_finds_nothing_wherever_one_goes(walk: str, desk: DeskDouble, open_widget: OpenWidget) -> None:
    path, attributes, options = WALKS[walk]
    desk.policy = ""
    await everything(desk)
    desk.keep(ARABIC, direction="in")
    widget = await open_widget(path, attributes=attributes, **options)
    if "rtl" in walk:
        await widget.page.evaluate(MIRRORED)

    await widget.part(".action[data-action=edit]").click()
    await expect(widget.part(".card .edit").first).to_be_focused()
    await look(widget, f"{walk}-editing")
    if "rtl" in walk:
        assert await widget.page.evaluate(SIDES) == [True, True], "one's own words stand left, the desk's right"
    await widget.part("#tab-tasks").click()
    await expect(widget.part(".task")).to_have_count(2)
    await look(widget, f"{walk}-tasks")
    await widget.part(".task").last.locator("[data-decision=reject]").click()
    await expect(widget.part("textarea[name=reason]")).to_be_focused()
    await look(widget, f"{walk}-reason")
    await widget.part("#tab-notices").click()
    await expect(widget.part(".group")).to_have_count(5)
    await look(widget, f"{walk}-notices")
    await widget.part("#tab-settings").click()
    await expect(widget.part(".wants select")).to_have_count(6)
    await widget.part("input[name=quiet]").check()
    await expect(widget.part("input[name=from]")).to_have_value("22:00")
    await look(widget, f"{walk}-settings")
    assert await widget.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def look(widget: Widget, name: str) -> None:
    await picture(widget, f"walk-{name}")
    assert await violations(widget) == []
