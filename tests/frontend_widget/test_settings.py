"""What one sets: how this browser calls, how the desk tells of things; the list of notices by order and its filter."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget
from tests.frontend_widget.desk_double import DeskDouble
from tests.support.gateway import until

pytestmark = [pytest.mark.browser, ONE_BROWSER]
ALERTS = """() => {
  window.asked = 0; window.shown = []; window.tones = 0;
  class Told {
    static permission = "default";
    static async requestPermission() { window.asked += 1; return (Told.permission = window.answer ?? "granted"); }
    constructor(title, more) { window.shown.push([title, more.body, more.tag]); }
    close() {}
  }
  window.Notification = Told;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { window.tones += 1; return start.call(this, at); };
  Document.prototype.hasFocus = () => false;
}"""


@pytest.fixture(autouse=True)
def in_english(desk: DeskDouble) -> None:
    desk.language = "en"


async def saved(desk: DeskDouble, count: int) -> None:
    await until(lambda: len(desk.saved) >= count, f"{count} wishes are kept")


async def watch(page: Page) -> None:
    await page.evaluate(ALERTS)


async def test_nothing_calls_before_it_was_asked_for_and_then_it_is_remembered(
    desk: DeskDouble, open_widget: OpenWidget
) -> None:
    widget = await open_widget("/panel", attributes="open")
    await watch(widget.page)
    await desk.notify("一", "one")
    await expect(widget.part("#tab-notices .badge")).to_have_text("1")
    assert await widget.page.evaluate("[asked, shown.length, tones]") == [0, 0, 0]

    await widget.part("#tab-settings").click()
    await widget.part("input[name=sound]").check()
    await widget.part("input[name=desktop]").check()
    await desk.notify("二", "two", order="SO-7")
    await desk.notify("静", "quiet", silent=True)
    await desk.say("好的")

    await expect(widget.part("#tab-notices .badge")).to_have_text("2")
    await widget.page.wait_for_function("shown.length === 2")
    assert await widget.page.evaluate("shown") == [
        ["SO-7", "two", "deskhand-n-2"],
        ["Order desk", "好的", "deskhand-m-1"],
    ]
    assert await widget.page.evaluate("[asked, tones]") == [1, 6]
    await widget.page.reload()
    await widget.part("#tab-settings").click()
    await expect(widget.part("input[name=sound]")).to_be_checked()
    await expect(widget.part("input[name=desktop]")).to_be_checked()


async def test_a_browser_that_refuses_is_said_to_have_refused(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget("/panel", attributes="open")
    await watch(widget.page)
    await widget.page.evaluate("window.answer = 'denied'")
    await widget.part("#tab-settings").click()

    await widget.part("input[name=desktop]").click()

    await expect(widget.part(".settings [role=status]").first).to_contain_text("has refused")
    await expect(widget.part("input[name=desktop]")).not_to_be_checked()


async def test_each_wish_is_kept_at_once(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await open_widget("/panel", attributes="open")
    await widget.part("#tab-settings").click()

    await widget.part("[data-wants='shipping:slack']").select_option("off")
    await saved(desk, 1)
    await widget.part("input[name=quiet]").check()
    await saved(desk, 2)
    await widget.part("input[name=to]").fill("06:30")
    await saved(desk, 3)
    await widget.part("input[name=sun]").uncheck()
    await saved(desk, 4)
    await widget.part("select[name=every]").select_option("hour")
    await saved(desk, 5)

    days = ["mon", "tue", "wed", "thu", "fri", "sat"]
    assert desk.saved == [
        {"shipping": {"slack": "off"}},
        {"quiet": {"from": "22:00", "to": "07:00"}},
        {"quiet": {"from": "22:00", "to": "06:30"}},
        {"quiet": {"from": "22:00", "to": "06:30", "days": days}},
        {"digest": {"every": "hour", "at": "08:00"}},
    ]
    await expect(widget.part(".settings .said")).to_have_text("Saved")


async def test_a_wish_that_is_refused_shows_as_it_was(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.preferences["kinds"][2]["wants"]["slack"] = "off"
    widget = await open_widget("/panel", attributes="open")
    await widget.part("#tab-settings").click()

    await widget.part("[data-wants='approvals:desk']").select_option("off")

    await expect(widget.part(".settings .said")).to_contain_text("At least one way")
    await expect(widget.part("[data-wants='approvals:desk']")).to_have_value("at_once")


async def test_notices_stand_by_order_and_are_sifted(desk: DeskDouble, open_widget: OpenWidget) -> None:
    for order, kind in (("SO-1001", "order_confirmed"), ("SO-1002", "order_confirmed"), ("SO-1001", "order_shipped")):
        await desk.notify(f"{order} {kind}", f"{order} {kind}", order=order, kind=kind, quiet=True)
    desk.unread = 1
    widget = await open_widget("/desk")
    await expect(widget.part(".group .order")).to_have_text(["SO-1001", "SO-1002"])
    await expect(widget.part(".group").first.locator(".content")).to_have_text(
        ["SO-1001 order_shipped", "SO-1001 order_confirmed"]
    )

    shown = widget.part(".content")
    await widget.part(".sieve input[name=order]").fill("1002")
    await expect(shown).to_have_text(["SO-1002 order_confirmed"])
    await widget.part(".sieve input[name=order]").fill("9")
    await expect(widget.part("#view-notices .empty")).to_have_text("No notice fits.")
    await widget.part(".sieve input[name=order]").fill("")
    await widget.part(".sieve select").select_option(label="Orders")
    await expect(shown).to_have_text(["SO-1002 order_confirmed", "SO-1001 order_confirmed"])
    await widget.part(".sieve select").select_option("")
    await widget.part(".sieve input[name=unread]").check()
    await expect(shown).to_have_text(["SO-1001 order_shipped"])
