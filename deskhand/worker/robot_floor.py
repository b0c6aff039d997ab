"""Where robots work in a worker: shifts in threads, one for each place of a robot at a company.

Begun by a look at the queue, and on PostgreSQL by a job that says what to look at. How many sessions there are of a
licence is kept in the database, over all workers. Knows no screen.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from deskhand.orders.errors import TenantNotServed
from deskhand.robots.robots_file import RobotSpec
from deskhand.robots.shift import Shift, Workshop
from deskhand.store import UnitOfWork, new_id
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import ItemState
from deskhand.worker.metrics import Metrics

MOST_SHIFTS = 8
OTHER_CLOCKS = timedelta(seconds=5)  # by how much the database's may be ahead of ours

_log = logging.getLogger(__name__)

Robot = tuple[str, str]  # the company, and what its robot is called


class Floor:
    """All shifts of this worker. `run_once` looks for all robots, `carry` begins what a job speaks of."""

    def __init__(
        self, shop: Workshop, metrics: Metrics, halt: threading.Event | None = None, shifts: int = MOST_SHIFTS
    ) -> None:
        self._shop, self._metrics, self.halt = shop, metrics, halt or threading.Event()
        self._worker = f"worker-{new_id()[-12:]}"
        self._threads = ThreadPoolExecutor(shifts, thread_name_prefix="robot")
        self._lock = threading.Lock()
        self._at_work: dict[tuple[Robot, int], Future[None]] = {}
        self._called: set[Robot] = set()

    async def run_once(self) -> int:
        """Never says that there was something: a robot whose licence others have is begun at the next round."""
        begun = await asyncio.to_thread(self._begin)
        self._metrics.shifts(begun)
        return 0

    async def carry(self, tenant: str, robot: str, item: str | None) -> None:
        """Until the shift is over that was begun for it; at once if nothing is to be done or somebody is at work.

        `item` None: whatever waits for the robot.
        """
        pause = await asyncio.to_thread(self._early, tenant, item)
        await asyncio.sleep(pause)
        begun = await asyncio.to_thread(self._begin_one, tenant, robot, item)
        if begun is not None:
            self._metrics.shifts(1)
            await asyncio.wait([asyncio.wrap_future(begun)])

    async def sweep(self) -> int:
        """Evidence of which no row speaks any more goes from the disk; says of how many items."""
        return await asyncio.to_thread(lambda: sum(map(self._sweep, [*self._shop.desk.tenants])))

    def close(self) -> None:
        """Ends each robot before its next step; what it was at goes back to the queue."""
        self.halt.set()
        self._threads.shutdown(wait=True)

    def _begin(self) -> int:
        waiting = [(tenant, spec) for tenant in [*self._shop.desk.tenants] for spec in self._waiting(tenant)]
        begun = [self._begin_shift(tenant, spec, place) for tenant, spec in waiting for place in range(spec.places)]
        return sum(shift is not None for shift in begun)

    def _waiting(self, tenant: str) -> list[RobotSpec]:
        """The robots that run and have something to do."""
        specs = self._shop.robots.all()
        if not specs:
            return []
        try:
            with self._shop.desk.unit_of_work(tenant, read_only=True) as uow:
                modes = uow.robots.modes()
                running = [spec for spec in specs if modes.get(spec.name, Mode.RUNNING) is Mode.RUNNING]
                return [spec for spec in running if uow.work_items.is_waiting([spec.name])]
        except TenantNotServed:
            return []

    def _early(self, tenant: str, item_id: str | None) -> float:
        """Seconds until the item is due by our clock: a job comes by the database's."""
        try:
            with self._shop.desk.unit_of_work(tenant, read_only=True) as uow:
                item = uow.work_items.get(item_id) if item_id else None
                due = item.not_before if item and item.state is ItemState.NEW else None
                left = due - uow.now if due else timedelta()
        except TenantNotServed:
            return 0.0
        return left.total_seconds() if timedelta() < left <= OTHER_CLOCKS else 0.0

    def _begin_one(self, tenant: str, robot: str, item_id: str | None) -> Future[None] | None:
        spec = next((spec for spec in self._waiting(tenant) if spec.name == robot), None)
        if spec is None or (item_id is not None and not self._is_free(tenant, item_id)):
            return None
        for place in range(spec.places):
            begun = self._begin_shift(tenant, spec, place, called=place == spec.places - 1)
            if begun is not None:
                return begun
        return None

    def _is_free(self, tenant: str, item_id: str) -> bool:
        with self._shop.desk.unit_of_work(tenant, read_only=True) as uow:
            return uow.work_items.is_free(item_id)

    def _begin_shift(self, tenant: str, spec: RobotSpec, place: int, called: bool = False) -> Future[None] | None:
        """None: one is at work there, which is told to look again when it has been `called`."""
        robot = (tenant, spec.name)
        with self._lock:
            if self.halt.is_set():
                return None
            if (robot, place) in self._at_work:
                self._called |= {robot} if called else set()
                return None
            begun = self._threads.submit(self._shifts, robot, spec, place)
            self._at_work[robot, place] = begun
            return begun

    def _shifts(self, robot: Robot, spec: RobotSpec, place: int) -> None:
        """One after another while there was something to do: what came when the last one had looked is not left."""
        holder = f"{self._worker}:{spec.name}:{place}"
        while True:
            worked = self._shift(robot, spec, holder) > 0
            with self._lock:
                again = (worked or robot in self._called) and not self.halt.is_set()
                self._called.discard(robot)
                if not again:
                    del self._at_work[robot, place]
                    return

    def _shift(self, robot: Robot, spec: RobotSpec, holder: str) -> int:
        """How many attempts there were."""
        try:
            return Shift(self._shop, robot[0], spec, holder, self.halt).run()
        except Exception:  # another shift is begun later; its item is taken up when the lease is over
            _log.exception("a robot's shift failed")
            return 0

    def _sweep(self, tenant: str) -> int:
        """By item: one that is not over may have files of an attempt that is still to be told of."""
        here = self._shop.folder / tenant
        folders = [each for each in here.iterdir() if each.is_dir()] if here.is_dir() else []
        with self._shop.desk.unit_of_work(tenant, read_only=True) as uow:
            gone = [each for each in folders if _is_forgotten(uow, each.name)]
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        return len(gone)


def _is_forgotten(uow: UnitOfWork, item_id: str) -> bool:
    item = uow.work_items.get(item_id)
    return (item is None or item.is_over) and not uow.robots.evidence_of(item_id)
