"""A process that has a robot work a queue until it is killed: `... tests.support.robot_process DATABASE FOLDER NAME`.

The system on whose screen it works is a file: a line for each entry. Between the look and the entry time passes, so
that a kill meets every moment.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

from deskhand.robots.outcome import Successful
from deskhand.robots.robots_file import Robots
from deskhand.robots.shift import Shift, Workshop
from deskhand.store import Database, Desk, load_tenants
from deskhand.store.work_item import WorkItem
from tests.support.desks import ROOT, TENANT
from tests.support.robots import PNG, FakeVault

LEASE = 6.0
STEP = 0.02


class FileRobot:
    """Looks the reference up, writes it, reads it back."""

    def __init__(self, entered: Path, session: Any) -> None:
        self.entered, self.session = entered, session

    def start(self) -> None:
        return

    def work(self, item: WorkItem) -> Successful:
        for step in ("look it up", "fill it in", "save it", "read it back"):
            self.session.control.checkpoint(step)
            time.sleep(STEP)
            if step == "save it" and item.reference not in self.entered.read_text().split():
                with self.entered.open("a") as file:
                    file.write(f"{item.reference}\n")
        self.session.evidence.screenshot("end", PNG)
        return Successful({"entered_as": item.reference})

    def end(self) -> None:
        return


class FileRobots(Robots):
    def class_of(self, spec: Any) -> Any:
        return lambda session: FileRobot(self.folder.parent / "entered.txt", session)


def main(url: str, folder: Path, name: str) -> None:
    desk = Desk(Database.connect(url), load_tenants(ROOT / "tenants"), ROOT / "processes")
    robots = FileRobots(folder / "robots", {})
    shop = Workshop(desk, robots, FakeVault({}), folder / "kept", lease=LEASE)
    shift = Shift(shop, TENANT, robots.read("legacy_entry"), name, threading.Event())
    while True:
        shift.run(most=3)
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
