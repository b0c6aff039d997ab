"""How fast exports of another system become orders: beside pandas, the second time, in memory, on PostgreSQL.

All of Online Retail, repeated with new order numbers and shifted dates. pandas reads the same file and writes the same
rows without looking at any of them; the raw limit is a CSV reader and the driver's executemany. Each has a process of
its own, so that none has to do with what another left behind.
"""

from __future__ import annotations

import csv
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, spread
from tests.benchmarks.import_alone import imported
from tests.support.data import SHARED
from tests.support.desks import open_desk
from tests.support.postgres import NoPostgres, empty_database, postgres_server

RUNS = 3
LINES, LINES_FOR_MEMORY = 500_000, 1_000_000
BESIDE = {
    "pandas": "a script as its manual has it",
    "pandas-tuned": "with garbage collected as our services do",
    "raw": "a CSV reader and the driver",
}
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
    for _ in range(RUNS):
        for command in (["import_alone"], *(["import_peers", other] for other in BESIDE)):
            for measured, both in _alone(*command, str(file), str(bench.folder)).items():
                taken.setdefault(measured, []).append(both)
    rates = {name: [lines / wall for wall, _ in some] for name, some in taken.items()}
    yield Row(
        NAME, statistics.median(rates["ours"]), "lines/s", f"{lines} lines, durable SQLite; {spread(rates['ours'])}"
    )
    for other, how in BESIDE.items():
        if other not in taken:
            yield Row(f"{NAME} beside {other}", None, "times", "skipped: pandas is not installed")
            continue
        wall = statistics.median(b[0] / a[0] for a, b in zip(taken["ours"], taken[other], strict=True))
        cpu = statistics.median(b[1] / a[1] for a, b in zip(taken["ours"], taken[other], strict=True))
        note = f"{cpu:.2f} by processor time; {how}: {statistics.median(rates[other]):,.0f} lines/s"
        yield Row(f"{NAME} beside {other}", wall, "times", note)
    for name, what, note in (
        ("again", "every row again", "no row changes"),
        ("file", "the same file again", "known by its digest; no row changes"),
    ):
        share = statistics.median(b[0] / a[0] for a, b in zip(taken["ours"], taken[name], strict=True))
        yield Row(f"{NAME}, {what}", share, "of the first", note)


def _alone(module: str, *arguments: str) -> dict[str, tuple[float, float]]:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, tuple[float, float]] = {one: (wall, cpu) for one, wall, cpu in json.loads(done.stdout)}
    return found


_CHILD = """
import sys
import threading
from pathlib import Path
from tests.benchmarks.import_alone import SHOP
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
                if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\\0")[1:2] == [b"-I"]:  # before, still this one
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
            began = time.perf_counter()
            imported(desk, file)
            wall = time.perf_counter() - began
            desk.close()
    except NoPostgres as reason:
        yield Row(name, None, "lines/s", f"skipped: {reason}")
        return
    yield Row(name, lines / wall, "lines/s", "COPY, and one statement that takes over")
