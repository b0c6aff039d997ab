"""How long the worker's part takes to carry imported orders through the automatic nodes, without a person."""

from __future__ import annotations

from collections.abc import Iterator

from deskhand.erp import ImportOptions, Source, run
from deskhand.orders.status import OrderStatus
from tests.benchmarks.bench import ADMIN, TENANT, Bench
from tests.benchmarks.figures import Row, timed
from tests.e2e.test_automatic_nodes import ORDERS, write_orders

OPEN = ImportOptions("erp-a", start_status=OrderStatus.PENDING_CONFIRMATION, automatic=True)


def measure(bench: Bench) -> Iterator[Row]:
    desk, file = bench.new_desk("automatic"), bench.folder / "open.csv"
    write_orders(file)
    run(desk, ADMIN, [Source.of(file)], OPEN)

    seconds, report = timed(desk.run_automatic, TENANT, limit=100 * ORDERS)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        done = uow.orders.list(status=OrderStatus.SETTLED, limit=2 * ORDERS).items

    told = f"{len(done)} settled, {len(report.stopped)} stopped for missing data, durable SQLite"
    yield Row(f"{ORDERS} orders carried automatically", seconds, "s", told)
    yield Row("steps carried", report.moved / seconds, "steps/s", f"{report.moved} steps")
