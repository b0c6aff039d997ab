"""Procrastinate on a real PostgreSQL: a robot's item wakes a worker, and is done once whatever happens to its job."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from deskhand.robots.outcome import SystemException
from deskhand.store import Database, Desk, load_tenants
from deskhand.store.database import alembic_config, utc_now
from deskhand.store.repositories.robots import Mode
from deskhand.store.robot_jobs import QUEUE, WORK, listening
from deskhand.store.work_item import ItemState, WorkItem
from deskhand.worker import robot_jobs
from deskhand.worker.metrics import Metrics
from deskhand.worker.robot_floor import Floor
from deskhand.worker.robot_jobs import RobotJobs
from tests.support.desks import ADMIN, CLERK, ROOT, TENANT, database_url, postgres_template
from tests.support.robots import FILE, FakeRobot, House

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgres"], indirect=True)]
__all__ = ["database_url", "postgres_template"]
PATIENCE = 90.0
HOUR = 3600.0
TABLES = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"  # of Procrastinate 3.10


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """By the real clock, as the database has it."""
    made = Desk(Database.connect(database_url), load_tenants(ROOT / "tenants"), ROOT / "processes")
    yield made
    made.close()


@pytest.fixture
def house(desk: Desk, tmp_path: Path) -> House:
    return House(desk, tmp_path)


@pytest.fixture
def told_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for jobs while the test lasts: whoever does something has been told."""
    monkeypatch.setattr(robot_jobs, "DUE_SECONDS", HOUR)


def jobs(desk: Desk) -> list[Mapping[str, Any]]:
    """Those of items, as they lie there."""
    query = text("SELECT * FROM deskhand_jobs.procrastinate_jobs WHERE task_name = :work ORDER BY id")
    with desk.database.transaction(read_only=True) as connection:
        return [dict(row) for row in connection.execute(query, {"work": WORK}).mappings()]


@asynccontextmanager
async def carried(house: House, workers: int = 1) -> AsyncIterator[list[Floor]]:
    """So many workers with jobs alone: nobody looks at the items' table."""
    stop, floors = asyncio.Event(), [Floor(house.shop, Metrics()) for _ in range(workers)]
    carriers = [RobotJobs(house.desk, floor, Metrics()) for floor in floors]
    running = [asyncio.create_task(each.run(stop)) for each in carriers]
    await until(lambda: all(each.healthy for each in carriers))
    try:
        yield floors
    finally:
        stop.set()
        for floor in floors:
            floor.halt.set()
        await asyncio.gather(*running)
        for floor in floors:
            await asyncio.to_thread(floor.close)
    assert not any(each.healthy for each in carriers)


async def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


def is_done(house: House, *references: str) -> Callable[[], bool]:
    return lambda: all(house.item(each).state is ItemState.SUCCESSFUL for each in references)


def test_a_job_is_written_with_its_item_and_goes_with_it(house: House) -> None:
    due = utc_now() + timedelta(hours=1)

    with house.desk.unit_of_work(TENANT) as uow:
        uow.work_items.add("legacy_entry", "SO-0", {})
    house.add("SO-1")
    house.add("SO-2", not_before=due, priority=7)
    house.add("SO-1")

    said = [(job["args"]["item"], job["priority"], job["scheduled_at"], str(job["status"])) for job in jobs(house.desk)]
    assert said == [(house.item("SO-1").id, 0, None, "todo"), (house.item("SO-2").id, 7, due, "todo")]


def test_what_is_done_with_an_item_in_one_transaction_is_done_though_its_job_is_there(house: House) -> None:
    """The lock of a job is found out by a failed statement, which must not take the rest with it."""
    (item,) = house.add("SO-1")

    with house.desk.unit_of_work(TENANT) as uow:
        assert uow.work_items.stop(item.id, "clerk") is not None
        assert uow.work_items.again(item.id, priority=3)
        uow.commit()

    assert (house.item("SO-1").state, house.item("SO-1").priority) == (ItemState.NEW, 3)
    assert len(jobs(house.desk)) == 1


def test_what_is_put_back_has_a_job_for_its_time(house: House) -> None:
    def fails(*_: object) -> None:
        raise SystemException("page_failed", "no answer")

    house.system.happens = fails
    house.add("SO-1")

    house.shift().run()

    assert [job["scheduled_at"] for job in jobs(house.desk)] == [None, house.item("SO-1").not_before]


async def test_a_worker_is_woken_by_what_is_asked(house: House, told_alone: None) -> None:
    async with carried(house):
        house.add("SO-1")
        await until(is_done(house, "SO-1"))
        house.add("SO-2")
        await until(is_done(house, "SO-2"))

    assert house.system.entered == ["SO-1", "SO-2"]
    assert {str(job["status"]) for job in jobs(house.desk)} == {"succeeded"}


async def test_what_is_due_later_is_begun_then(house: House) -> None:
    due = utc_now() + timedelta(seconds=2)
    begun: list[Any] = []
    house.system.happens = lambda *_: begun.append(utc_now())
    house.add("SO-1", not_before=due)

    async with carried(house):
        await until(is_done(house, "SO-1"))

    assert len(begun) == 1
    assert begun[0] >= due


async def test_what_failed_is_tried_again_by_its_job(house: House) -> None:
    def fails_at_first(item: WorkItem, _: object) -> None:
        if item.attempts == 1:
            raise SystemException("page_failed", "no answer")

    house.system.happens = fails_at_first
    house.add("SO-1")

    async with carried(house):
        await until(is_done(house, "SO-1"))

    assert house.item("SO-1").attempts == 2


async def test_a_robot_that_runs_again_is_woken(house: House, told_alone: None) -> None:
    with house.desk.unit_of_work(TENANT) as uow:
        house.queue.switch(uow, ADMIN, "legacy_entry", Mode.PAUSED)
        uow.commit()

    async with carried(house):
        house.add("SO-1")
        await until(lambda: [str(job["status"]) for job in jobs(house.desk)] == ["succeeded"])
        assert house.item("SO-1").state is ItemState.NEW
        with house.desk.unit_of_work(TENANT) as uow:
            house.queue.switch(uow, ADMIN, "legacy_entry", Mode.RUNNING)
            uow.commit()
        await until(is_done(house, "SO-1"))


async def test_what_is_asked_while_a_robot_is_at_work_is_not_left(house: House, told_alone: None) -> None:
    """Each entry asks for the next one, so that its job meets the shift at every point, its end too."""
    wanted = [f"SO-{number}" for number in range(30)]

    def asks_for_more(item: WorkItem, _: object) -> None:
        following = wanted[wanted.index(item.reference) + 1 :][:1]
        house.add(*following)

    house.system.happens = asks_for_more
    async with carried(house):
        house.add(wanted[0])
        await until(lambda: len(house.system.entered) == len(wanted))

    assert house.system.entered == wanted


@pytest.mark.parametrize("places", [1, 2])
async def test_two_workers_share_twenty_items(desk: Desk, tmp_path: Path, places: int) -> None:
    house = House(desk, tmp_path, more=f"places: {places}\n")
    wanted = [f"SO-{number}" for number in range(20)]

    async with carried(house, workers=2):
        house.add(*wanted)
        await until(is_done(house, *wanted))

    assert sorted(house.system.entered) == sorted(wanted)
    assert house.system.most_sessions <= places


async def test_a_worker_that_stops_puts_back_what_it_is_at(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRobot, "settles", 0.0, raising=False)
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def takes_long(_: WorkItem, session: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        session.control.wait(PATIENCE)

    house.system.happens = takes_long
    house.add("SO-1")

    async with carried(house):
        await begun.wait()

    assert (house.item("SO-1").state, house.system.entered) == (ItemState.NEW, [])
    house.system.happens = lambda *_: None
    async with carried(house):
        await until(is_done(house, "SO-1"))


async def test_connections_that_break_are_opened_anew(house: House) -> None:
    async with carried(house):
        with house.desk.database.transaction() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))
        house.add("SO-1")
        await until(is_done(house, "SO-1"))


async def test_jobs_of_a_dead_worker_are_over_and_what_is_over_goes_after_a_day(house: House) -> None:
    house.add("SO-1", "SO-2", "SO-3")
    dead = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    with house.desk.database.transaction() as connection:
        connection.execute(text("SET LOCAL search_path TO deskhand_jobs"))
        worker = connection.execute(text(dead)).scalar()
        fetched = text("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['robots'], :worker)")
        stalled, old = (connection.execute(fetched, {"worker": worker}).scalar() for _ in range(2))
        finish = "SELECT procrastinate_finish_job_v1(:job, 'succeeded', false)"
        connection.execute(text(finish), {"job": old})
        age = "UPDATE procrastinate_events SET at = at - interval '2 days' WHERE job_id = :job"
        connection.execute(text(age), {"job": old})

    async with listening(house.desk.database.engine).open_async() as app:
        await robot_jobs._tidy(app)

    left = {job["id"]: str(job["status"]) for job in jobs(house.desk)}
    assert left.pop(stalled) == "failed"
    assert old not in left
    assert list(left.values()) == ["todo"]


def started(url: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.support.robot_crew", url, str(folder)], cwd=ROOT)


async def test_what_a_killed_worker_was_at_is_done_once_by_another(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "robots").mkdir()
    file = FILE.replace("input: order\n", "places: 2\nattempts: 50\ninput: plain\n")
    (tmp_path / "robots" / "legacy_entry.yml").write_text(file, encoding="utf-8")
    (tmp_path / "entered.txt").touch()
    wanted = [f"SO-{number}" for number in range(20)]

    def items() -> list[WorkItem]:
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            return uow.work_items.newest(limit=100)

    crew = [started(database_url, tmp_path)]
    try:
        with desk.unit_of_work(TENANT) as uow:
            for each in wanted:
                uow.work_items.add("legacy_entry", each, {"number": each})
            uow.commit()
        await until(lambda: any(item.state is ItemState.IN_PROGRESS for item in items()))
        crew[0].kill()
        crew[0].wait()
        crew.append(started(database_url, tmp_path))
        await until(lambda: all(item.state is ItemState.SUCCESSFUL for item in items()))
        crew[1].terminate()
        assert await asyncio.to_thread(crew[1].wait) == 0
    finally:
        for each in crew:
            each.kill()
            each.wait()

    assert sorted((tmp_path / "entered.txt").read_text().split()) == sorted(wanted)


def test_the_tables_are_the_library_s_and_go_with_the_migration(desk: Desk) -> None:
    """Fails when the library has other tables than migration 0023 has made: then a migration is due."""
    assert hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest() == TABLES

    seen = []
    for go, version in ((alembic.command.downgrade, "0022"), (alembic.command.upgrade, "head")):
        with desk.database.transaction() as connection:
            go(alembic_config(connection), version)
            seen.append(connection.execute(text("SELECT to_regclass('deskhand_jobs.procrastinate_jobs')")).scalar())

    assert seen == [None, "deskhand_jobs.procrastinate_jobs"]


def test_a_company_sees_no_more_of_jobs_than_ids(house: House) -> None:
    house.add("SO-1")
    (job,) = jobs(house.desk)

    assert job["queue_name"] == QUEUE
    assert job["args"] == {"tenant": TENANT, "robot": "legacy_entry", "item": house.item("SO-1").id}
    assert CLERK.user_id not in str(job)
