"""Our own import, timed in a process of its own, the first time and again: `python -m ... FILE FOLDER`.

What it is made of is loaded before the clock starts, and garbage collected, as in a service.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from deskhand.erp import ImportOptions
from deskhand.erp.importing import run
from deskhand.erp.sources import Source
from deskhand.garbage import collect_seldom
from deskhand.store import Desk
from tests.benchmarks.bench import ADMIN
from tests.benchmarks.both_times import tell
from tests.support.desks import open_desk

SHOP = ImportOptions("shop", currency="GBP", zone="Europe/London")


def imported(desk: Desk, file: Path, again: bool = False) -> None:
    """All of it. Raises AssertionError where the second time changed anything."""
    report = run(desk, ADMIN, [Source.of(file)], replace(SHOP, again=again))
    if again and (report.inserted or report.changed):
        raise AssertionError(f"the second import changed {report.inserted + report.changed} orders")


def main() -> None:
    """The first time, every row again, the same file again."""
    file, folder = map(Path, sys.argv[1:])
    importlib.import_module("polars")
    with tempfile.TemporaryDirectory(dir=folder) as own:
        desk = open_desk(f"sqlite:///{Path(own) / 'ours.db'}")
        desk.database.migrate()
        collect_seldom()
        again = partial(imported, desk, file, again=True)
        tell({"ours": partial(imported, desk, file), "again": again, "file": partial(imported, desk, file)})
        desk.close()


if __name__ == "__main__":
    main()
