"""How fast exports of another system become orders: beside pandas, the second time, in memory, on PostgreSQL.

All of Online Retail, repeated with new order numbers and shifted dates. pandas reads the same file and writes the same
rows without looking at any of them; the raw limit is a CSV reader and the driver's executemany.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from deskhand.erp import ImportOptions
from deskhand.erp.importing import run
from deskhand.erp.sources import Source
from deskhand.store import Desk
from tests.benchmarks.bench import ADMIN, Bench
from tests.benchmarks.figures import Row, spread
from tests.support.data import SHARED
from tests.support.desks import open_desk
from tests.support.postgres import NoPostgres, empty_database, postgres_server

RUNS = 3
LINES, LINES_FOR_MEMORY = 500_000, 1_000_000
SHOP = ImportOptions("shop", currency="GBP", zone="Europe/London")
NAME = "import of Online Retail"
_TIME = "%Y-%m-%d %H:%M:%S"


def measure(bench: Bench) -> Iterator[Row]:
    if not any((SHARED / "online-retail").glob("*.csv")):
        yield Row(NAME, None, "lines/s", "skipped: the real data is missing")
        return
    file, lines = repeated(bench.folder / "retail.csv", LINES)
    yield from _beside_pandas(bench, file, lines)
    yield from _memory(bench)
    yield from _on_postgres(file, lines)


def repeated(place: Path, at_least: int) -> tuple[Path, int]:
    """All files as one, as often as it takes; each time with other order numbers, thirty days later."""
    rows, header = _rows()
    count = 0
    with place.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for time_ in range(-(-at_least // len(rows))):
            writer.writerows(_shifted(rows, time_))
            count += len(rows)
    return place, count


def _rows() -> tuple[list[list[str]], list[str]]:
    rows: list[list[str]] = []
    header: list[str] = []
    for path in sorted((SHARED / "online-retail").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            rows += reader
    return rows, header


def _shifted(rows: list[list[str]], by: int) -> Iterator[list[str]]:
    times: dict[str, str] = {}
    for number, *goods, at, price, customer, country in rows:
        if at not in times:
            times[at] = (datetime.strptime(at, _TIME) + timedelta(days=30 * by)).strftime(_TIME)  # noqa: DTZ007
        letter = number[:1] if number[:1].isalpha() else ""
        yield [f"{letter}{by or ''}{number.removeprefix(letter)}", *goods, times[at], price, customer, country]


def _beside_pandas(bench: Bench, file: Path, lines: int) -> Iterator[Row]:
    """All in turn, so that a busy machine hits each alike; by processor time too."""
    taken: dict[str, list[tuple[float, float]]] = {}
    again: list[float] = []
    for turn in range(RUNS):
        desk = bench.new_desk(f"import-{turn}")
        works: dict[str, Callable[[], object]] = {
            "ours": partial(_imported, desk, file),
            "again": partial(_imported, desk, file, again=True),
            "file": partial(_imported, desk, file),
            "raw": partial(raw, file, bench.folder / "raw.db"),
        }
        if _has_pandas():
            works["pandas"] = partial(with_pandas, file, bench.folder / "pandas.db")
        for name, work in works.items():
            taken.setdefault(name, []).append(_both(work))
        again.append(taken["again"][-1][0] / taken["ours"][-1][0])
    rates = {name: [lines / wall for wall, _ in some] for name, some in taken.items()}
    yield Row(
        NAME, statistics.median(rates["ours"]), "lines/s", f"{lines} lines, durable SQLite; {spread(rates['ours'])}"
    )
    for other in ("pandas", "raw"):
        if other not in taken:
            yield Row(f"{NAME} beside {other}", None, "times", "skipped: pandas is not installed")
            continue
        wall = statistics.median(b[0] / a[0] for a, b in zip(taken["ours"], taken[other], strict=True))
        cpu = statistics.median(b[1] / a[1] for a, b in zip(taken["ours"], taken[other], strict=True))
        note = f"{cpu:.2f} by processor time; {other}: {statistics.median(rates[other]):,.0f} lines/s"
        yield Row(f"{NAME} beside {other}", wall, "times", note)
    yield Row(f"{NAME}, every row again", statistics.median(again), "of the first", "no row changes")
    files = statistics.median(b[0] / a[0] for a, b in zip(taken["ours"], taken["file"], strict=True))
    yield Row(f"{NAME}, the same file again", files, "of the first", "known by its digest; no row changes")


def _both(work: Callable[[], object]) -> tuple[float, float]:
    """On the clock, and of all processors: of processes that it started and ended as well."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - wall, sum(os.times()[:4]) - cpu


def _imported(desk: Desk, file: Path, again: bool = False) -> None:
    report = run(desk, ADMIN, [Source.of(file)], replace(SHOP, again=again))
    if again and (report.inserted or report.changed):
        raise AssertionError(f"the second import changed {report.inserted + report.changed} orders")


def raw(file: Path, database: Path) -> None:
    """The limit: a CSV reader and the driver, nothing else."""
    connection = _fresh(database)
    with file.open(encoding="utf-8", newline="") as rows, connection:
        reader = csv.reader(rows)
        header = next(reader)
        connection.execute(f"CREATE TABLE lines ({', '.join(header)})")
        places = ", ".join("?" * len(header))
        while chunk := list(islice(reader, 5000)):
            connection.executemany(f"INSERT INTO lines VALUES ({places})", chunk)
    connection.close()


def with_pandas(file: Path, database: Path) -> None:
    """As its manual says: through SQLAlchemy, on a durable file."""
    import pandas  # type: ignore[import-untyped]  # no stubs; in the group dev
    from sqlalchemy import create_engine

    _fresh(database).close()
    engine = create_engine(f"sqlite:///{database}")
    pandas.read_csv(file).to_sql("lines", engine, index=False, chunksize=5000)
    engine.dispose()


def _has_pandas() -> bool:
    try:
        import pandas  # noqa: F401
    except ImportError:
        return False
    return True


def _fresh(database: Path) -> sqlite3.Connection:
    for ending in ("", "-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


_CHILD = """
import sys
import threading
from pathlib import Path
from tests.benchmarks.imports import SHOP
from tests.benchmarks.bench import ADMIN
from tests.support.desks import open_desk
from deskhand.erp.importing import run
from deskhand.erp.sources import Source
desk = open_desk(sys.argv[1])
desk.database.migrate()

def most_of(pid):  # not ru_maxrss: that holds what the parent had before this began
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)

def watch():  # the process that writes ends before the import does
    while not over.wait(0.02):
        for pid in Path(f"/proc/self/task/{main}/children").read_text().split():
            try:
                beside[pid] = max(beside.get(pid, 0), most_of(pid))
            except OSError:
                pass

main, over, beside = threading.main_thread().native_id, threading.Event(), {}
watching = threading.Thread(target=watch, daemon=True)
watching.start()
run(desk, ADMIN, [Source.of(Path(sys.argv[2]))], SHOP)
over.set()
watching.join()
sys.stdout.write(f"{most_of('self')} {sum(beside.values())}")
"""


def _memory(bench: Bench) -> Iterator[Row]:
    file, lines = repeated(bench.folder / "million.csv", LINES_FOR_MEMORY)
    url = f"sqlite:///{bench.folder / 'million.db'}"
    done = subprocess.run([sys.executable, "-c", _CHILD, url, str(file)], capture_output=True, text=True, check=True)
    here, beside = map(int, done.stdout.split())
    note = f"at most, for {lines} lines: {here} in a process of its own, {beside} in the one that writes"
    yield Row(f"{NAME}, memory", float(here + beside), "MB", note)


def _on_postgres(file: Path, lines: int) -> Iterator[Row]:
    name = f"{NAME} on PostgreSQL"
    try:
        with postgres_server() as server, empty_database(server, "imports") as url:
            desk = open_desk(url)
            desk.database.migrate()
            wall, _ = _both(partial(_imported, desk, file))
            desk.close()
    except NoPostgres as reason:
        yield Row(name, None, "lines/s", f"skipped: {reason}")
        return
    yield Row(name, lines / wall, "lines/s", "COPY, and one statement that takes over")
