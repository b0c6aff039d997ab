"""What is reserved for an order: made at its confirmation, following its lines, given free when its time is over.

The ledger is the truth; the order says until when, and whether the goods must be reserved anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from deskhand.orders.errors import InsufficientStock
from deskhand.orders.model import Order
from deskhand.orders.packing import in_base, open_of
from deskhand.orders.status import OrderStatus
from deskhand.orders.stock import RELEASE, RESERVE, StockMove
from deskhand.orders.work import Step, Work

Needed = dict[tuple[str | None, str, str], Decimal]  # by order, warehouse and sku, in base units


def reserve_stock(work: Work, steps: Sequence[Step]) -> None:
    """Of each open line; what is short becomes a back-order. The time that it lasts begins now."""
    until = expiry(work)
    work.uow.stock.move(
        [
            StockMove(place, sku, RESERVE, order.id, reserved=quantity, expires_at=until)
            for order, place, sku, quantity in needs(steps)
        ]
    )
    for step in steps:
        step.alter(reserved_until=until, reservation_lapsed=False)


def expiry(work: Work) -> datetime | None:
    """When a reservation made now is over; None: the company's last until the goods leave."""
    days = work.tenant.reservation_days
    return work.now + timedelta(days=days) if days else None


def release_stock(work: Work, steps: Sequence[Step]) -> None:
    """Gives back whatever the ledger says is still reserved."""
    moves = [
        StockMove(place, sku, RELEASE, order_id, reserved=-quantity)
        for (order_id, place, sku), quantity in reserved(work, steps).items()
        if quantity
    ]
    work.uow.stock.move(moves)
    released = {move.order_id for move in moves}
    for step in steps:
        step.detail["released"] = step.order.id in released
        step.alter(reserved_until=None)


def release_reservation(work: Work, steps: Sequence[Step]) -> None:
    """Its time is over: others may have the goods."""
    release_stock(work, steps)
    for step in steps:
        step.alter(reservation_lapsed=True)


def reserve_anew(work: Work, steps: Sequence[Step], on_hand: bool = False) -> None:
    """What had lapsed is reserved again, now that the order moves on.

    Args:
        on_hand: the goods must be there, and promised to nobody else.

    Raises:
        InsufficientStock: naming the goods, how many the order could have, and how many it wants.
    """
    lapsed = [step for step in steps if step.order.reservation_lapsed]
    if not lapsed:
        return
    reserve_stock(work, lapsed)
    if on_hand:
        wanted: Needed = {(order.id, place, sku): quantity for order, place, sku, quantity in needs(lapsed)}
        moves = [StockMove(place, sku, RESERVE, order_id, reserved=q) for (order_id, place, sku), q in wanted.items()]
        expect_on_hand(work, moves, wanted)


def adjust_reservation(work: Work, steps: Sequence[Step]) -> None:
    """What the ledger holds for each order becomes what its lines need, where they have changed.

    Raises:
        InsufficientStock: if an order whose goods are in stock would need more than nobody else was promised.
    """
    steps = [step for step in steps if step.order.lines != step.before.lines and not step.order.reservation_lapsed]
    held = reserved(work, steps)
    wanted: Needed = {(order.id, place, sku): quantity for order, place, sku, quantity in needs(steps)}
    until = {step.order.id: step.order.reserved_until for step in steps}
    moves = []
    for key in sorted({*held, *wanted}, key=str):
        more = wanted.get(key, Decimal(0)) - held.get(key, Decimal(0))
        if more:
            kind, expires = (RESERVE, until[str(key[0])]) if more > 0 else (RELEASE, None)
            moves.append(StockMove(key[1], key[2], kind, key[0], reserved=more, expires_at=expires))
    work.uow.stock.move(moves)
    received = {step.order.id for step in steps if step.order.status is OrderStatus.AWAITING_SHIPMENT}
    expect_on_hand(work, [move for move in moves if move.order_id in received and move.reserved > 0], wanted)


def expect_on_hand(
    work: Work, more: Sequence[StockMove], wanted: Mapping[tuple[str | None, str, str], Decimal]
) -> None:
    """Looked at after the move, which has locked the sums: two who want the last goods can't both get them."""
    levels = work.uow.stock.levels({(move.warehouse, move.sku) for move in more})
    for move in more:
        short = levels[move.warehouse, move.sku].reserved - levels[move.warehouse, move.sku].on_hand
        if short > 0:
            asked = wanted[move.order_id, move.warehouse, move.sku]
            left = asked - min(short, move.reserved)
            raise InsufficientStock(product=move.sku, warehouse=move.warehouse, available=str(left), wanted=str(asked))


def needs(steps: Sequence[Step]) -> Iterator[tuple[Order, str, str, Decimal]]:
    """(order, warehouse, sku, base quantity) of what is open; the same goods on two lines are one need."""
    for step in steps:
        sums: dict[str, Decimal] = {}
        for line in step.order.lines:
            if open_of(line):
                sums[line.sku] = sums.get(line.sku, Decimal(0)) + in_base(line, open_of(line))
        for sku, quantity in sums.items():
            yield step.order, step.order.warehouse, sku, quantity


def reserved(work: Work, steps: Sequence[Step]) -> Needed:
    """What the ledger says each order still holds, by order, warehouse and sku."""
    held: Needed = {}
    for move in work.uow.stock.of_orders([step.order.id for step in steps]):
        place = (move.order_id, move.warehouse, move.sku)
        held[place] = held.get(place, Decimal(0)) + move.reserved
    return held
