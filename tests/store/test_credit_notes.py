"""Credit notes, contents of parcels, back-orders and due reservations as both databases keep them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from deskhand.orders.commands import CancelLine, CompleteShipment, GiveShipmentInformation, ReceiveGoods, SomeOf
from deskhand.orders.model import CreditedLine, CreditKind, CreditNote, Packed
from deskhand.store import Desk
from tests.support.credited import credit_notes, sent_invoice, stock
from tests.support.desks import CLERK, NOW, OTHER_TENANT, TENANT, WAREHOUSE, FakeClock, done, fresh, order_in

LINE = CreditedLine(1, "PAPER-A4", "A4纸", Decimal("1.5"), "box", Decimal("250.00"), Decimal("375.00"))


def note(order_id: str) -> CreditNote:
    return CreditNote("", order_id, "INV-1", CreditKind.RETURNED, Decimal("375.00"), "CNY", "破损", NOW, (LINE,))


def test_a_credit_note_is_kept_to_the_letter_and_is_the_tenants_own(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        first, second = uow.credit_notes.add([note("o1"), note("o2")])
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        found = uow.credit_notes.of_orders(["o1", "o2", "o3"])
    with desk.unit_of_work(OTHER_TENANT, read_only=True) as uow:
        elsewhere = uow.credit_notes.of_orders(["o1", "o2"])
    assert (first.number, second.number) == ("CN-1001", "CN-1002")
    assert found == {"o1": (first,), "o2": (second,)}
    assert elsewhere == {}


def test_a_withdrawn_one_does_not_count_and_one_is_sent_once(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        first, second = uow.credit_notes.add([note("o1"), note("o1")])
        uow.credit_notes.withdraw(first.number)
        sent = [uow.credit_notes.mark_sent(second.number) for _ in range(2)]
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [each.number for each in uow.credit_notes.of_orders(["o1"])["o1"]] == [second.number]
    assert sent == [True, False]


def test_parts_and_back_orders_are_read_as_they_were_written(desk: Desk) -> None:
    order = order_in(desk, "confirmed", quantity="90")
    done(desk, ReceiveGoods(order.number, lines=(SomeOf(Decimal(20), line=1),)), WAREHOUSE)
    done(desk, GiveShipmentInformation(order.number, "SF", "SF1", lines=(SomeOf(Decimal("1.5"), line=1),)), WAREHOUSE)
    done(desk, CompleteShipment(order.number), WAREHOUSE)

    stored = fresh(desk, order.number)

    contents = (Packed(1, Decimal("1.5")),)
    assert (stored.shipments[0].contents, stored.parcels[0].contents) == (contents, contents)
    assert [(line.shipped, line.back_ordered) for line in stored.lines] == [(Decimal("1.5"), 20), (0, 0)]


def test_a_line_is_cancelled_and_credited_in_one_commit(desk: Desk, clock: FakeClock) -> None:
    order = sent_invoice(desk, clock, order_in(desk, "confirmed"))
    done(desk, CancelLine(order.number, "not needed", (2,)), CLERK)

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.verify_chain(order.id)
    assert [each.amount for each in credit_notes(desk, order)] == [Decimal("3897.00")]
    assert fresh(desk, order.number).lines[1].cancelled


def test_the_reservations_of_many_orders_end_in_one_round(desk: Desk, clock: FakeClock) -> None:
    orders = [order_in(desk, "confirmed", quantity="5") for _ in range(3)]
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.due_ids(NOW, [order.status for order in orders]) == []
    clock.forward(days=14)

    assert desk.release_expired(TENANT) == 3
    assert stock(desk).reserved == 0
    assert {fresh(desk, order.number).reserved_until for order in orders} == {None}
    assert orders[0].reserved_until == NOW + timedelta(days=14)
