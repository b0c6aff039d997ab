"""What a robot takes for an order, and Deskhand's own share of it: beside a bare Playwright script that does the same.

Both in one Chromium, one order after the other in turns, so that what else the machine does hits both alike.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from deskhand.robots.evidence import Evidence
from deskhand.robots.shipped.legacy_desktop import DesktopEntry
from deskhand.robots.shipped.legacy_order import LegacyOrder
from deskhand.robots.shipped.legacy_web import LegacyEntry
from deskhand.robots.work_item import made_by_hand
from examples.legacy_erp.web import PASSWORD, USER
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row
from tests.support.legacy_erp import order, served, session

ROUNDS = 25
ON_THE_DESKTOP = 10


def measure(bench: Bench) -> Iterator[Row]:
    """The median of each, and of the shares of the rounds."""
    folder = bench.folder / "robots"
    with served() as erp:
        robot = LegacyEntry(session(folder, {"url": erp.address}))
        try:
            robot.start()
            bare_page = signed_in(robot, erp.address)
            ours, bare = in_turns(
                lambda said: work(robot, said, folder), lambda said: bare_script(bare_page, erp.address, said)
            )
        finally:
            robot.end()
    shares = [(mine - theirs) / mine for mine, theirs in zip(ours, bare, strict=True)]
    yield Row("an order in the browser, by the robot", statistics.median(ours) * 1000, "ms", f"{ROUNDS} in turns")
    yield Row("the same by a bare Playwright script", statistics.median(bare) * 1000, "ms", "no log, no waits of ours")
    yield Row("Deskhand's own share", statistics.median(shares) * 100, "%", "trace, pictures, log, field by field")
    yield Row("an order on the desktop, by the robot", desktop(folder) * 1000, "ms", "Xvfb, xdotool, xclip")


def work(robot: LegacyEntry | DesktopEntry, said: dict[str, Any], folder: Path) -> None:
    robot.session.evidence = Evidence(folder / said["number"])
    robot.work(made_by_hand(said["number"], said))


def in_turns(ours: Callable[[Any], None], bare: Callable[[Any], None]) -> tuple[list[float], list[float]]:
    """The order that goes first changes from round to round; the first round is not counted."""
    mine, theirs = [], []
    for number in range(ROUNDS + 1):
        said = [(ours, mine, order(2 * number)), (bare, theirs, {**order(2 * number), "number": f"BARE-{number}"})]
        for act, times, one in said if number % 2 else said[::-1]:
            began = time.perf_counter()
            act(one)
            times.append(time.perf_counter() - began)
    return mine[1:], theirs[1:]


def signed_in(robot: LegacyEntry, address: str) -> Page:
    """A page of the same browser, without trace."""
    browser = robot.screen.page.context.browser
    assert browser is not None
    page = browser.new_context().new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/signin")
    page.get_by_label("User").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/menu")
    return page


def bare_script(page: Page, address: str, item: dict[str, Any]) -> None:
    """Looks up, enters, posts, looks up and reads back, as a script of an afternoon does."""
    said = LegacyOrder.of(made_by_hand(item["number"], item))
    assert not found(page, address, said.reference)
    page.goto(f"{address}/new")
    _header(page, said)
    _lines(page, said)
    page.get_by_label("Delivery by").select_option(said.delivery)
    page.get_by_label("Deliver to").fill(said.address)
    page.get_by_label("Remark").fill(said.remark)
    page.get_by_role("button", name="Next").click()
    page.locator("#head").inner_text()
    page.get_by_role("button", name="Post order").click()
    page.locator("#posted").wait_for()
    assert found(page, address, said.reference)
    page.locator("#orders a").click()
    assert said.address in page.locator("#head").inner_text()
    assert said.lines[-1].sku in page.locator("#lines").inner_text()


def _header(page: Page, said: LegacyOrder) -> None:
    page.get_by_label("Reference").fill(said.reference)
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Look up").click()
    window = opening.value
    window.get_by_label("Name or code").fill(said.customer)
    window.get_by_role("button", name="Find").click()
    window.get_by_role("button", name="Pick").first.click()
    page.get_by_label("Order date").fill(said.ordered_on)
    page.get_by_label("Delivery date").fill(said.deliver_on)
    page.get_by_role("button", name="Next").click()


def _lines(page: Page, said: LegacyOrder) -> None:
    for number, line in enumerate(said.lines, 1):
        page.get_by_label("Item").fill(line.sku)
        page.get_by_label("Description").fill(line.description)
        page.get_by_label("Quantity").fill(line.quantity)
        page.get_by_label("Unit", exact=True).fill(line.unit)
        page.get_by_label("Unit price").fill(line.price)
        page.get_by_role("button", name="Add line").click()
        page.locator(f"#lines tbody tr:nth-child({number})").wait_for()
    page.get_by_role("link", name="Next").click()


def found(page: Page, address: str, reference: str) -> bool:
    page.goto(f"{address}/menu")
    page.get_by_label("Reference").fill(reference)
    page.get_by_role("button", name="Find order").click()
    page.locator("#orders, #none").wait_for()
    return page.locator("#orders").count() > 0


def desktop(folder: Path) -> float:
    command = f"{sys.executable} -m examples.legacy_erp --desktop --file {folder / 'desktop.db'}"
    robot = DesktopEntry(session(folder / "desktop", {"command": command}))
    times = []
    try:
        robot.start()
        for number in range(ON_THE_DESKTOP):
            began = time.perf_counter()
            work(robot, order(number), folder / "desktop")
            times.append(time.perf_counter() - began)
    finally:
        robot.end()
    return statistics.median(times)
