"""Two robots' processes at one queue, killed (SIGKILL) at any moment: every order is entered, none twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from deskhand.store import Database, Desk, load_tenants
from deskhand.store.work_item import ItemState, WorkItem
from tests.support.desks import ROOT, TENANT, demo_database
from tests.support.robots import FILE

PATIENCE = 1800.0


def started(url: str, folder: Path, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.support.robot_process", url, str(folder), name], cwd=ROOT)


def items(desk: Desk) -> list[WorkItem]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.work_items.newest(limit=1000)


def asked(desk: Desk, references: list[str]) -> None:
    with desk.unit_of_work(TENANT) as uow:
        for each in references:
            uow.work_items.add("legacy_entry", each, {"number": each})
        uow.commit()


def without_evidence(desk: Desk) -> list[str]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return [item.reference for item in uow.work_items.newest(limit=1000) if not uow.robots.evidence_of(item.id)]


def killed_until_done(desk: Desk, url: str, folder: Path, kills: int) -> int:
    """Two processes; whichever has an item is killed and started again; says how often."""
    running, chance, done = {name: started(url, folder, name) for name in ("one", "two")}, random.Random(7), 0
    until = time.monotonic() + PATIENCE
    try:
        while any(item.state is not ItemState.SUCCESSFUL for item in items(desk)):
            assert time.monotonic() < until
            at_work = {item.holder for item in items(desk) if item.state is ItemState.IN_PROGRESS}
            victim = next((name for name in running if name in at_work), None)
            if done < kills and victim is not None:
                time.sleep(chance.uniform(0, 0.1))
                running[victim].kill()
                running[victim].wait()
                running[victim], done = started(url, folder, victim), done + 1
            time.sleep(0.05)
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    return done


@pytest.mark.full
@pytest.mark.parametrize(("kills", "orders"), [(2, 6), (24, 60)], ids=["few", "many"])
def test_whatever_is_killed_every_order_is_entered_once(kills: int, orders: int, tmp_path: Path) -> None:
    (tmp_path / "robots").mkdir()
    more = "places: 2\nattempts: 50\ninput: plain\n"
    (tmp_path / "robots" / "legacy_entry.yml").write_text(FILE.replace("input: order\n", more), encoding="utf-8")
    (tmp_path / "entered.txt").touch()
    url, wanted = demo_database(tmp_path), [f"SO-{number}" for number in range(orders)]

    with closing(Desk(Database.connect(url), load_tenants(ROOT / "tenants"), ROOT / "processes")) as desk:
        asked(desk, wanted)
        assert killed_until_done(desk, url, tmp_path, kills) == kills
        assert without_evidence(desk) == []

    assert sorted((tmp_path / "entered.txt").read_text().split()) == sorted(wanted)  # none missing, none twice
