"""What must hold for all orders at any moment, whatever has been done to them. For tests that do things at random."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path

from sqlalchemy import func, select

from deskhand.orders.model import HistoryRow, Order
from deskhand.orders.money import round_amount
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from deskhand.store.schema import stock, stock_movement
from deskhand.store.verifying import verify
from tests.engine.reading import Reading
from tests.support.desks import ROOT, TENANT

OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.SHIPPED, OrderStatus.IN_ACCOUNT_PERIOD, OrderStatus.SETTLED})
FILE = ROOT / "processes" / "order_to_cash" / "process.bpmn"


@cache
def legal_changes(file: Path = FILE) -> frozenset[tuple[str, str]]:
    """(status before, status after) of every step that the diagram has, and of taking it back."""
    reading = Reading(file.read_bytes())
    ends = {reading.said(each, "end", "status") for each in reading.nodes if reading.kind(each) == "endEvent"} - {""}
    found: set[tuple[str, str]] = set()
    for marking in reading.reachable():
        for way, before in product(reading.ways(marking), [reading.status(marking) or ""]):
            for after in reading.after(marking, way.node):
                statuses = [reading.status(after) or before] if after else [before, *ends]
                found |= {(before, each) for each in statuses}
    return frozenset(found | {(after, before) for before, after in found})


def check(desk: Desk) -> None:
    """Raises AssertionError where stock is negative or lost, a total is not its lines', or a chain is broken."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        orders = uow.orders.list(limit=500).items
        whole = uow.orders.by_ids([order.id for order in orders])
        moves = uow.stock.of_orders([order.id for order in orders])
        found = verify(uow.connection, TENANT)
        levels = [tuple(row) for row in uow.connection.execute(_levels())]
        ledger = [tuple(row) for row in uow.connection.execute(_ledger())]
        histories = {order.number: uow.orders.history(order.id) for order in whole}
    assert not found.faults, found.faults
    assert all(on_hand >= 0 and reserved >= 0 for _, _, on_hand, reserved in levels), levels
    assert {row[:2]: row[2:] for row in levels} == {row[:2]: row[2:] for row in ledger}, "stock is not what was moved"
    reserved: dict[str, Decimal] = {}
    for move in moves:
        reserved[move.order_id or ""] = reserved.get(move.order_id or "", Decimal(0)) + move.reserved
    for order in whole:
        _consistent(order, reserved.get(order.id, Decimal(0)))
        _legal(order, histories[order.number])


def _levels() -> object:
    columns = (stock.c.warehouse, stock.c.sku, stock.c.on_hand, stock.c.reserved)
    return select(*columns).where(stock.c.tenant == TENANT).order_by(stock.c.warehouse, stock.c.sku)


def _ledger() -> object:
    moved = stock_movement.c
    sums = (func.sum(moved.on_hand_change), func.sum(moved.reserved_change))
    rows = select(moved.warehouse, moved.sku, *sums).where(moved.tenant == TENANT)
    return rows.group_by(moved.warehouse, moved.sku).order_by(moved.warehouse, moved.sku)


def _consistent(order: Order, reserved: Decimal) -> None:
    live = [line for line in order.lines if not line.cancelled]
    if not order.header_only and order.status is not OrderStatus.CANCELLED:
        total = round_amount(sum((line.amount for line in live), Decimal(0)), order.currency)
        assert order.total == total, f"{order.number}: {order.total} is not {total}"
    for line in order.lines:
        assert Decimal(0) <= line.returned <= line.shipped <= line.quantity, f"{order.number}: {line}"
    assert reserved >= 0, f"{order.number} has given back more than it had"
    assert order.status not in OVER or reserved == 0, f"{order.number} is {order.status} and still holds {reserved}"


def _legal(order: Order, history: list[HistoryRow]) -> None:
    """Each status follows from the one before by a step that the diagram has."""
    assert history[-1].after == str(order.status)
    for row in history[1:]:
        known = row.before == row.after or (row.before, row.after) in legal_changes()
        assert known, f"{order.number}: {row.event} led from {row.before} to {row.after}"
    for one, other in zip(history, history[1:], strict=False):
        assert one.after == other.before
