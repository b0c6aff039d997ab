"""What a robot has read off a screen is imported: once, in the name of whoever asked, without what is ours already."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskhand.erp.jobs import ImportPlaces, Imports
from deskhand.orders.status import OrderStatus
from deskhand.robots.outcome import Successful
from deskhand.robots.settling import Ended, settle
from deskhand.store import Desk
from deskhand.store.repositories.import_jobs import ImportJob, JobState
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.metrics import Metrics
from deskhand.worker.robot_rows import RobotRows
from deskhand.worker.robots import OutcomeConsumer
from tests.support.desks import CLERK, TENANT, placing
from tests.support.robots import House

FEEDS = "feeds: {source: legacy, own: reference, start_status: pending_confirmation}\n"


def row(document: str, reference: str, sku: str = "PAPER-A4") -> dict[str, str]:
    """As the robot that fetches the old ERP's orders reads them."""
    return {
        "document": document, "reference": reference, "customer": "华星科技有限公司", "ordered_on": "13.03.2026",
        "deliver_on": "20.03.2026", "delivery": "Courier", "address": "上海市浦东新区张江路1号", "remark": "",
        "total": "50.00", "sku": sku, "description": "A4 paper", "quantity": "2", "unit": "pack", "price": "25.00",
    }  # fmt: skip


class Shop:
    """A robot that reads, the worker's part in what becomes of it, and the imports."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.house = desk, House(desk, folder, FEEDS)
        self.file = self.house.files / "legacy_entry.yml"
        self.file.write_text(self.file.read_text(encoding="utf-8").replace("input: order", "input: plain"))
        self.imports = Imports.at(desk, ImportPlaces(folder / "imports", folder / "erp", {}))
        self.rows = RobotRows(self.imports, self.house.robots)
        self.dispatcher = Dispatcher(desk, OutcomeConsumer(desk, self.rows), Metrics(), 60)

    async def read(self, reference: str, rows: list[dict[str, str]], owner: str = "clerk", **said: str) -> None:
        """A robot has done its item, and its outcome is heard."""
        with self.desk.unit_of_work(TENANT) as uow:
            uow.work_items.add("legacy_entry", reference, {"number": reference, **said}, owner=owner)
            uow.commit()
        with self.desk.unit_of_work(TENANT) as uow:
            item = uow.work_items.claim("legacy_entry", "one", 60, 9)
            assert item is not None
            done = Successful({"rows": rows, "count": len(rows)})
            assert settle(uow, self.house.robots.read("legacy_entry"), item, Ended(done))
            uow.commit()
        await self.dispatcher.run_once()

    def jobs(self) -> list[ImportJob]:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            return list(uow.import_jobs.list())


@pytest.fixture
def shop(desk: Desk, tmp_path: Path) -> Shop:
    return Shop(desk, tmp_path)


async def test_what_was_read_is_imported_as_orders_of_that_system(shop: Shop) -> None:
    await shop.read("today", [row("L000007", "PO-9"), row("L000007", "PO-9", "STP-24"), row("L000008", "PO-10")])

    (job,) = shop.jobs()
    assert (job.state, job.user_id, job.wanted["source"]) == (JobState.WAITING, "clerk", "legacy")
    assert shop.imports.work(TENANT) == 1
    (job,) = shop.jobs()
    assert job.state is JobState.DONE and job.report is not None, job
    assert job.report["orders"] == 2, job.report


async def test_the_same_outcome_heard_twice_begins_one_import(shop: Shop) -> None:
    await shop.read("today", [row("L000007", "PO-9")])
    with shop.desk.unit_of_work(TENANT) as uow:
        assert shop.rows.fed(uow, shop.house.item("today")) is None
        uow.commit()

    assert len(shop.jobs()) == 1


async def test_what_a_robot_of_ours_has_entered_there_does_not_come_back(shop: Shop) -> None:
    order = shop.desk.handle(placing(), CLERK).order
    assert order is not None

    await shop.read("today", [row("L000001", order.number)])

    assert shop.jobs() == []


async def test_whoever_may_not_import_has_nothing_imported_and_it_is_noted(shop: Shop) -> None:
    await shop.read("today", [row("L000007", "PO-9")], owner="customer")

    assert shop.jobs() == []
    with shop.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert any((each.action, each.outcome) == ("FeedImport", "refused") for each in uow.audit.list(5))


async def test_a_robot_that_feeds_nothing_begins_no_import(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text(encoding="utf-8").replace(FEEDS, ""))

    await shop.read("today", [row("L000007", "PO-9")])

    assert shop.jobs() == []


@pytest.fixture
def source(shop: Shop) -> Path:
    """The robot is where a company's orders come from, and its own file feeds nothing."""
    shop.file.write_text(shop.file.read_text(encoding="utf-8").replace(FEEDS, ""))
    folder = shop.file.parents[1] / "erp" / "sources"
    folder.mkdir(parents=True)
    file = folder / "legacy.yml"
    file.write_text("tenant: demo\nsource: legacy\nrobot: legacy_entry\nstart_status: pending_confirmation\n")
    return file


async def test_what_was_read_for_a_source_of_imports_waits_for_a_yes(shop: Shop, source: Path) -> None:
    await shop.read("today", [row("L000007", "PO-9"), row("L000008", "PO-10")], import_source="legacy")

    (job,) = shop.jobs()
    assert (job.state, job.user_id, job.wanted["source"]) == (JobState.READY, "clerk", "legacy"), job.problem
    assert job.preview is not None
    assert (job.preview["good"], job.preview["refused"]) == (2, 0)
    assert shop.imports.work(TENANT) == 0
    with shop.desk.unit_of_work(TENANT) as uow:
        shop.imports.agree(uow, CLERK, job.id)
        uow.commit()
    assert shop.imports.work(TENANT) == 1
    with shop.desk.unit_of_work(TENANT, read_only=True) as uow:
        found = [order for order in uow.orders.list().items if order.source == "legacy"]
    assert sorted(str(order.external_number) for order in found) == ["L000007", "L000008"]
    assert {order.status for order in found} == {OrderStatus.PENDING_CONFIRMATION}


async def test_an_outcome_that_is_heard_again_asks_once(shop: Shop, source: Path) -> None:
    await shop.read("today", [row("L000007", "PO-9")], import_source="legacy")

    shop.rows.look(TENANT, shop.house.item("today").id)

    assert len(shop.jobs()) == 1


async def test_a_source_that_is_gone_meanwhile_is_an_import_that_failed(shop: Shop, source: Path) -> None:
    source.unlink()

    await shop.read("today", [row("L000007", "PO-9")], import_source="legacy")

    (job,) = shop.jobs()
    assert job.state is JobState.FAILED
    assert job.problem is not None and "there is no source legacy" in str(job.problem["about"])


async def test_rows_that_nobody_may_import_are_noted_and_kept_nowhere(shop: Shop, source: Path) -> None:
    await shop.read("today", [row("L000007", "PO-9")], owner="customer", import_source="legacy")

    assert shop.jobs() == []
    with shop.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert any((each.action, each.outcome) == ("FeedImport", "refused") for each in uow.audit.list(5))
