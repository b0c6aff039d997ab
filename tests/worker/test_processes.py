"""The worker takes over the folders of a new company, follows what is published, and tells of drafts once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from deskhand.orders.process import NAME
from deskhand.store import Desk
from deskhand.store.publishing import take_over
from deskhand.worker.duties import Duties
from tests.support.desks import TENANT, demo_database, open_desk
from tests.support.versions import SAME, draft, published


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(demo_database(tmp_path))
    yield opened
    opened.close()


def stored(desk: Desk) -> list[tuple[str, int, str]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return [(row.process, row.version, row.state) for row in uow.process_versions.list(NAME)]


async def test_a_company_of_which_nothing_is_stored_begins_with_the_folders(desk: Desk) -> None:
    duties = Duties(desk)

    taken = await duties.follow_processes()

    assert taken == 2 * len(desk.versions.laid)  # of two companies
    assert stored(desk) == [(NAME, 1, "published")]
    assert await duties.follow_processes() == 0


async def test_what_another_service_has_published_is_taken_up(desk: Desk, tmp_path: Path) -> None:
    duties, publisher = Duties(desk), open_desk(str(desk.database.engine.url))
    await duties.follow_processes()
    published(publisher, draft(publisher, SAME))
    publisher.close()
    before = desk.versions.active(TENANT).version

    await duties.follow_processes()

    assert (before, desk.versions.active(TENANT).version) == (1, 2)


async def test_a_draft_that_nobody_published_is_told_once_with_the_command(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    take_over(desk, TENANT)
    laid = desk.versions.laid[NAME]
    desk.versions.laid[NAME] = type(laid)(1, draft(desk, SAME), laid.process, laid.texts)
    duties = Duties(desk)

    with caplog.at_level(logging.WARNING, "deskhand.worker.duties"):
        await duties.follow_processes()
        await duties.follow_processes()

    assert [record.getMessage() for record in caplog.records] == [
        f"{TENANT}: the folder of {NAME} is not version 1, which runs: deskhand process publish {NAME}"
    ]
