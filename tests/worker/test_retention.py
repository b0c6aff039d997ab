"""The worker's duty to forget: for every company by its own rule, until nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.orders.tenant import Retention
from deskhand.store import Desk
from deskhand.store.privacy import RasaConversations
from deskhand.worker.duties import Duties
from tests.support.desks import OTHER_TENANT, TENANT, FakeClock, demo_database, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(demo_database(tmp_path), FakeClock())
    rules = {TENANT: Retention(messages_days=30), OTHER_TENANT: Retention(messages_days=None)}
    desk.tenants = {name: replace(desk.tenants[name], retention=rule) for name, rule in rules.items()}
    yield desk
    desk.close()


def messages_of(desk: Desk, tenant: str) -> int:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return sum(len(uow.messages.after(talk.id, 0)) for talk in uow.conversations.list())


async def test_each_company_forgets_by_its_own_days(desk: Desk, tmp_path: Path) -> None:
    for tenant in (TENANT, OTHER_TENANT):
        with desk.unit_of_work(tenant) as uow:
            talk = uow.conversations.start("somebody", "chat")
            uow.messages.add_outbound(talk.id, None, [{"text": "hello"}])
            uow.commit()
    clock = desk.clock
    assert isinstance(clock, FakeClock)
    clock.forward(days=31)
    duties = Duties(desk, RasaConversations(str(tmp_path / "rasa.db")))

    rounds = [await duties.forget() for _ in range(3)]

    assert rounds[0] > 0
    assert rounds[-1] == 0
    assert (messages_of(desk, TENANT), messages_of(desk, OTHER_TENANT)) == (0, 1)
