"""The order desk of all tenants: what is loaded once, and the door to everything that changes an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from deskhand.orders.commands import Command
from deskhand.orders.errors import DeskhandError, TenantNotServed
from deskhand.orders.handlers import ON_ORDERS, handle
from deskhand.orders.model import Actor, Order
from deskhand.orders.permissions import Reach
from deskhand.orders.tenant import Tenant
from deskhand.orders.work import Outcome, Work
from deskhand.store.automatic import AutomaticReport, run_automatic, settle_due
from deskhand.store.database import Database, utc_now
from deskhand.store.processes import load_permissions, load_process
from deskhand.store.projector import project
from deskhand.store.repositories.base import Clock
from deskhand.store.texts import load_texts
from deskhand.store.unit_of_work import UnitOfWork

PROCESS = "order_to_cash"


class Desk:
    """Thread-safe; one for each service. Raises at once if one of the files is wrong.

    Args:
        permissions_file: by default `permissions.yml` beside the processes' folder.
    """

    def __init__(
        self,
        database: Database,
        tenants: Mapping[str, Tenant],
        processes_dir: Path | str,
        clock: Clock = utc_now,
        permissions_file: Path | str | None = None,
    ) -> None:
        folder = Path(processes_dir)
        self.database = database
        self.tenants = tenants
        self.clock = clock
        self.process = load_process(folder / PROCESS)
        self.texts = load_texts(folder / PROCESS / "texts.yml")
        self.permissions = load_permissions(Path(permissions_file or folder.parent / "permissions.yml"))

    def unit_of_work(self, tenant: str, read_only: bool = False) -> UnitOfWork:
        """One transaction for one tenant. `read_only` does not wait for writers on SQLite.

        Raises:
            TenantNotServed: if there is no such tenant, or none any more.
        """
        return UnitOfWork(self.database, self.tenant(tenant), self.clock, self.process, read_only)

    def tenant(self, tenant: str) -> Tenant:
        """The tenant with its settings as they are now.

        Raises:
            TenantNotServed: if there is no such tenant, or none any more.
        """
        found = self.tenants.get(tenant)
        if found is None:
            raise TenantNotServed(tenant=tenant)
        return found

    def handle(self, command: Command, actor: Actor) -> Outcome:
        """Carries a command out in a transaction of its own.

        Raises:
            DeskhandError: it was refused; nothing has changed but one row of the audit.
        """
        with self.unit_of_work(actor.tenant) as uow:
            try:
                return self.handle_in(uow, command, actor)
            finally:
                uow.commit()

    def handle_in(self, uow: UnitOfWork, command: Command, actor: Actor) -> Outcome:
        """As `handle`, inside the caller's transaction, which must be committed after a refusal too (the audit row).

        Raises:
            DeskhandError: what the command had begun is taken back; the rest of the transaction stands.
        """
        if actor.tenant != uow.tenant.id:
            raise ValueError(f"an actor of {actor.tenant} in a transaction of {uow.tenant.id}")
        try:
            with uow.savepoint():
                order = self._permitted(uow, command, actor)
                return handle(self.work(uow, actor), command, order)
        except DeskhandError as error:
            detail = {"code": error.code, **{key: str(value) for key, value in error.data.items()}}
            target = getattr(command, "number", None)
            uow.audit.add(actor, type(command).__name__, target, "refused", detail)
            raise

    def work(self, uow: UnitOfWork, actor: Actor) -> Work:
        return Work(uow, self.process, uow.tenant, actor)

    def check_allowed(self, command: type[Any], actor: Actor) -> None:
        """Before anything is asked for: may this actor do such a thing at all?

        Raises:
            RoleNotAllowed: if nothing allows it.
        """
        self.permissions.require(command.__name__, actor)

    def close(self) -> None:
        """Gives the database connections back."""
        self.database.close()

    def run_automatic(self, tenant: str, limit: int = 5000) -> AutomaticReport:
        """Carries orders through their automatic nodes; says which moved, and where and why others stopped."""
        return run_automatic(self, tenant, limit)

    def settle_due(self, tenant: str, now: datetime | None = None) -> Outcome | None:
        """R7: the settlement at the cut-off; None before it, and when it was made already."""
        return settle_due(self, tenant, now)

    def project_notifications(self, tenant: str) -> int:
        """Turns events into notification rows, in commit order; says how many."""
        return project(self, tenant)

    def _permitted(self, uow: UnitOfWork, command: Command, actor: Actor) -> Order | None:
        """The order that the command names, if the actor may do this to it."""
        action = type(command).__name__
        reach = self.permissions.require(action, actor)
        number = getattr(command, "number", None)
        if number is not None and (type(command) in ON_ORDERS or reach is Reach.OWN):
            order = uow.orders.get(number)
            self.permissions.require_for(action, actor, order)
            return order
        customer_id = getattr(command, "customer_id", None)
        if customer_id is not None:
            self.permissions.require_customer(action, actor, customer_id)
        return None
