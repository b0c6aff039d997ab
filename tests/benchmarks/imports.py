"""How fast real exports of another system become orders."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from deskhand.erp import ImportOptions, Source, import_files
from tests.benchmarks.bench import ADMIN, Bench
from tests.benchmarks.figures import Row, spread, timed
from tests.support.data import SHARED

RUNS = 3
SHOP = ImportOptions("shop", currency="GBP", zone="Europe/London")
NAME = "import of Online Retail"


def measure(bench: Bench) -> Iterator[Row]:
    files = sorted((SHARED / "online-retail").glob("*.csv"))
    if not files:
        yield Row(NAME, None, "rows/s", "skipped: the real data is missing")
        return
    rates = []
    for run in range(RUNS):
        desk = bench.new_desk(f"import-{run}")
        seconds, report = timed(import_files, desk, ADMIN, [Source.of(path) for path in files], SHOP)
        rates.append(report.rows / seconds)
    note = f"{report.rows} rows, {report.inserted} orders, durable SQLite; {spread(rates)}"
    yield Row(NAME, statistics.median(rates), "rows/s", note)
