"""One way to bring a file into SQLite, timed in a process of its own: `python -m ... ours FILE FOLDER`.

What it is made of is loaded before the clock starts, as in a service, or a script that has begun. Ours collects garbage
as every service of ours does; pandas as Python does by itself, and once more (`pandas-tuned`) as ours.
Prints JSON: [[name, seconds, seconds of all processors], ...]; nothing where pandas is not installed.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from deskhand.erp import ImportOptions
from deskhand.erp.importing import run
from deskhand.erp.sources import Source
from deskhand.garbage import collect_seldom
from deskhand.store import Desk
from tests.benchmarks.bench import ADMIN
from tests.support.desks import open_desk

SHOP = ImportOptions("shop", currency="GBP", zone="Europe/London")


def imported(desk: Desk, file: Path, again: bool = False) -> None:
    """All of it. Raises AssertionError where the second time changed anything."""
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


def _fresh(database: Path) -> sqlite3.Connection:
    for ending in ("", "-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _both(work: Callable[[], object]) -> tuple[float, float]:
    """On the clock, and of all processors: of processes that it started and ended as well."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - wall, sum(os.times()[:4]) - cpu


def _works(name: str, file: Path, folder: Path) -> dict[str, Callable[[], object]]:
    if name == "raw":
        return {name: partial(raw, file, folder / "raw.db")}
    if name.startswith("pandas"):
        if importlib.util.find_spec("pandas") is None:
            return {}
        importlib.import_module("pandas")
        return {name: partial(with_pandas, file, folder / "pandas.db")}
    importlib.import_module("polars")
    desk = open_desk(f"sqlite:///{folder / 'ours.db'}")
    desk.database.migrate()
    return {
        "ours": partial(imported, desk, file),
        "again": partial(imported, desk, file, again=True),
        "file": partial(imported, desk, file),
    }


def main() -> None:
    """The work that was asked for."""
    name, file, folder = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir=folder) as own:
        works = _works(name, Path(file), Path(own))
        if name not in ("pandas", "raw"):
            collect_seldom()
        sys.stdout.write(json.dumps([[each, *_both(work)] for each, work in works.items()]))


if __name__ == "__main__":
    main()
