"""The real store on SQLite, a clock that stands still, and a bench to run actions on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskhand.store import Database, Desk, load_tenants
from tests.support.bench import Bench, services_on
from tests.support.desks import ROOT, FakeClock, demo_database


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))  # Monday morning in Shanghai


@pytest.fixture
def bench(tmp_path: Path, clock: FakeClock) -> Iterator[Bench]:
    tenants = load_tenants(ROOT / "tenants")
    desk = Desk(Database.connect(demo_database(tmp_path)), tenants, ROOT / "processes", clock)
    yield Bench(services_on(desk), clock)
    desk.close()
