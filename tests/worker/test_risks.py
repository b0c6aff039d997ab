"""Risks: what the rules find in schedules and open orders is told once, to whom it concerns."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from deskhand.store import Notification
from deskhand.store.risks import load_rules
from deskhand.store.work_schedule import read_schedule
from deskhand.worker.risks import Risks
from deskhand.writing import Writer, load_templates
from tests.support.desks import FakeClock
from tests.worker.conftest import PROCESS, House

DUE = date(2026, 12, 4)
HEAD = "day,person,hours,absent\n"


def told(house: House, role: str) -> list[Notification]:
    house.desk.project_notifications("demo")
    with house.desk.unit_of_work("demo", read_only=True) as uow:
        return [each for each in uow.notifications.latest([f"role:{role}"]) if each.kind == "RiskFound"]


@pytest.fixture
def schedules(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def risks(house: House, schedules: Path) -> Risks:
    rules = load_rules(PROCESS / "supervision" / "risks.yml")
    return Risks(house.desk, Writer(load_templates(PROCESS / "writing"), None), rules, schedules, 1.0)


def on(clock: FakeClock, day: date) -> None:
    clock.forward(seconds=(day - clock().date()).days * 86_400)


async def test_more_orders_than_can_be_handled_are_told_once_in_both_languages(
    house: House, risks: Risks, schedules: Path, clock: FakeClock
) -> None:
    for _ in range(3):
        house.place()
    (schedules / "demo.csv").write_text(HEAD + f"{DUE},Li Lei,1,no\n")
    on(clock, DUE - timedelta(days=2))

    first, again = await risks.run_once(), await risks.run_once()

    assert (first, again) == (1, 0)
    (notice,) = told(house, "warehouse")
    assert "2026年12月4日到期的订单有3个" in notice.payload["text"]["zh"]
    assert (
        "Orders due on 4 December 2026: 3. Orders that can be handled on that day: 2." in notice.payload["text"]["en"]
    )
    assert told(house, "manager") == []


async def test_nobody_there_on_a_day_with_orders_is_serious_and_told_to_the_manager_too(
    house: House, risks: Risks, schedules: Path, clock: FakeClock
) -> None:
    house.place()
    (schedules / "demo.csv").write_text(HEAD + f"{DUE},李雷,8,是\n")
    on(clock, DUE - timedelta(days=1))

    await risks.run_once()

    said = [notice.payload["text"]["zh"] for notice in told(house, "manager")]
    assert any("李雷当天不在岗" in text for text in said)
    assert len(told(house, "warehouse")) == 2  # the absence, and that nobody can handle the order


async def test_a_late_order_is_told_and_told_again_when_it_has_become_serious(
    house: House, risks: Risks, clock: FakeClock
) -> None:
    number = house.place()
    on(clock, DUE + timedelta(days=1))
    await risks.run_once()
    on(clock, DUE + timedelta(days=5))
    await risks.run_once()

    assert [notice.order_number for notice in told(house, "sales")] == [number, number]
    (serious,) = told(house, "manager")
    assert "已迟5天" in serious.payload["text"]["zh"] and "5 days late" in serious.payload["text"]["en"]


async def test_without_a_schedule_and_without_trouble_nothing_is_told(house: House, risks: Risks) -> None:
    house.place()

    assert await risks.run_once() == 0
    assert told(house, "manager") == []


def test_a_line_that_cannot_be_read_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "demo.csv"
    wrong = ("soon,Li Lei,8,no", "2026-12-04,Li Lei,NaN,no", "2026-12-04,Li Lei,-8,no", "2026-02-30,Li Lei,8,no",
             "2026-12-04,,8,no", "2026-12-04")  # fmt: skip
    file.write_text(HEAD + "".join(line + "\n" for line in wrong) + "\n2026-12-04,Han Mei,7.5,no\n")

    (shift,) = read_schedule(file)

    assert (shift.person, str(shift.hours), shift.absent) == ("Han Mei", "7.5", False)
    assert [f"demo.csv:{number}" in caplog.text for number in range(2, 2 + len(wrong))] == [True] * len(wrong)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("日期,姓名,工时,请假\n2026/12/4,李雷,7.5,否\n2026年12月5日,韩梅,,是\n", "gb18030"),
        ("Absent;Name;Date;Hours;Note\nno;李雷;2026-12-04;7.5;late shift\nyes;韩梅;2026-12-5;;\n", "utf-8-sig"),
    ],
    ids=["Chinese heads as Excel saves them", "semicolons and another order"],
)
def test_a_schedule_is_read_as_spreadsheets_save_it(tmp_path: Path, content: str, encoding: str) -> None:
    file = tmp_path / "demo.csv"
    file.write_bytes(content.encode(encoding))

    assert [(shift.day, shift.person, str(shift.hours), shift.absent) for shift in read_schedule(file)] == [
        (date(2026, 12, 4), "李雷", "7.5", False),
        (date(2026, 12, 5), "韩梅", "0", True),
    ]


async def test_a_schedule_that_is_no_table_stops_no_other_rule(
    house: House, risks: Risks, schedules: Path, clock: FakeClock
) -> None:
    number = house.place()
    (schedules / "demo.csv").write_bytes(bytes(range(256)) * 4)
    on(clock, DUE + timedelta(days=1))

    await risks.run_once()

    assert [notice.order_number for notice in told(house, "sales")] == [number]
