"""A real desk on SQLite with the demo's catalogue, a clock that tests turn, and a worker's parts over it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deskhand.documents import Stationery
from deskhand.orders.commands import (
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    NewLine,
    PlaceOrder,
    ReceiveGoods,
)
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import Role
from deskhand.store import Database, Desk, load_tenants
from deskhand.worker.backoff import Backoff
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.metrics import Metrics
from deskhand.worker.service import consumers_of
from deskhand.worker.settings import Settings
from deskhand.writing import TextClient, Writer, load_templates
from tests.support.desks import FakeClock, demo_database

ROOT = Path(__file__).resolve().parents[2]
WAREHOUSE = (ReceiveGoods, GiveShipmentInformation, CompleteShipment)
PROCESS = ROOT / "processes" / "order_to_cash"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    made = Desk(Database.connect(demo_database(tmp_path)), load_tenants(ROOT / "tenants"), ROOT / "processes", clock)
    yield made
    made.close()


@pytest.fixture
def stationery() -> Stationery:
    return Stationery.load(PROCESS, ROOT / "tenants")


@dataclass
class Postbox:
    """What the mail server has taken; `refuse` is its answer to the next recipients."""

    messages: list[Any] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)
    url: str = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(envelope)
        return "250 OK"


@dataclass
class House:
    """The order desk and its worker, one step at a time."""

    desk: Desk
    clock: FakeClock
    outbox: Path
    client: TextClient | None = None
    smtp_url: str | None = None
    rasa_tracker: str | None = None
    metrics: Metrics = field(default_factory=Metrics)
    backoff: Backoff = field(default_factory=Backoff)

    def handle(self, command: object) -> Order:
        """By somebody whose task it is."""
        role = Role.WAREHOUSE if isinstance(command, WAREHOUSE) else Role.SALES
        outcome = self.desk.handle(command, Actor(str(role), role, "demo", "chat", "m1"))  # type: ignore[arg-type]
        assert outcome.order is not None
        return outcome.order

    def place(self, customer: str = "huaxing") -> str:
        lines = (NewLine("PAPER-A4", Decimal(20), "box"), NewLine("PRN-L100", Decimal(3), "unit"))
        command = PlaceOrder(customer, lines, address="上海浦东张江路1号", delivery_date=date(2026, 12, 4))
        return self.handle(command).number

    def confirm(self, customer: str = "huaxing") -> str:
        number = self.place(customer)
        self.handle(ConfirmOrder(number))
        return number

    def ship(self, number: str, parcels: int = 1) -> None:
        self.handle(ReceiveGoods(number))
        for parcel in range(parcels):
            self.handle(GiveShipmentInformation(number, "顺丰", f"SF100000000{parcel}"))
        self.handle(CompleteShipment(number))

    async def work(self, seconds: float = 16) -> None:
        """Lets the undo window pass, then carries deliveries until none is due."""
        self.clock.forward(seconds=seconds)
        dispatchers = self.dispatchers()
        while sum([await dispatcher.run_once() for dispatcher in dispatchers]):
            pass

    def dispatchers(self, lease: int = 60) -> list[Dispatcher]:
        settings = Settings(
            "sqlite:///unused.db", tenants_dir=ROOT / "tenants", processes_dir=ROOT / "processes",
            outbox_dir=self.outbox, smtp_url=self.smtp_url, mail_from="billing@demo.example", text_seconds=1.0,
            rasa_tracker=self.rasa_tracker,
        )  # fmt: skip
        writer = Writer(load_templates(PROCESS / "writing"), self.client)
        consumers = consumers_of(self.desk, settings, writer)
        return [Dispatcher(self.desk, consumer, self.metrics, lease, self.backoff) for consumer in consumers]

    def files(self) -> list[str]:
        folder = self.outbox / "demo"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def order(self, number: str) -> Order:
        with self.desk.unit_of_work("demo", read_only=True) as uow:
            return uow.orders.get(number)


@pytest.fixture
def house(desk: Desk, clock: FakeClock, tmp_path: Path) -> House:
    return House(desk, clock, tmp_path / "outbox")


@pytest.fixture(autouse=True)
async def _quiet_loop() -> None:
    """Threads that asyncio starts belong to the test's own loop."""
    await asyncio.sleep(0)
