"""The worker serves every company of the moment: new ones at once, and one's failure is nobody else's."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deskhand.documents import Stationery
from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.errors import TenantNotServed
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import Tenant
from deskhand.store import Database, Desk, load_tenants
from deskhand.store.demo import load_demo
from deskhand.store.known_tenants import REMOVE, TAKE_UP
from deskhand.worker.backoff import Backoff
from deskhand.worker.duties import Duties
from deskhand.worker.outbox_folder import OutboxFolder
from deskhand.worker.rounds import Rounds
from tests.support.desks import ROOT

A, B, C = Tenant("a", "A"), Tenant("b", "B"), Tenant("c", "C")


class Watch:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Work:
    """Fails for some; remembers for whom it was called."""

    def __init__(self, **failures: Exception) -> None:
        self.failures = failures
        self.called: list[str] = []

    async def __call__(self, tenant: Tenant) -> int:
        self.called.append(tenant.id)
        if tenant.id in self.failures:
            raise self.failures[tenant.id]
        return 1


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def rounds(watch: Watch) -> Rounds:
    return Rounds("work", Backoff(first=10.0, longest=100.0), watch)


async def test_what_fails_for_one_company_is_done_for_the_others(
    rounds: Rounds, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(b=RuntimeError("b's data are odd"))

    with caplog.at_level(logging.ERROR):
        assert await rounds.run([A, B, C], work) == 2

    assert work.called == ["a", "b", "c"]
    assert "tenant b" in caplog.text and "b's data are odd" in caplog.text


async def test_a_company_that_fails_waits_and_is_tried_again(rounds: Rounds, watch: Watch) -> None:
    work = Work(b=RuntimeError())
    await rounds.run([A, B], work)
    await rounds.run([A, B], work)
    assert work.called == ["a", "b", "a"]

    watch.now += 10
    work.failures.clear()
    await rounds.run([A, B], work)
    await rounds.run([A, B], work)

    assert work.called == ["a", "b", "a", "a", "b", "a", "b"]


async def test_a_failure_for_everybody_is_the_round_s_own(rounds: Rounds) -> None:
    work = Work(a=RuntimeError("first"), b=RuntimeError("no database"))

    for _ in range(2):
        with pytest.raises(RuntimeError, match="no database"):
            await rounds.run([A, B], work)
    assert work.called == ["a", "b"] * 2


async def test_a_company_that_is_removed_in_the_midst_of_a_round_is_no_failure(rounds: Rounds) -> None:
    assert await rounds.run([A, B], Work(b=TenantNotServed(tenant="b"))) == 1
    assert await rounds.run([B], Work(b=TenantNotServed(tenant="b"))) == 0


class Watched:
    """A desk over a folder of files; `look` makes it look at them."""

    def __init__(self, folder: Path) -> None:
        self.watch = Watch()
        self.files = folder / "tenants"
        self.files.mkdir()
        self.write("demo", "Demo")
        database = Database.connect(f"sqlite:///{folder / 'desk.db'}")
        database.migrate()
        tenants = load_tenants(self.files, ROOT / "processes", self.watch)
        self.desk = Desk(database, tenants, ROOT / "processes")

    def write(self, name: str, said: str) -> None:
        file = self.files / f"{name}.yml"
        file.write_text(f"name: {said}", encoding="utf-8")
        os.utime(file, ns=(0, int(self.watch.now * 10**9)))

    def look(self) -> None:
        self.watch.now += 10
        len(self.desk.tenants)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    yield made
    made.desk.close()


async def test_a_company_that_comes_while_the_worker_runs_is_served_and_noted(watched: Watched) -> None:
    duties = Duties(watched.desk)
    assert await duties.note_tenants() == 1
    watched.write("acme", "Acme")
    watched.look()
    load_demo(watched.desk, "acme")
    clerk = Actor("clerk", Role.SALES, "acme", "http", "c")
    watched.desk.handle(PlaceOrder("huaxing", (NewLine("PAPER-A4", Decimal(1), "box"),)), clerk)

    assert await duties.project() > 0
    assert await duties.note_tenants() == 1

    with watched.desk.unit_of_work("acme") as uow:
        assert uow.notifications.latest_seq() > 0
        assert [row.action for row in uow.audit.list(target="acme")] == [TAKE_UP]


async def test_a_company_that_goes_is_noted_and_a_broken_file_is_no_going(watched: Watched) -> None:
    duties = Duties(watched.desk)
    watched.write("acme", "Acme")
    watched.look()
    await duties.note_tenants()

    watched.write("acme", "[")
    watched.look()
    assert await duties.note_tenants() == 0

    (watched.files / "acme.yml").unlink()
    watched.look()
    watched.look()
    assert await duties.note_tenants() == 1

    watched.write("acme", "Acme")
    watched.look()
    with watched.desk.unit_of_work("acme") as uow:
        assert [row.action for row in uow.audit.list(target="acme")] == [REMOVE, TAKE_UP]


def test_two_companies_documents_with_the_same_number_lie_apart(tmp_path: Path) -> None:
    folder = OutboxFolder(tmp_path)

    paths = {folder.write(tenant, "INV-1001-1.pdf", tenant.encode()) for tenant in ("acme", "acme-2", "demo")}

    assert len(paths) == 3
    assert {path.read_bytes().decode() for path in paths} == {path.parent.name for path in paths}


def test_a_new_company_s_letterhead_is_there_without_a_restart(tmp_path: Path) -> None:
    stationery = Stationery.load(ROOT / "processes" / "order_to_cash", tmp_path)
    assert stationery.letterhead("acme", "Acme", "en").name == "Acme"

    (tmp_path / "letterheads").mkdir()
    (tmp_path / "letterheads" / "acme.yml").write_text("name: {zh: 阿克米, en: Acme Ltd}", encoding="utf-8")

    assert stationery.letterhead("acme", "Acme", "zh").name == "阿克米"
    assert stationery.letterhead("demo", "Demo", "zh").name == "Demo"
