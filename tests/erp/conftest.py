"""A desk on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Database, Desk, load_tenants
from tests.support.deskhand import ROOT

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database.connect(f"sqlite:///{tmp_path / 'desk.db'}")
    database.migrate()
    desk = Desk(database, load_tenants(ROOT / "tenants"), ROOT / "processes", clock=lambda: NOW)
    yield desk
    desk.close()


@pytest.fixture
def actor() -> Actor:
    return Actor("importer", Role.ADMIN, "demo", "cli", "test")


@pytest.fixture
def sales() -> Actor:
    return Actor("clerk", Role.SALES, "demo", "chat", "message-1")
