"""Random amendments, undoings and steps; afterwards totals, reservations and history agree."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from deskhand.orders.commands import (
    AmendOrder,
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    NewLine,
    ReceiveGoods,
    UndoLastChange,
)
from deskhand.orders.errors import (
    DeskhandError,
)
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.orders.amended import AMENDABLE
from tests.support.desks import (
    CLERK,
    TENANT,
    WAREHOUSE,
    FakeClock,
    done,
    fresh,
    order_in,
)

GOODS = (("PAPER-A4", "box"), ("PAPER-A4", "pack"), ("CHR-200", "chair"), ("PRN-L100", "unit"))
Sums = dict[str, Decimal]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_amended_totals_reservations_and_history_agree(desk: Desk, clock: FakeClock, seed: int) -> None:
    """Random amendments, undoings and steps on orders that want the same goods, then everything is counted."""
    chance = random.Random(seed)
    orders = [order_in(desk, chance.choice(AMENDABLE), quantity=str(chance.randint(1, 20))) for _ in range(3)]

    carried_out = sum(_attempted(desk, clock, chance, chance.choice(orders).number) for _ in range(25))

    stored = [fresh(desk, order.number) for order in orders]
    promised: Sums = {}
    for order in stored:
        _add_up(promised, _whole(desk, order))
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        levels = {sku: uow.stock.level(sku, "main") for sku, _ in GOODS}
    assert carried_out > 5
    assert all(level.on_hand >= 0 and level.reserved == promised.get(sku, 0) for sku, level in levels.items())
    _ship_all(desk, stored)


def _attempted(desk: Desk, clock: FakeClock, chance: random.Random, number: str) -> bool:
    chosen = chance.sample(GOODS, chance.randint(1, len(GOODS)))
    lines = tuple(NewLine(sku, Decimal(chance.randint(1, 40)), unit) for sku, unit in chosen)
    commands: list[tuple[Command, Actor]] = [(AmendOrder(number, lines), CLERK)] * 6
    commands += [(UndoLastChange(number), CLERK)] * 2
    commands += [(ConfirmOrder(number), CLERK), (ReceiveGoods(number), WAREHOUSE)]
    clock.forward(seconds=chance.randint(1, 9))
    try:
        desk.handle(*chance.choice(commands))
    except DeskhandError:
        return False
    return True


def _whole(desk: Desk, order: Order) -> Sums:
    """What the order holds, once its total, invoice, ledger and history are seen to agree."""
    needs: Sums = {}
    if order.status not in (OrderStatus.PENDING_CONFIRMATION, OrderStatus.CANCELLED):
        for line in order.lines:
            _add_up(needs, {line.sku: line.base_quantity})
    held: Sums = {}
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.verify_chain(order.id)
        for move in uow.stock.of_orders([order.id]):
            _add_up(held, {move.sku: move.reserved})
    assert {sku: count for sku, count in held.items() if count} == needs
    assert order.total == sum(line.unit_price * line.quantity for line in order.lines)
    assert order.invoice is None or order.invoice.total == order.total
    return needs


def _add_up(sums: Sums, more: Sums) -> None:
    for sku, count in more.items():
        sums[sku] = sums.get(sku, Decimal(0)) + count


def _ship_all(desk: Desk, orders: list[Order]) -> None:
    """What awaits shipment can be shipped: nobody was promised goods that are not there."""
    for number in [order.number for order in orders if order.status is OrderStatus.AWAITING_SHIPMENT]:
        done(desk, GiveShipmentInformation(number, "SF", f"SF{number}"), WAREHOUSE)
        assert done(desk, CompleteShipment(number), WAREHOUSE).status is OrderStatus.SHIPPED
