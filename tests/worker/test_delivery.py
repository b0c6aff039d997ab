"""Delivery notes, freight, mail over a real SMTP server, and what happens when something fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from deskhand.orders.events import EventName
from deskhand.store import Delivery
from deskhand.worker.backoff import Backoff
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.errors import NotDeliverable
from tests.support.deskhand import free_ports
from tests.worker.conftest import House, Postbox


@pytest.fixture
def postbox(house: House) -> Iterator[Postbox]:
    box = Postbox()
    (port,) = free_ports(1)
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    house.smtp_url = f"smtp://127.0.0.1:{port}"
    yield box
    controller.stop()


async def test_completing_a_shipment_sends_one_note_for_each_parcel(house: House) -> None:
    number = house.confirm()
    house.ship(number, parcels=2)

    await house.work()

    notes = [name for name in house.files() if name.startswith("DN-")]
    assert notes == ["DN-1001-1.html", "DN-1001-1.pdf", "DN-1001-2.html", "DN-1001-2.pdf", "DN-1001.eml"]
    with house.desk.unit_of_work("demo", read_only=True) as uow:
        assert len(uow.freight.of_order(house.order(number).id)) == 1


async def test_the_mail_server_gets_one_message_with_the_documents(house: House, postbox: Postbox) -> None:
    house.ship(house.confirm())

    await house.work()

    assert sorted(len(envelope.rcpt_tos) for envelope in postbox.messages) == [1] * len(postbox.messages)
    contents = [envelope.content.decode() for envelope in postbox.messages]
    ids = {key for key in ("demo.INV-1001-1@", "demo.INV-1001-2@", "demo.DN-1001@") for text in contents if key in text}
    assert len(ids) == len(postbox.messages) == 3


async def test_mail_taken_before_a_crash_is_not_sent_again(house: House, postbox: Postbox) -> None:
    house.confirm()
    await house.work()
    assert len(postbox.messages) == 1

    _lose_what_was_done(house, "mail")
    await house.work(seconds=61)

    assert len(postbox.messages) == 1


async def test_a_server_that_is_busy_is_tried_again(house: House, postbox: Postbox) -> None:
    postbox.refuse = ["451 try later"]
    house.confirm()

    await house.work()
    assert postbox.messages == []
    await house.work(seconds=5)

    assert len(postbox.messages) == 1


async def test_an_address_refused_for_good_goes_to_a_person_at_once(house: House, postbox: Postbox) -> None:
    postbox.refuse = ["550 no such user"]
    number = house.confirm()

    await house.work()

    with house.desk.unit_of_work("demo", read_only=True) as uow:
        (dead,) = uow.outbox.dead_letters()
        failed = [e.event for e in uow.outbox.events_of(house.order(number).id)][-1]
    assert (dead.consumer, dead.attempts) == ("mail", 1)
    assert failed.name is EventName.DELIVERY_FAILED
    assert (failed.payload["number"], failed.payload["code"]) == (number, "not_deliverable")


async def test_a_dead_letter_that_an_operator_replays_is_sent(house: House, postbox: Postbox) -> None:
    postbox.refuse = ["550 no such user"]
    house.confirm()
    await house.work()

    with house.desk.unit_of_work("demo") as uow:
        assert uow.outbox.replay(uow.outbox.dead_letters()[0].id)
        uow.commit()
    await house.work(seconds=0)

    assert len(postbox.messages) == 1


async def test_nonsense_for_an_address_goes_to_a_person(house: House) -> None:
    with house.desk.unit_of_work("demo") as uow:
        uow.customers.add(replace(uow.customers.get("huaxing"), id="odd", aliases=(), email="a b\nBcc: x@y"))
        uow.commit()
    house.confirm("odd")

    await house.work()

    with house.desk.unit_of_work("demo", read_only=True) as uow:
        assert [letter.consumer for letter in uow.outbox.dead_letters()] == ["mail"]


@dataclass
class Failing:
    """A consumer that raises what it is told to."""

    error: Exception
    name: str = "freight"
    seen: list[int] = field(default_factory=list)

    async def consume(self, tenant: Any, delivery: Delivery) -> None:
        self.seen.append(delivery.attempts)
        raise self.error


async def test_system_errors_are_retried_with_growing_pauses_then_given_up(house: House) -> None:
    house.ship(house.confirm())
    consumer = Failing(OSError("disk"))
    dispatcher = Dispatcher(house.desk, consumer, house.metrics, 60, Backoff(first=2, attempts=3))

    for _ in range(6):
        await dispatcher.run_once()
        house.clock.forward(seconds=20)

    assert consumer.seen == [1, 2, 3]
    with house.desk.unit_of_work("demo", read_only=True) as uow:
        (dead,) = uow.outbox.dead_letters()
    assert dead.error is not None and "retries_exhausted" in dead.error and "disk" in dead.error


async def test_a_business_error_is_never_retried(house: House) -> None:
    house.ship(house.confirm())
    consumer = Failing(NotDeliverable("no"))
    dispatcher = Dispatcher(house.desk, consumer, house.metrics, 60)

    for _ in range(3):
        await dispatcher.run_once()
        house.clock.forward(seconds=1000)

    assert consumer.seen == [1]


async def test_two_workers_with_the_same_delivery_send_one_invoice(house: House) -> None:
    number = house.confirm()
    await house.work()

    _lose_what_was_done(house, "invoice")
    await house.work(seconds=61)

    invoice = house.order(number).invoice
    assert invoice is not None and invoice.sent_count == 1
    assert [name for name in house.files() if name.endswith(".pdf")] == ["INV-1001-1.pdf"]


def test_pauses_double_with_chance_and_have_an_end() -> None:
    backoff = Backoff(first=2, longest=60)

    pauses = [[backoff.delay(attempt).total_seconds() for _ in range(50)] for attempt in (1, 3, 12)]

    assert all(1 <= pause <= 2 for pause in pauses[0])
    assert all(4 <= pause <= 8 for pause in pauses[1])
    assert all(30 <= pause <= 60 for pause in pauses[2])
    assert len(set(pauses[1])) > 1


def _lose_what_was_done(house: House, consumer: str) -> None:
    """As after a crash between the effect and its mark: the delivery is still claimed, its lease about to run out."""
    from sqlalchemy import text

    with house.desk.unit_of_work("demo") as uow:
        claimed = text("UPDATE delivery SET state='claimed', claimed_until=due_at WHERE consumer=:c")
        assert uow.connection.execute(claimed, {"c": consumer}).rowcount
        uow.commit()
