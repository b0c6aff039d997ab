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
    assert "2 can be handled" in notice.payload["text"]["en"]
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
    file.write_text(HEAD + "soon,Li Lei,8,no\n2026-12-04,Han Mei,7.5,no\n")

    (shift,) = read_schedule(file)

    assert (shift.person, str(shift.hours), shift.absent) == ("Han Mei", "7.5", False)
    assert "demo.csv:2" in caplog.text
