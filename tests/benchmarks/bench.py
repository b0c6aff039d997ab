"""What every benchmark is given: a folder of its own, and a whole running Deskhand that is started only when asked for.

Knows no benchmark.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from deskhand.cli.environment import service_environment
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.store import Database, Desk, load_tenants
from tests.support.deskhand import ROOT, Running, running_deskhand

if TYPE_CHECKING:
    from tests.benchmarks.people import Crowd

TENANT = "demo"
CLERK = Actor("clerk", Role.SALES, TENANT, "chat", "benchmark")
ADMIN = Actor("admin", Role.ADMIN, TENANT, "cli", "benchmark")


@dataclass
class Bench:
    """One run of any number of benchmarks."""

    folder: Path
    stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    @cached_property
    def deskhand(self) -> Running:
        """Every service real, stopped at the end of the run."""
        (self.folder / "deskhand").mkdir()
        return self.stack.enter_context(running_deskhand(self.folder / "deskhand"))

    @cached_property
    def environment(self) -> dict[str, str]:
        """What the running services were given, secrets included."""
        return service_environment(ROOT, self.deskhand.environment)

    @cached_property
    def live_desk(self) -> Desk:
        """The running Deskhand's database, to see what it has written."""
        return self._desk(self.environment["DATABASE_URL"])

    @cached_property
    def crowd(self) -> Crowd:
        """People of the running Deskhand, each with a draft or an order behind them."""
        from tests.benchmarks.people import Crowd

        return Crowd.gather(self.deskhand.address, self.environment["DESKHAND_SESSION_SECRET"], self.live_desk)

    def new_desk(self, name: str) -> Desk:
        """The order desk alone on an empty, durable SQLite file."""
        desk = self._desk(f"sqlite:///{self.folder / name}.db")
        desk.database.migrate()
        return desk

    def _desk(self, url: str) -> Desk:
        desk = Desk(Database.connect(url), load_tenants(ROOT / "tenants"), ROOT / "processes")
        self.stack.callback(desk.close)
        return desk
