"""The real worker process: started, killed at any moment, stopped. Nothing is lost and nothing is sent twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from urllib.request import urlopen

import pytest
from aiosmtpd.controller import Controller

from deskhand.store import Database, Desk, load_tenants
from deskhand.store.demo import load_demo
from tests.support.deskhand import free_ports, until
from tests.support.desks import FakeClock
from tests.support.postgres import NoPostgres, postgres_server
from tests.worker.conftest import ROOT, House, Postbox

ORDERS = 8
KILLS = 6


@dataclass
class RealWorker:
    """`python -m deskhand.worker` over a database of this test's own."""

    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    killed: int = field(default=0)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deskhand.worker"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def stop(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(120)

    def ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.environment['WORKER_PORT']}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    (port,) = free_ports(1)
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    box.url = f"smtp://127.0.0.1:{port}"
    yield box
    controller.stop()


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    """The demo without an undo window: nothing to wait for."""
    folder = tmp_path / "tenants"
    shutil.copytree(ROOT / "tenants", folder)
    file = folder / "demo.yml"
    file.write_text(file.read_text().replace("undo_window_seconds: 15", "undo_window_seconds: 0"))
    return folder


@pytest.fixture
def database_url(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLite, or a PostgreSQL of the test's own when the test asks for it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'real.db'}"
        return
    try:
        with postgres_server() as url:
            yield url
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture
def real_house(tmp_path: Path, tenants: Path, clock: FakeClock, database_url: str) -> Iterator[House]:
    """Real time: the worker has its own clock."""
    database = Database.connect(database_url)
    database.migrate()
    desk = Desk(database, load_tenants(tenants), ROOT / "processes")
    load_demo(desk)
    yield House(desk, clock, tmp_path / "outbox")
    database.close()


@pytest.fixture
def workers(
    tmp_path: Path, tenants: Path, real_house: House, postbox: Postbox, database_url: str
) -> Iterator[Callable[[], RealWorker]]:
    """Makes workers over the same database, not yet started."""
    made: list[RealWorker] = []
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "WORKER_LEASE_SECONDS": "2",
        "DESKHAND_TENANTS_DIR": str(tenants),
        "DESKHAND_OUTBOX_DIR": str(real_house.outbox),
        "SMTP_URL": postbox.url,
        "LLM_URL": "",
    }

    def make() -> RealWorker:
        (port,) = free_ports(1)
        made.append(RealWorker({**environment, "WORKER_PORT": str(port)}, tmp_path / f"worker-{len(made)}.log"))
        return made[-1]

    yield make
    for worker in made:
        if worker.process is not None and worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait()


@pytest.fixture
def worker(workers: Callable[[], RealWorker]) -> RealWorker:
    return workers()


def test_the_worker_gets_ready_and_stops_cleanly_when_told(worker: RealWorker) -> None:
    worker.start()
    until(worker.ready, 240, "the worker is ready")

    assert worker.stop(signal.SIGTERM) == 0
    assert "worker stopped" in worker.log.read_text()


def test_killed_at_any_moment_it_sends_each_invoice_once(
    worker: RealWorker, real_house: House, postbox: Postbox
) -> None:
    """The moments are chosen by what has been done so far, so that each kill falls into the work."""
    numbers = [real_house.confirm() for _ in range(ORDERS)]

    for kill in range(KILLS):
        worker.start()
        reached = _progress(real_house, kill)
        until(lambda done=reached: done(real_house.files(), postbox), 240, f"kill {kill} has its moment")
        time.sleep(random.uniform(0, 0.15))
        worker.stop(signal.SIGKILL)
    worker.start()
    until(lambda: worker.ready() and _waiting(real_house) == 0, 240, "everything is carried")
    assert worker.stop(signal.SIGTERM) == 0

    _sent_once(real_house, postbox, numbers)
    assert len(postbox.messages) <= ORDERS + KILLS  # a kill between the server's yes and our mark: the same Message-ID


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_several_workers_on_postgresql_share_the_work_though_one_is_killed(
    workers: Callable[[], RealWorker], real_house: House, postbox: Postbox
) -> None:
    numbers = [real_house.confirm() for _ in range(3 * ORDERS)]
    crew = [workers() for _ in range(3)]

    for worker in crew:
        worker.start()
    until(lambda: len(postbox.messages) >= 2, 240, "they are at work")
    crew[0].stop(signal.SIGKILL)
    until(
        lambda: all(worker.ready() for worker in crew[1:]) and _waiting(real_house) == 0, 240, "everything is carried"
    )  # fmt: skip
    assert [worker.stop(signal.SIGTERM) for worker in crew[1:]] == [0, 0]

    _sent_once(real_house, postbox, numbers)


def _sent_once(house: House, postbox: Postbox, numbers: list[str]) -> None:
    """One invoice, one set of files and one message (by its id) for each order."""
    invoices = [house.order(number).invoice for number in numbers]
    assert [invoice and invoice.sent_count for invoice in invoices] == [1] * len(numbers)
    names = {f"{invoice.number}-1" for invoice in invoices if invoice}
    assert set(house.files()) == {f"{name}.{kind}" for name in names for kind in ("html", "pdf", "eml", "sent")}
    ids = Counter(message_from_bytes(envelope.content)["Message-ID"] for envelope in postbox.messages)
    assert set(ids) == {f"<demo.{name}@localhost>" for name in names}


def _progress(house: House, kill: int) -> Callable[[list[str], Postbox], bool]:
    """A moment of the work: something counted, a file written, a message taken."""
    goals: list[Callable[[list[str], Postbox], bool]] = [
        lambda files, box: _waiting(house, "invoice") < ORDERS,
        lambda files, box: any(name.endswith(".html") for name in files),
        lambda files, box: any(name.endswith(".pdf") for name in files),
        lambda files, box: len(box.messages) >= 1,
        lambda files, box: len(box.messages) >= 2,
        lambda files, box: sum(name.endswith(".sent") for name in files) >= 3,
    ]
    return goals[kill]


def _waiting(house: House, consumer: str | None = None) -> int:
    with house.desk.unit_of_work("demo", read_only=True) as uow:
        return uow.outbox.waiting(consumer)
