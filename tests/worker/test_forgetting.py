"""A conversation that was deleted goes from Rasa's record too, also what a turn under way wrote down afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.orders.events import FORGET, DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import secret_id
from tests.support.rasa_record import rasa_heard, rasa_knows
from tests.worker.conftest import House

MINE, OTHERS = secret_id(), secret_id()
CLERK = Actor("clerk", Role.SALES, "demo", "http", "request-1")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    file = tmp_path / "rasa.db"
    rasa_heard(file, [(f"{MINE}-0", "mine"), (f"{OTHERS}-0", "theirs"), (f"{MINE}-1", "mine again")])
    return file


@pytest.fixture
def house(house: House, record: Path) -> House:
    return replace(house, rasa_tracker=str(record))


def delete(house: House) -> None:
    with house.desk.unit_of_work("demo") as uow:
        uow.outbox.publish(DomainEvent(EventName.CONVERSATION_DELETED, None, {"conversation": MINE}), CLERK)
        uow.commit()


def waiting(house: House) -> bool:
    """Whether the consumer will look again."""
    with house.desk.unit_of_work("demo", read_only=True) as uow:
        return uow.outbox.waiting(FORGET) > 0


async def test_it_goes_at_once_and_nobody_elses_does(house: House, record: Path) -> None:
    delete(house)

    await house.work(seconds=0)

    assert [text for _, text in rasa_knows(record)] == ["{'text': 'theirs'}"]


async def test_what_a_turn_under_way_wrote_afterwards_goes_too_and_then_it_is_done(house: House, record: Path) -> None:
    delete(house)
    await house.work(seconds=0)
    rasa_heard(record, [(f"{MINE}-1", "the end of a turn")])

    await house.work(seconds=30)
    early = len(rasa_knows(record))
    await house.work(seconds=120)

    assert (early, len(rasa_knows(record))) == (2, 1)
    assert not waiting(house)


async def test_a_record_that_can_not_be_reached_is_tried_again(house: House, record: Path, tmp_path: Path) -> None:
    delete(house)
    kept = record.read_bytes()
    record.write_bytes(b"no database at all, and long enough to be looked at" * 100)
    await house.work(seconds=0)
    record.write_bytes(kept)
    assert waiting(house)

    for _ in range(3):
        await house.work(seconds=120)

    assert [text for _, text in rasa_knows(record)] == ["{'text': 'theirs'}"] and not waiting(house)


async def test_without_a_record_there_is_nothing_to_wait_for(house: House) -> None:
    delete(house)

    await replace(house, rasa_tracker=None).work(seconds=0)

    assert not waiting(house)
