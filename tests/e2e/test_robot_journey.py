"""An order entered into a system without an API, by talking: over all services, a browser on the old ERP's screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from examples.legacy_erp.book import Line, Order
from tests.support.browser import Person
from tests.support.deskhand import Running, until
from tests.support.legacy_erp import SECRETS, Served

pytestmark = pytest.mark.browser

SignIn = Callable[..., Person]
WORKS = 240_000  # milliseconds for the undo window, a browser and an order on a busy machine


@pytest.fixture(scope="module", autouse=True)
def signed_in(deskhand: Running) -> None:
    """The robots may sign in there."""
    for name, value in SECRETS.items():
        deskhand.command("vault", "set", name, typed=f"{value}\n")


def placed(clerk: Person, words: str) -> str:
    clerk.say(words)
    clerk.press("confirm")
    clerk.expect_answer(r"SO-\d+")
    return re.findall(r"SO-\d+", clerk.transcript())[-1]


def asked(deskhand: Running, number: str) -> None:
    """The item is there: the worker has heard of the case."""
    items = deskhand.session("clerk")
    until(lambda: number in items.get("/api/robot-items").text, 60, "the robot's item")


def log(clerk: Person) -> Locator:
    return clerk.page.locator("deskhand-chat .log")


def picture(clerk: Person) -> Locator:
    """The last one, loaded."""
    shown = clerk.page.locator("deskhand-chat .picture img").last
    expect(shown).to_have_js_property("complete", True, timeout=WORKS)
    until(lambda: shown.evaluate("image => image.naturalWidth") > 500, 60, "the picture is there")
    return shown


def test_an_order_is_entered_and_what_the_robot_saw_is_shown(
    person: SignIn, deskhand: Running, old_erp: Served
) -> None:
    clerk = person("clerk", "en")
    number = placed(clerk, "Acme Ltd wants 2 boxes of A4 paper and 1 stapler, courier, next Friday")

    clerk.say(f"enter order {number} into the old ERP")
    clerk.press("confirm")
    asked(deskhand, number)
    clerk.say("what is the robot doing?")
    expect(clerk.card()).to_contain_text(f"old ERP: {number}")
    expect(log(clerk)).to_contain_text(f"{number} is in old ERP; every field was read back", timeout=WORKS)
    picture(clerk)
    clerk.screenshot("robot-en-entered")

    (entered,) = old_erp.book.by_reference(number)
    assert old_erp.book.customer_name(entered.customer) == "Acme Ltd" and entered.address == "1 Harbour Road, Shanghai"
    assert [(line.sku, line.quantity) for line in entered.lines] == [("PAPER-A4", "2"), ("STP-24", "1")]
    clerk.say(f"enter order {number} into the old ERP")
    clerk.expect_answer("entered already")


def test_a_person_is_asked_with_the_picture_before_the_last_click(person: SignIn, old_erp: Served) -> None:
    clerk = person("clerk")
    number = placed(clerk, "华星要1台打印机，快递，下周五送到")

    clerk.say(f"把{number}录到老ERP，提交前先问我")
    clerk.press("confirm")
    expect(log(clerk)).to_contain_text(f"已填好 {number}", timeout=WORKS)
    picture(clerk)
    assert old_erp.book.by_reference(number) == []
    expect(log(clerk)).to_contain_text("最后一步：过账")
    assert clerk.card().locator("footer button").all_inner_texts() == ["确认提交", "不提交"]
    clerk.screenshot("robot-zh-asks")
    clerk.press("confirm")

    expect(log(clerk)).to_contain_text(f"{number} 已录入老ERP，逐项核对一致", timeout=WORKS)
    assert len(old_erp.book.by_reference(number)) == 1
    clerk.screenshot("robot-zh-entered")


def test_what_the_other_system_does_not_take_becomes_a_task_and_is_tried_again(
    person: SignIn, deskhand: Running, old_erp: Served
) -> None:
    clerk = person("clerk", "en")
    number = placed(clerk, "北方办公 wants 1 desk lamp, courier, next Friday")

    clerk.say(f"enter order {number} into the old ERP")
    clerk.press("confirm")
    expect(log(clerk)).to_contain_text("the other system knows no customer 北方办公用品有限公司", timeout=WORKS)
    tasks = deskhand.session("manager").get("/api/tasks").json()["items"]
    assert any(number in str(task) and "look_into" in str(task) for task in tasks)

    old_erp.book.know("C042", "北方办公用品有限公司")
    clerk.say("try again")
    clerk.press("confirm")
    expect(log(clerk)).to_contain_text(f"{number} is in old ERP; every field was read back", timeout=WORKS)
    tasks = deskhand.session("manager").get("/api/tasks").json()["items"]
    assert not any(number in str(task) and "look_into" in str(task) for task in tasks)


def test_the_robot_is_stopped_before_it_begins(person: SignIn, deskhand: Running, old_erp: Served) -> None:
    clerk = person("clerk", "en")
    number = placed(clerk, "Acme Inc wants 3 whiteboards, courier, next Friday")

    clerk.say(f"enter order {number} into the old ERP")
    clerk.press("confirm")
    asked(deskhand, number)
    clerk.say("stop it")

    clerk.expect_answer(f"{number} is (being )?stopped")
    expect(log(clerk)).to_contain_text(f"{number} was stopped", timeout=WORKS)
    assert old_erp.book.by_reference(number) == []


@pytest.fixture
def fetched_by_a_robot(erp_folder: Path) -> Iterator[None]:
    """The company's orders of today come off the old ERP's screens."""
    file = erp_folder / "sources" / "legacy.yml"
    file.write_text("tenant: demo\nsource: legacy\nrobot: legacy_fetch\nstart_status: pending_confirmation\n")
    yield
    file.unlink()


def test_the_orders_of_today_are_read_off_its_screens_and_imported_after_a_yes(
    person: SignIn, deskhand: Running, old_erp: Served, fetched_by_a_robot: None
) -> None:
    today = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%d.%m.%Y}"
    lines = [Line("PAPER-A4", "A4 paper", "2", "box", "25.00")]
    document = old_erp.book.post(
        Order("PO-77", "C002", today, today, "courier", "1 Harbour Road, Shanghai", "", lines), "erna"
    )
    clerk = person("clerk", "en")

    clerk.say("import today's orders")
    clerk.expect_answer("the robot has")
    expect(log(clerk)).to_contain_text("the old ERP's orders of the day", timeout=WORKS)
    expect(log(clerk)).to_contain_text("has read the old ERP's orders of the day", timeout=WORKS)
    expect(clerk.card()).to_contain_text("Import preview", timeout=WORKS)
    clerk.screenshot("robot-en-fetched")
    clerk.press("confirm")

    expect(log(clerk)).to_contain_text(".csv is imported", timeout=WORKS)
    orders = deskhand.session("clerk").get("/api/orders").json()["items"]
    assert [each["external_number"] for each in orders if each["source"] == "legacy"] == [f"L{document:06d}"]
