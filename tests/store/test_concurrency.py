"""Many at once: one winner for each version, no number twice, no movement lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier

from deskhand.orders.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    HoldOrder,
    NewLine,
    PlaceOrder,
    ReceiveGoods,
    ReleaseOrder,
)
from deskhand.orders.errors import DeskhandError, NotPossibleNow, VersionConflict
from deskhand.orders.model import Actor
from deskhand.store import Desk
from tests.support.desks import (
    CLERK,
    FINANCE,
    MANAGER,
    TENANT,
    WAREHOUSE,
    FakeClock,
    fresh,
    open_desk,
    order_in,
    placing,
)

THREADS = 16


def at_once(action: Callable[[int], object]) -> list[object]:
    """What each thread got, or the error it met."""
    start = Barrier(THREADS)

    def run(number: int) -> object:
        start.wait()
        try:
            return action(number)
        except DeskhandError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_of_sixteen_who_confirm_the_same_version_one_wins(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation")

    results = at_once(lambda _: desk.handle(ConfirmOrder(order.number, order.row_version), CLERK))

    losers = [result for result in results if isinstance(result, DeskhandError)]
    assert len(losers) == THREADS - 1
    assert all(isinstance(error, VersionConflict | NotPossibleNow) for error in losers)
    assert {str(error.data["status"]) for error in losers} == {"confirmed"}
    assert fresh(desk, order.number).row_version == order.row_version + 1
    with desk.unit_of_work(TENANT) as uow:
        assert uow.stock.level("PAPER-A4", "main").reserved == 200
        assert [row.event for row in uow.orders.history(order.id)] == ["place_order", "confirm_order"]
        assert uow.orders.verify_chain(order.id)
        assert len(uow.audit.list()) == THREADS - 1


def wishes(number: str, version: int) -> list[tuple[Command, Actor]]:
    """What people may want of an order that is not shipped yet, each on what they have seen."""
    return [
        (ConfirmOrder(number, version), CLERK),
        (HoldOrder(number, "to be looked at", version), FINANCE),
        (ReleaseOrder(number, version), MANAGER),
        (ReceiveGoods(number, version), WAREHOUSE),
        (AmendOrder(number, note=f"seen at {version}", expected_version=version), CLERK),
        (GiveShipmentInformation(number, "SF", f"SF{version}", expected_version=version), WAREHOUSE),
        (CancelOrder(number, "changed my mind", version), CLERK),
    ]


def _wished(desk: Desk, wanted: Sequence[tuple[Command, Actor]], number: int) -> object:
    return desk.handle(*wanted[number % len(wanted)])


def test_of_sixteen_who_want_different_things_one_wins_at_each_version(desk: Desk) -> None:
    order = order_in(desk, "pending_confirmation")
    winners = []

    for _ in range(8):
        seen = fresh(desk, order.number)
        chosen = wishes(order.number, seen.row_version)[: 6 if len(winners) < 6 else 7]  # cancelled at last
        results = at_once(partial(_wished, desk, chosen))
        won = [result for result in results if not isinstance(result, DeskhandError)]
        winners += [seen.row_version] * len(won)
        if not won:
            break

    now = fresh(desk, order.number)
    assert len(winners) == len(set(winners)) > 1, "no version has two winners"
    assert now.row_version == order.row_version + len(winners)
    with desk.unit_of_work(TENANT) as uow:
        assert len(uow.orders.history(order.id)) == 1 + len(winners)
        assert uow.orders.verify_chain(order.id)


def test_sixteen_who_do_not_say_what_they_have_seen_still_do_it_once(desk: Desk) -> None:
    order = order_in(desk, "packed")

    results = at_once(lambda _: desk.handle(CompleteShipment(order.number), WAREHOUSE))

    assert len([result for result in results if not isinstance(result, DeskhandError)]) == 1
    with desk.unit_of_work(TENANT) as uow:
        level = uow.stock.level("PAPER-A4", "main")
        shipped = [row for row in uow.orders.history(order.id) if row.event == "complete_shipment"]
    assert len(shipped) == 1
    assert level.reserved == 0 and level.on_hand >= 0


def test_sixteen_who_are_the_first_to_ask_wait_for_no_second_connection(database_url: str) -> None:
    desk = open_desk(database_url)

    results = at_once(lambda _: desk.handle(placing(), CLERK).order)

    desk.close()
    assert not [result for result in results if isinstance(result, DeskhandError)]


def test_orders_placed_at_once_get_numbers_without_gap_or_repeat(desk: Desk) -> None:
    results = at_once(lambda _: desk.handle(placing(), CLERK).order.number)  # type: ignore[union-attr]

    assert sorted(map(str, results)) == [f"SO-{number}" for number in range(1001, 1001 + THREADS)]


def test_of_two_who_bring_the_same_order_one_is_told_its_number(desk: Desk) -> None:
    command = PlaceOrder("huaxing", (NewLine("PAPER-A4", Decimal(1)),), source="shop", external_number="A-1")

    results = at_once(lambda _: desk.handle(command, CLERK))

    refused = [result for result in results if isinstance(result, DeskhandError)]
    assert {error.code for error in refused} == {"duplicate_order"}
    assert len(refused) == THREADS - 1


def test_two_projectors_at_once_tell_everything_once(desk: Desk, database_url: str) -> None:
    for _ in range(5):
        order_in(desk, "awaiting_shipment")
    another = open_desk(database_url, FakeClock())

    results = at_once(lambda number: (desk, another)[number % 2].project_notifications(TENANT))

    with desk.unit_of_work(TENANT) as uow:
        rows = uow.notifications.since(0, limit=1000)
    another.close()
    assert sum(int(str(each)) for each in results) == len(rows)
    assert len({row.dedupe_key for row in rows}) == len(rows)


def test_the_settlement_of_the_day_is_made_by_one_of_many_workers(desk: Desk, clock: FakeClock) -> None:
    order_in(desk, "in_account_period", customer_id="dongfang")
    clock.forward(hours=8)

    results = at_once(lambda _: desk.settle_due(TENANT))

    assert len([result for result in results if result is not None]) == 1
