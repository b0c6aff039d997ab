"""A process in which a robot works at a real queue until nothing is left or somebody kills it: for tests that do.

python -m tests.support.robot_worker DATABASE_URL ROBOTS_FOLDER EVIDENCE_FOLDER HOLDER HURRY
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from deskhand.robots.robots_file import Robots
from deskhand.robots.shift import Shift, Workshop
from deskhand.store.work_item import OVER
from tests.support.desks import NOW, TENANT, FakeClock, open_desk
from tests.support.legacy_erp import SECRETS
from tests.support.robots import FakeVault

ROBOT = "legacy"
LEASE = 60.0
FROM = datetime(2026, 1, 1, tzinfo=NOW.tzinfo)


class Hurry(FakeClock):
    """The machine's clock, so many times as fast: nobody waits for leases and for the next attempt. All agree on it."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self.times = times

    def __call__(self) -> datetime:
        return FROM + timedelta(seconds=(time.time() % 10_000_000) * self.times)


def main(url: str, robots: str, folder: str, holder: str, hurry: str) -> None:
    desk = open_desk(url, Hurry(float(hurry)))
    files = Robots(Path(robots), {})
    shop = Workshop(desk, files, FakeVault(SECRETS), Path(folder), LEASE)
    halt = threading.Event()
    while True:
        Shift(shop, TENANT, files.read(ROBOT), holder, halt).run()
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            if all(item.state in OVER for item in uow.work_items.newest(ROBOT, limit=500)):
                break
        time.sleep(0.2)
    desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
