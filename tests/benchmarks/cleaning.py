"""How fast the rows of a real export are cleaned, apart from reading and writing them."""

from __future__ import annotations

import csv
import gc
import statistics
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.erp.cleaning import Cleaner, Profile, Rules
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.sources import Batch
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, cpu_seconds_of, spread
from tests.support.data import SHARED

LINES = 500_000
RUNS = 3
A_BATCH = 5000
NAME = "cleaning of Online Retail"
COLUMNS = (
    Field.ORDER_NUMBER, Field.SKU, Field.PRODUCT_NAME, Field.QUANTITY, Field.CREATED_AT, Field.UNIT_PRICE,
    Field.CUSTOMER_ID, Field.REGION,
)  # fmt: skip


def measure(bench: Bench) -> Iterator[Row]:
    header, days = _days()
    if not days:
        yield Row(NAME, None, "rows/s", "skipped: the real data is missing")
        return
    batches = list(_batches(days))
    rules = Rules(
        Kind.ORDERS, {field: index for index, field in enumerate(COLUMNS)}, header, ZoneInfo("Europe/London"), "GBP",
        datetime.now(UTC),
    )  # fmt: skip
    gc.collect()
    gc.freeze()  # an import never holds all rows, so they shall not be walked through here either
    seconds = [cpu_seconds_of(_clean, batches, rules) for _ in range(RUNS)]
    gc.unfreeze()
    rates = [LINES / taken for taken in seconds]
    note = f"{LINES:,} rows of eight columns, processor time of one core {spread(seconds)} s"
    yield Row(NAME, statistics.median(rates), "rows/s", note)


def _clean(batches: list[Batch], rules: Rules) -> None:
    cleaner = Cleaner(rules, Profile(lambda: batches, rules))
    for batch in batches:
        cleaner.clean(batch)


def _days() -> tuple[tuple[str, ...], list[list[str]]]:
    header: tuple[str, ...] = ()
    rows: list[list[str]] = []
    for path in sorted((SHARED / "online-retail").glob("*.csv")):
        reader = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
        header = tuple(next(reader))
        rows += reader
    return header, rows


def _batches(days: list[list[str]]) -> Iterator[Batch]:
    """The days again and again, with new order numbers and later dates, as strings of their own like a reader's."""
    rows = []
    for again in range(-(-LINES // len(days))):
        for number, *middle, at, price, customer, region in days:
            on = date.fromisoformat(at[:10]) + timedelta(days=31 * again)
            cells = (f"{number}-{again}", *middle, f"{on}{at[10:]}", price, customer, region)
            rows.append(["".join((cell[:1], cell[1:])) for cell in cells])
    for start in range(0, LINES, A_BATCH):
        yield Batch(range(start + 2, start + 2 + A_BATCH), rows[start : start + A_BATCH])
