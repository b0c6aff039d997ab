"""Desks to test with: the demo catalogue on SQLite or PostgreSQL, a clock that stands until it is moved, and actors.

A database is migrated once and copied for each test. The fixtures are for a folder's conftest to import.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from deskhand.orders.commands import (
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    NewLine,
    PlaceOrder,
    ReceiveGoods,
    StartAccountPeriod,
)
from deskhand.orders.model import Actor, Order
from deskhand.orders.process import NAME
from deskhand.orders.status import DeliveryMode, Role
from deskhand.store import Database, Desk, Notification, UnitOfWork, load_tenants
from deskhand.store.demo import load_demo
from deskhand.store.schema import history
from tests.support.postgres import NoPostgres, empty_database, postgres_server

ROOT = Path(__file__).parents[2]
TENANT = "demo"
OTHER_TENANT = "other"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai, before the cut-off

CLERK = Actor("clerk", Role.SALES, TENANT, "chat", "message-1")
WAREHOUSE = Actor("warehouse", Role.WAREHOUSE, TENANT, "chat", "message-2")
FINANCE = Actor("finance", Role.FINANCE, TENANT, "chat", "message-3")
MANAGER = Actor("manager", Role.MANAGER, TENANT, "chat", "message-4")
ADMIN = Actor("admin", Role.ADMIN, TENANT, "chat", "message-5")
CUSTOMER = Actor("customer", Role.CUSTOMER, TENANT, "chat", "message-6", "huaxing")
ACME = Actor("acme", Role.CUSTOMER, TENANT, "chat", "message-7", "acme-ltd")
ACTORS = (CLERK, WAREHOUSE, FINANCE, MANAGER, ADMIN, CUSTOMER, ACME)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def open_desk(url: str, clock: FakeClock | None = None, processes: Path = ROOT / "processes") -> Desk:
    """A desk with the shipped processes, for the demo's tenant and one more."""
    tenants = dict(load_tenants(ROOT / "tenants"))
    tenants[OTHER_TENANT] = replace(tenants[TENANT], id=OTHER_TENANT, name="Another company")
    return Desk(Database.connect(url), tenants, processes, clock or FakeClock(), ROOT / "permissions.yml")


def lay(desk: Desk, **changes: Any) -> None:
    """The order process, as its folder lies, says otherwise; it runs where nothing is published."""
    laid = desk.versions.laid[NAME]
    desk.versions.laid[NAME] = replace(laid, process=replace(laid.process, **changes))


def demo_database(folder: Path) -> str:
    """The address of a new SQLite file there, with the demo's catalogue."""
    file = folder / "deskhand.db"
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "desk.db")
        desk = open_desk(f"sqlite:///{file}")
        desk.database.migrate()
        load_demo(desk)
        desk.close()
        return file.read_bytes()


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A server whose database `deskhand` is migrated and has the demo's catalogue."""
    try:
        server = postgres_server()
        with server as url:
            desk = open_desk(url)
            desk.database.migrate()
            load_demo(desk)
            desk.close()
            yield url
    except NoPostgres as reason:
        pytest.skip(str(reason))


_names = (f"test_{number}" for number in itertools.count())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A copy of the template, for this test alone."""
    if request.param == "postgres":
        server: str = request.getfixturevalue("postgres_template")
        with empty_database(server, next(_names), template="deskhand") as url:
            yield url
        return
    yield demo_database(tmp_path)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(database_url: str, clock: FakeClock) -> Iterator[Desk]:
    """With the demo's catalogue, customers and users."""
    made = open_desk(database_url, clock)
    yield made
    made.close()


def placing(quantity: str = "20", unit: str | None = "box", **more: Any) -> PlaceOrder:
    """Twenty boxes of paper for Huaxing, by courier."""
    lines = (NewLine("PAPER-A4", Decimal(quantity), unit), NewLine("PRN-L100", Decimal(3)))
    command = PlaceOrder("huaxing", lines, delivery_mode=DeliveryMode.COURIER)
    return replace(command, **more)


STEPS = (
    (ConfirmOrder, CLERK),
    (ReceiveGoods, WAREHOUSE),
    (lambda number: GiveShipmentInformation(number, "SF", "SF1001"), WAREHOUSE),
    (CompleteShipment, WAREHOUSE),
    (StartAccountPeriod, FINANCE),
)
REACHED = {
    "pending_confirmation": 0,
    "confirmed": 1,
    "awaiting_shipment": 2,
    "packed": 3,
    "shipped": 4,
    "in_account_period": 5,
}


def order_in(desk: Desk, where: str, **more: Any) -> Order:
    """A new order, carried by people to a status (`packed`: awaiting shipment with a parcel)."""
    order = placed(desk, **more)
    for command, actor in STEPS[: REACHED[where]]:
        order = done(desk, command(order.number), actor)
    return order


def placed(desk: Desk, **more: Any) -> Order:
    return done(desk, placing(**more), CLERK)


def done(desk: Desk, command: Command, actor: Actor) -> Order:
    """The order after a command."""
    order = desk.handle(command, actor).order
    assert order is not None
    return order


def fresh(desk: Desk, number: str) -> Order:
    """The order as the database has it."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.orders.get(number)


def told(desk: Desk, *audiences: str) -> list[tuple[str, str]]:
    """(kind, Chinese text) of all that these audiences were told so far."""
    desk.project_notifications(TENANT)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = uow.notifications.after(audiences, 0, limit=10_000)
    return [(row.kind, text_of(row, "zh")) for row in rows]


def text_of(row: Notification, language: str) -> str:
    text: Any = row.payload["text"]
    return str(text[language])


def take_out_personal(uow: UnitOfWork, order_id: str) -> None:
    """Takes names and addresses out of an order's history, as erasing a customer does."""
    uow.orders.change(history, history.c.order_id == order_id, history.c.personal.is_not(None), personal=None, salt="")
