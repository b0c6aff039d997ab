"""What Playwright's recorder writes, as a robot class: read, and worked with over the old ERP."""

from __future__ import annotations

import importlib.util
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deskhand.robots.display import Display, Window
from deskhand.robots.outcome import BusinessException, NotReady
from deskhand.robots.recorder import recorder
from deskhand.robots.recording import NotARecording, read_recording, robot_class
from deskhand.robots.secret import Secret
from deskhand.robots.work_item import made_by_hand
from examples.legacy_erp.web import PASSWORD, USER
from tests.support.legacy_erp import served, session

RECORDED = """import re
from playwright.sync_api import Playwright, sync_playwright, expect


def run(playwright: Playwright) -> None:
    browser = playwright.chromium.launch(headless=False)
    context = browser.new_context()
    page = context.new_page()
    page.goto("ADDRESS/signin")
    page.get_by_role("textbox", name="User").click()
    page.get_by_role("textbox", name="User").fill("robot")
    page.get_by_role("textbox", name="User").press("Tab")
    page.get_by_role("textbox", name="Password").fill("erp-Secret-42")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="New order").click()
    page.get_by_role("textbox", name="Reference").fill("REC-1")
    with page.expect_popup() as page1_info:
        page.get_by_role("button", name="Look up").click()
    page1 = page1_info.value
    page1.get_by_role("textbox", name="Name or code").fill("C002")
    page1.get_by_role("textbox", name="Name or code").press("Enter")
    page1.get_by_role("button", name="Pick").click()
    page.get_by_role("textbox", name="Order date (dd.mm.yyyy)").fill("01.11.2026")
    page.get_by_role("textbox", name="Delivery date (dd.mm.yyyy)").fill("02.11.2026")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("textbox", name="Item").fill("SKU-1")
    page.get_by_role("textbox", name="Quantity").fill("3")
    page.get_by_role("textbox", name="Unit price").fill("2.50")
    page.get_by_role("button", name="Add line").click()
    page.get_by_role("link", name="Next").click()
    page.get_by_label("Delivery by").select_option("own")
    page.get_by_role("textbox", name="Deliver to").fill("1 Main Street")
    page.mouse.wheel(0, 100)
    page.get_by_role("button", name="Next").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Post order").click()

    # ---------------------
    context.close()
    browser.close()


with sync_playwright() as playwright:
    run(playwright)
"""


def loaded(text: str, folder: Path) -> Any:
    """The class, from a file as it is laid down."""
    file = folder / "old_erp.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("recorded_robot", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.OldErp


def test_a_recording_becomes_steps_fields_and_credentials_and_holds_no_password() -> None:
    found = read_recording(RECORDED, "old_erp")
    text = robot_class(found, "old_erp")

    assert [title for title, _ in found.steps] == [
        "press New order", "enter Name or code", "press Pick", "press Next", "press Add line", "press Next",
        "press Next", "press Post order",
    ]  # fmt: skip
    assert found.credentials == ["old_erp_password", "old_erp_user"]
    assert "reference" in found.fields and "user" not in found.fields
    assert found.left_out == ["page.mouse.wheel(0, 100)"] and "# not understood: page.mouse.wheel(0, 100)" in text
    assert PASSWORD not in text and "self.last_click(POST_ORDER, 'press Post order', accept=True)" in text


@pytest.mark.browser
def test_a_recorded_robot_does_what_was_recorded_with_other_values(tmp_path: Path) -> None:
    with served() as erp:
        recorded = read_recording(RECORDED.replace("ADDRESS", erp.address), "old_erp")
        robot_of = loaded(robot_class(recorded, "old_erp"), tmp_path)
        handed = session(tmp_path / "kept", {"url": erp.address})
        handed.secrets = lambda name: Secret({"old_erp_user": USER, "old_erp_password": PASSWORD}[name])
        said = {
            "reference": "REC-2", "name_or_code": "C007", "order_date_dd_mm_yyyy": "03.11.2026",
            "delivery_date_dd_mm_yyyy": "04.11.2026", "item": "SKU-9", "quantity": "7", "unit_price": "1.25",
            "delivery_by": "pick_up", "deliver_to": "2 Side Street",
        }  # fmt: skip

        with ThreadPoolExecutor(1) as thread:
            thread.submit(_worked, robot_of, handed, said).result()

        order = erp.book.by_reference("REC-2")[0]
    assert (order.customer, order.ordered_on, order.delivery, order.address) == (
        "C007", "03.11.2026", "pick_up", "2 Side Street",
    )  # fmt: skip
    assert [(line.sku, line.quantity, line.price) for line in order.lines] == [("SKU-9", "7", "1.25")]


def _worked(robot_of: Any, handed: Any, said: dict[str, str]) -> None:
    robot = robot_of(handed)
    try:
        robot.start()
        with pytest.raises(NotReady, match="not_filled_in"):  # nobody attends
            robot.work(made_by_hand(said["reference"], said))
        handed.confirm = lambda what, picture: None
        with pytest.raises(BusinessException, match="field_missing"):
            robot.value(made_by_hand("x", {}), "item")
        robot.work(made_by_hand(said["reference"], said))
    finally:
        robot.end()


def test_what_is_no_recording_is_said() -> None:
    for text in ("def run(:", "import os\nos.system('true')", ""):
        with pytest.raises(NotARecording):
            read_recording(text, "x")


@pytest.mark.browser
def test_playwrights_recorder_writes_what_is_understood(tmp_path: Path) -> None:
    """Somebody signs in, in the real recorder on an X display."""
    display, output = Display(), tmp_path / "recorded.py"
    display.open()
    try:
        with served() as erp:
            process = recorder(f"{erp.address}/signin", output, display.environment)
            try:
                page = until(lambda: _window(display, "Sign in - Legacy ERP"))
                until(lambda: output.exists() and "goto" in output.read_text())
                display.keys(page, "Tab", "Tab", "Tab")
                until(lambda: _typed(display, page, output))
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)
    finally:
        display.close()

    found = read_recording(output.read_text(encoding="utf-8"), "old_erp")
    assert found.address == erp.address and not found.left_out
    assert found.spots and found.steps and found.fields


def _window(display: Display, title: str) -> Window | None:
    return next((each for each in display.windows() if title in each.title), None)


def _typed(display: Display, page: Window, output: Path) -> bool:
    display.keys(page, "a")
    time.sleep(0.3)
    return "fill(" in output.read_text(encoding="utf-8")


def until(there: Callable[[], Any], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)
    return found
