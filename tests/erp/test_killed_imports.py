"""An import that is killed in the middle leaves whole orders; the same import again goes on and ends like any other."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from deskhand.erp.importing import run
from deskhand.erp.sources import Source
from deskhand.store import Desk
from tests.support.desks import ADMIN, ROOT, TENANT, clock, database_url, postgres_template
from tests.support.desks import desk as desk_with_demo
from tests.support.importer import OPTIONS

__all__ = ["clock", "database_url", "desk_with_demo", "postgres_template"]

ORDERS, KILLS, SEED = 30, 3, 20261122


def write_file(place: Path) -> Path:
    """Orders of two lines, and a cancellation of a part of every fifth."""
    lines = ["Order No,Customer ID,Customer,SKU,Product,Qty,Unit Price,Order Date"]
    for number in range(1, ORDERS + 1):
        customer = f"{number % 7},Customer {number % 7}"
        for sku in ("A", "B"):
            lines.append(f"{number},{customer},{sku},Thing {sku},{number % 5 + 2},1.25,2026-01-{number % 28 + 1:02}")
        if number % 5 == 0:
            lines.append(f"C{number},{customer},A,Thing A,-1,1.25,2026-02-01")
    file = place / "orders.csv"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def child(url: str, file: Path, dies_at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.importer", url, str(file), str(dies_at)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def stored(desk: Desk) -> dict[str, tuple[object, ...]]:
    """What an import decides of each order; every one is whole, its chain too."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        orders = [order for order in uow.orders.list(limit=500).items if order.source == "shop"]
        said = uow.source_records.of_orders([order.id for order in orders])
        assert {one.key for one in said if one.kind == "orders"} == {order.external_number for order in orders}
        assert all(uow.orders.verify_chain(order.id) for order in orders)
        assert all(len(order.lines) == 2 and uow.cases.many([order.id]) for order in orders)
    return {
        order.external_number or "": (order.total, *((one.sku, one.quantity, one.amount) for one in order.lines))
        for order in orders
    }


def test_an_import_that_is_killed_leaves_whole_orders_and_goes_on(
    desk_with_demo: Desk, database_url: str, tmp_path: Path
) -> None:
    file = write_file(tmp_path)
    chance, sizes = random.Random(SEED), []

    for point in sorted(chance.sample(range(12, 60), KILLS)):
        died = child(database_url, file, point)
        assert died.returncode == -signal.SIGKILL, died.stderr
        sizes.append(len(stored(desk_with_demo)))
    report = run(desk_with_demo, ADMIN, [Source.of(file)], OPTIONS)

    assert sizes == sorted(sizes)
    assert report.inserted == ORDERS - sizes[-1]
    found = stored(desk_with_demo)
    assert found == expected()
    assert run(desk_with_demo, ADMIN, [Source.of(file)], OPTIONS).repeated


def expected() -> dict[str, tuple[object, ...]]:
    """Worked out one by one."""
    found: dict[str, tuple[object, ...]] = {}
    for number in range(1, ORDERS + 1):
        quantity = Decimal(number % 5 + 2)
        left = quantity - 1 if number % 5 == 0 else quantity
        parts = [("A", left, left * Decimal("1.25")), ("B", quantity, quantity * Decimal("1.25"))]
        found[str(number)] = (sum((part[2] for part in parts), Decimal(0)), *parts)
    return found


pytestmark = pytest.mark.timeout(300)
