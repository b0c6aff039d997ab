"""A desk with a small process beside the orders' own, and short ways to use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deskhand.store import Desk
from tests.cases.spending import open_spending
from tests.support.desks import FakeClock, clock, database_url, postgres_template

__all__ = ["clock", "database_url", "desk", "postgres_template"]


@pytest.fixture
def desk(database_url: str, clock: FakeClock, tmp_path: Path) -> Iterator[Desk]:
    made = open_spending(database_url, clock, tmp_path)
    yield made
    made.close()
