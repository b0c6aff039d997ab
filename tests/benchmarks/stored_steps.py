"""A step with everything that is stored with it (order, case, history, outbox), synced to disk: a transaction for each
order against one for all. Part of the benchmark `engine`.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from deskhand.erp import ImportOptions, Source, run
from deskhand.orders.commands import ConfirmOrder
from deskhand.orders.model import Order
from deskhand.orders.moving import moved
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk
from tests.benchmarks.bench import ADMIN, CLERK, TENANT, Bench
from tests.benchmarks.figures import Row, interleaved_ratio, seconds_of, spread

ROUNDS, ONE_BY_ONE, AT_ONCE = 5, 20, 400
OPEN = ImportOptions("engine", start_status=OrderStatus.PENDING_CONFIRMATION)


def measure(bench: Bench) -> Iterator[Row]:
    desk = bench.new_desk("engine")
    orders = iter(_open_orders(desk, bench.folder / "engine.csv", ROUNDS * (ONE_BY_ONE + AT_ONCE)))
    single, batch = [], []
    for _ in range(ROUNDS):
        few, many = ([next(orders) for _ in range(count)] for count in (ONE_BY_ONE, AT_ONCE))
        single.append(seconds_of(_one_by_one, desk, few) / ONE_BY_ONE * 1e3)
        batch.append(seconds_of(_at_once, desk, many) / AT_ONCE * 1e3)
    yield Row("confirmed one by one, each", statistics.median(single), "ms", f"durable SQLite; {spread(single)}")
    yield Row(f"confirmed {AT_ONCE} at once, each", statistics.median(batch), "ms", f"durable SQLite; {spread(batch)}")
    yield Row("one by one : at once", interleaved_ratio(single, batch), "x", f"{ROUNDS} interleaved rounds")


def _open_orders(desk: Desk, file: Path, count: int) -> Sequence[Order]:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["订单号", "客户名称", "货号", "品名", "数量", "单价", "下单时间"])
        for index in range(count):
            goods = [f"P-{index % 25}", f"商品{index % 25}", 1 + index % 9, "12.5"]
            writer.writerow([f"E{index:05}", f"客户{index % 40}", *goods, "2026-11-02 09:30:00"])
    run(desk, ADMIN, [Source.of(file)], OPEN)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.orders.list(source=OPEN.source, limit=count).items


def _one_by_one(desk: Desk, orders: Sequence[Order]) -> None:
    for order in orders:
        desk.handle(ConfirmOrder(order.number), CLERK)


def _at_once(desk: Desk, orders: Sequence[Order]) -> None:
    """As the worker carries automatic nodes."""
    with desk.unit_of_work(TENANT) as uow:
        read = uow.orders.by_ids([order.id for order in orders], with_lines=True)
        _, refused = moved(desk.work(uow, CLERK), read, "confirm_order")
        uow.commit()
    assert not refused, refused[:1]
