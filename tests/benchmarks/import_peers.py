"""What an import is measured beside, each in a process of its own: `python -m ... pandas|pandas-tuned|raw FILE FOLDER`.

Loads nothing of ours: Python walks through all that is loaded each time that it collects garbage, and pandas would be a
tenth slower for it. `pandas-tuned` collects garbage as our services do, the others as Python does by itself.
Prints JSON: [[name, seconds, seconds of all processors]]; an empty list where pandas is not installed.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import sqlite3
import sys
import tempfile
from functools import partial
from itertools import islice
from pathlib import Path

from tests.benchmarks.both_times import tell


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


def main() -> None:
    """The one that was asked for."""
    name, file, folder = sys.argv[1:]
    with tempfile.TemporaryDirectory(dir=folder) as own:
        database = Path(own) / "lines.db"
        if name == "raw":
            tell({name: partial(raw, Path(file), database)})
            return
        if importlib.util.find_spec("pandas") is None:
            tell({})
            return
        importlib.import_module("pandas")
        importlib.import_module("sqlalchemy")
        if name == "pandas-tuned":
            from deskhand.garbage import collect_seldom

            collect_seldom()
        tell({name: partial(with_pandas, Path(file), database)})


if __name__ == "__main__":
    main()
