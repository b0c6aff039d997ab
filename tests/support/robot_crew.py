"""A worker that has nothing but robots, until it is killed: `... tests.support.robot_crew DATABASE FOLDER`.

Put together as the real one; only the system on whose screen its robot works is a file.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from deskhand.robots.shift import Workshop
from deskhand.store import Database, Desk, load_tenants
from deskhand.worker.metrics import Metrics
from deskhand.worker.robot_floor import Floor
from deskhand.worker.service import screens_of
from deskhand.worker.settings import Settings
from tests.support.desks import ROOT
from tests.support.robot_process import FileRobots
from tests.support.robots import FakeVault

LEASE = 2.0


async def main(url: str, folder: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    desk = Desk(Database.connect(url), load_tenants(ROOT / "tenants"), ROOT / "processes")
    shop = Workshop(desk, FileRobots(folder / "robots", {}), FakeVault({}), folder / "kept", lease=LEASE)
    metrics = Metrics()
    floor = Floor(shop, metrics)
    screens = screens_of(desk, Settings(url), metrics, floor)
    async with asyncio.TaskGroup() as running:
        for each in screens:
            running.create_task(each.run(stop))
        await stop.wait()
        floor.halt.set()
    await asyncio.to_thread(floor.close)
    desk.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
