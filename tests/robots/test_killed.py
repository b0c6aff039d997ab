"""Robots killed at any moment, over an ERP in which much goes wrong: no order is missing, and none is there twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deskhand.robots.shift import folder_of
from deskhand.store import Desk
from deskhand.store.work_item import ItemState
from examples.legacy_erp.book import Book
from examples.legacy_erp.faults import Faults
from tests.support.desks import ROOT, TENANT, demo_database, open_desk
from tests.support.legacy_erp import entered, order, served
from tests.support.robot_worker import ROBOT, Hurry

pytestmark = pytest.mark.browser
HURRY = 8.0
PATIENT = 3000  # seconds for everything; a quiet machine needs a fraction
FILE = """
title: {{zh: 老ERP, en: old ERP}}
class: deskhand.robots.shipped.{module}
settings: {{{settings}}}
credentials: [legacy_user, legacy_password]
places: 2
attempts: 50
input: plain
"""


class Robots:
    """Processes at one queue, killed now and then."""

    def __init__(self, url: str, files: Path, folder: Path) -> None:
        self.command = [sys.executable, "-m", "tests.support.robot_worker", url, str(files), str(folder)]
        self.running: list[subprocess.Popen[bytes]] = []
        self.left: list[psutil.Process] = []
        self.begun = 0

    def start(self) -> None:
        self.begun += 1
        holder = f"robot-{self.begun}"
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        self.running.append(
            subprocess.Popen([*self.command, holder, str(HURRY)], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
        )

    def kill(self) -> None:
        process = self.running.pop(0)
        if process.poll() is None:
            self.left += psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def ended(self) -> bool:
        return all(process.poll() is not None for process in self.running)

    def close(self) -> None:
        while self.running:
            self.kill()


@contextmanager
def robots(url: str, files: Path, folder: Path) -> Iterator[Robots]:
    made = Robots(url, files, folder)
    try:
        yield made
    finally:
        made.close()


def queue(folder: Path, module: str, settings: str, orders: list[dict[str, object]]) -> tuple[str, Path, Desk]:
    url = demo_database(folder)
    files = folder / "robots"
    files.mkdir()
    (files / f"{ROBOT}.yml").write_text(FILE.format(module=module, settings=settings), encoding="utf-8")
    desk = open_desk(url, Hurry(HURRY))
    with desk.unit_of_work(TENANT) as uow:
        for said in orders:
            uow.work_items.add(ROBOT, str(said["number"]), said)
        uow.commit()
    return url, files, desk


def killed_until_done(made: Robots, kills: int, at_once: int, seed: int) -> None:
    """Kills one robot after the other at random moments, and then lets the last ones finish."""
    dice, until = random.Random(seed), time.monotonic() + PATIENT
    for _ in range(at_once):
        made.start()
    for _ in range(kills):
        time.sleep(dice.uniform(0.5, 6))
        made.kill()
        made.start()
    while not made.ended():
        assert time.monotonic() < until, "the robots do not come to an end"
        time.sleep(0.2)
    errors = [process.communicate()[1].decode()[-500:] for process in made.running if process.returncode]
    assert not errors, errors


def proved(desk: Desk, book: Book, orders: list[dict[str, object]], folder: Path) -> int:
    """Each order is there once, each field as wanted; each attempt has left its log. Says how many attempts failed."""
    assert [entered(book, said) for said in orders] == [[said] for said in orders]
    assert len(book.all()) == len(orders)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        items = uow.work_items.newest(ROBOT, limit=500)
        kept = {item.id: {row.attempt for row in uow.robots.evidence_of(item.id)} for item in items}
    assert {item.state for item in items} == {ItemState.SUCCESSFUL} and len(items) == len(orders)
    for item in items:
        assert kept[item.id] == set(range(1, item.attempts + 1)), item.reference
        for attempt in range(1, item.attempts + 1):
            assert (folder_of(folder, TENANT, item.id, attempt) / "steps.jsonl").exists()
    return sum(item.attempts for item in items) - len(items)


@pytest.mark.parametrize(
    ("count", "kills", "at_once"),
    [(2, 1, 1), pytest.param(50, 22, 2, marks=[pytest.mark.full, pytest.mark.timeout(PATIENT + 300)])],
)
def test_in_the_browser(tmp_path: Path, count: int, kills: int, at_once: int, tell: Callable[[str], None]) -> None:
    orders = [order(number) for number in range(1, count + 1)]
    faults = Faults(failing=0.1, slow=0.05, slow_for=0.3, time_outs=0.01, pop_ups=0.1, seed=3)
    with served(str(tmp_path / "erp.db"), faults) as erp:
        url, files, desk = queue(tmp_path, "legacy_web:LegacyEntry", f"url: '{erp.address}'", orders)
        with robots(url, files, tmp_path / "kept") as made:
            killed_until_done(made, kills, at_once, seed=count)
            _, alive = psutil.wait_procs(made.left, timeout=60)

        failed = proved(desk, erp.book, orders, tmp_path / "kept")
        desk.close()
    assert not alive, "browsers outlived their robot"
    tell(f"browser: {count} orders, {at_once} robots, {kills} kills, faults {faults.counted}, {failed} attempts failed")


@pytest.mark.full
@pytest.mark.timeout(PATIENT + 300)
def test_on_the_desktop(tmp_path: Path, tell: Callable[[str], None]) -> None:
    orders = [order(number) for number in range(1, 51)]
    file = tmp_path / "erp.db"
    book = Book(str(file))
    command = (
        f"{sys.executable} -m examples.legacy_erp --desktop --file {file} --failing 0.1 --pop-ups 0.1 --time-outs 0.01"
    )
    url, files, desk = queue(tmp_path, "legacy_desktop:DesktopEntry", f"command: '{command}'", orders)
    with robots(url, files, tmp_path / "kept") as made:
        killed_until_done(made, 22, 2, seed=1)
        _, alive = psutil.wait_procs(made.left, timeout=60)

    failed = proved(desk, book, orders, tmp_path / "kept")
    desk.close()
    book.close()
    assert not alive, "displays outlived their robot"
    tell(f"desktop: 50 orders, 2 robots, 22 kills, {failed} attempts failed")
