"""The shipped processes on a desk of the demo's company, with one clerk more than it has.

On SQLite alone: that cases do the same on PostgreSQL is shown where cases are tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.office import Office
from tests.support.desks import FakeClock, clock, demo_database, open_desk

__all__ = ["clock"]


@pytest.fixture
def office(tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    desk = open_desk(demo_database(tmp_path), clock)
    yield Office.opened(desk, clock)
    desk.close()
