"""Procrastinate's worker inside ours, on PostgreSQL: a robot's job wakes the floor at once, or when it is due.

Stops with the worker, begins anew when the database was away, ends the jobs of workers that died, and takes out what
is over after a day. Knows no item: the floor looks.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from deskhand.store import Desk
from deskhand.store.robot_jobs import QUEUE, WORK, listening
from deskhand.worker.backoff import Backoff
from deskhand.worker.loops import pause
from deskhand.worker.metrics import Metrics
from deskhand.worker.robot_floor import MOST_SHIFTS, Floor

if TYPE_CHECKING:
    from procrastinate import App

DUE_SECONDS = 1.0  # how often it is looked for jobs that have become due; of new ones it is told
KEPT_HOURS = 24
EACH_MINUTE = "* * * * *"
TIDY = "tidy"
_GRACE_SECONDS = 20  # for shifts to end before their next step

_log = logging.getLogger(__name__)


class RobotJobs:
    """One of the worker's loops."""

    name = "robot jobs"

    def __init__(self, desk: Desk, floor: Floor, metrics: Metrics) -> None:
        self._desk, self._floor, self._metrics = desk, floor, metrics
        self._pause = Backoff(first=0.5, longest=30.0)
        self._failures = 0
        self.healthy = False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: jobs at work are finished first."""
        while not stop.is_set():
            try:
                await self._carry(stop)
            except Exception:  # the database is away: it is tried again, later each time
                self._failures += 1
                self._metrics.round(self.name, None)
                _log.exception("%s: failed", self.name)
                await pause(stop, self._pause.delay(self._failures).total_seconds())
            finally:
                self.healthy = False

    async def _carry(self, stop: asyncio.Event) -> None:
        app = self._with_tasks(listening(self._desk.database.engine))
        async with app.open_async():
            carrying = asyncio.create_task(_until_stopped(app))
            stopped = asyncio.create_task(stop.wait())
            self.healthy, self._failures = True, 0
            await asyncio.wait({carrying, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            carrying.cancel()
            await asyncio.wait({carrying})
        if not stop.is_set():
            raise ConnectionError("jobs are no longer carried") from _why(carrying)

    def _with_tasks(self, app: App) -> App:
        """The library passes a job's arguments by name."""

        @app.task(name=WORK, queue=QUEUE)
        async def work(tenant: str, robot: str, item: str | None) -> None:
            await self._floor.carry(tenant, robot, item)

        @app.periodic(cron=EACH_MINUTE)
        @app.task(name=TIDY, queue=QUEUE, queueing_lock=TIDY)
        async def tidy(timestamp: int) -> None:
            await _tidy(app)

        return app


async def _tidy(app: App) -> None:
    """A job of a worker that died is over; its item is taken by whoever looks when the lease is out."""
    from procrastinate.jobs import Status

    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE):
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    ended = {"include_failed": True, "include_cancelled": True, "include_aborted": True}
    await app.job_manager.delete_old_jobs(KEPT_HOURS, QUEUE, **ended)


async def _until_stopped(app: App) -> None:
    await app.run_worker_async(
        queues=[QUEUE],
        concurrency=MOST_SHIFTS,
        fetch_job_polling_interval=DUE_SECONDS,
        shutdown_graceful_timeout=_GRACE_SECONDS,
        install_signal_handlers=False,
    )


def _why(ended: asyncio.Task[None]) -> BaseException | None:
    return None if ended.cancelled() else ended.exception()
