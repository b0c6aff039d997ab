"""The order desk of all tenants: what is loaded once, and the door to units of work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deskhand.orders.tenant import Tenant
from deskhand.store.database import Database, utc_now
from deskhand.store.repositories.base import Clock
from deskhand.store.unit_of_work import UnitOfWork


class Desk:
    """Thread-safe; one for each service."""

    def __init__(
        self, database: Database, tenants: Mapping[str, Tenant], processes_dir: Path | str, clock: Clock = utc_now
    ) -> None:
        self.database = database
        self.tenants = tenants
        self.clock = clock
        self.processes_dir = Path(processes_dir)

    def unit_of_work(self, tenant: str, read_only: bool = False) -> UnitOfWork:
        """One transaction for one tenant. `read_only` does not wait for writers on SQLite."""
        return UnitOfWork(self.database, self.tenants[tenant], self.clock, read_only)
