"""What waits for a person: shown, decided once, with its reason and fields; what is refused."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.frontend_widget.conftest import ONE_BROWSER, OpenWidget, Widget
from tests.frontend_widget.desk_double import DeskDouble, task

pytestmark = [pytest.mark.browser, ONE_BROWSER]
BUDGET = {
    "name": "budget", "type": "choice", "title": {"zh": "预算", "en": "Budget"}, "required": True,
    "choices": [{"value": "it", "title": {"zh": "信息部", "en": "IT"}}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_english(desk: DeskDouble) -> None:
    desk.language = "en"


async def tasks(desk: DeskDouble, open_widget: OpenWidget) -> Widget:
    """The list, in English."""
    widget = await open_widget("/panel", attributes="open")
    await widget.part("#tab-tasks").click()
    return widget


async def test_what_waits_is_counted_shown_and_approved_once(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.tasks = [task(), task("SR-1002")]
    widget = await tasks(desk, open_widget)
    await expect(widget.part("#tab-tasks .badge")).to_have_text("2")
    first = widget.part(".task").first
    for words in ("Manager's approval", "Two screens", "SR-1001", "Spend request", "due "):
        await expect(first).to_contain_text(words)

    await first.locator("[data-decision=approve]").evaluate("button => { button.click(); button.click(); }")

    await expect(widget.part(".task")).to_have_count(1)
    await expect(widget.part(".tasks .said")).to_have_text("Approve: done")
    await expect(widget.part(".tasks ul")).to_be_focused()
    assert desk.decided == [("SR-1001.approve_by_manager", "approve", {"expected_version": 3})]


async def test_a_rejection_needs_a_reason(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.tasks = [task()]
    widget = await tasks(desk, open_widget)
    reject = widget.part("[data-decision=reject]")
    reason = widget.part("textarea[name=reason]")

    await reject.click()
    await expect(reason).to_be_focused()
    await reason.fill("   ")
    await widget.part(".more [type=submit]").click()
    await expect(reason).to_be_focused()
    assert desk.decided == []
    await widget.page.keyboard.press("Escape")
    await expect(reject).to_be_focused()
    await expect(widget.part("#panel")).to_be_visible()

    await reject.click()
    await reason.fill("too dear")
    await widget.part(".more [type=submit]").click()

    await expect(widget.part(".tasks .empty")).to_have_text("Nothing waits for you.")
    assert desk.decided == [("SR-1001.approve_by_manager", "reject", {"expected_version": 3, "reason": "too dear"})]


async def test_what_has_to_be_said_with_a_decision_is_asked(desk: DeskDouble, open_widget: OpenWidget) -> None:
    desk.tasks = [task(fields=[BUDGET])]
    widget = await tasks(desk, open_widget)

    await widget.part("[data-decision=approve]").click()
    await widget.part("select[name=budget]").select_option("it")
    await widget.part(".more [type=submit]").click()

    await expect(widget.part(".task")).to_have_count(0)
    assert desk.decided[0][2] == {"expected_version": 3, "fields": {"budget": "it"}}


@pytest.mark.parametrize(
    ("code", "words"), [("case_changed", "changed meanwhile"), ("something_new", "Something went wrong")]
)
async def test_a_refusal_is_said_and_the_list_is_as_it_is(
    code: str, words: str, desk: DeskDouble, open_widget: OpenWidget
) -> None:
    desk.tasks = [task()]
    desk.refuse_decision = code
    widget = await tasks(desk, open_widget)

    await widget.part("[data-decision=approve]").click()

    await expect(widget.part(".tasks .said")).to_contain_text(words)
    await expect(widget.part(".task")).to_have_count(1)
    await expect(widget.part("[data-decision=approve]")).to_be_enabled()


async def test_a_notice_brings_the_list_up_to_date(desk: DeskDouble, open_widget: OpenWidget) -> None:
    widget = await tasks(desk, open_widget)
    await expect(widget.part(".tasks .empty")).to_be_visible()

    desk.tasks = [task(on_behalf_of="u-away")]
    await desk.notify("请审批", "Please approve", order=None)

    await expect(widget.part(".task")).to_contain_text("for a colleague")
