"""What the worker does besides deliveries: notices, automatic nodes, settlement, forgetting. Each a short call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from deskhand.erp.jobs import Imports
from deskhand.orders.errors import TenantNotServed
from deskhand.orders.tenant import Tenant
from deskhand.store import Desk, LiveTenants, note_tenants
from deskhand.store.privacy import RasaConversations, forget_old
from deskhand.store.publishing import differing, take_over
from deskhand.worker.rounds import Rounds

_AUTOMATIC_BATCH = 2000

_log = logging.getLogger(__name__)


class Duties:
    """Every method does its duty for all tenants and says how much there was to do."""

    def __init__(self, desk: Desk, rasa: RasaConversations | None = None, imports: Imports | None = None) -> None:
        """The duties have threads of their own: a backlog of documents to draw must not make them wait in line.

        Args:
            rasa: where Rasa keeps what people wrote; it is forgotten together with our own record.
        """
        self._desk = desk
        self._rasa = rasa
        self._imports = imports
        self._compared: set[str] = set()  # companies whose folders were compared with what runs
        self._threads = ThreadPoolExecutor(3, thread_name_prefix="duty")
        self._importing: asyncio.Future[int] | None = None
        self._long = ThreadPoolExecutor(1, thread_name_prefix="import")  # an import may take minutes
        self._rounds = {
            name: Rounds(name)
            for name in (
                *("notifications", "automatic", "cases", "settlement", "reservations", "forgetting", "processes"),
                "old imports",
                "escalations",
            )
        }

    async def project(self) -> int:
        """Events become notifications, in the order in which they were committed."""
        return await self._each("notifications", lambda tenant: self._desk.project_notifications(tenant.id))

    async def carry_automatic(self) -> int:
        """Orders pass the nodes that need no person, until a rule or missing data stops them."""
        return await self._each("automatic", lambda tenant: self._desk.run_automatic(tenant.id, _AUTOMATIC_BATCH).moved)

    async def carry_cases(self) -> int:
        """Cases of the other processes start by the clock, their timers fire, their automatic tasks are passed."""
        return await self._each("cases", lambda tenant: self._desk.run_cases(tenant.id))

    async def settle(self) -> int:
        """R7: at the tenant's cut-off, once for each tenant and day. The store keeps the count."""
        return await self._each("settlement", self._settle)

    async def release_expired(self) -> int:
        """Goods that were reserved longer than each tenant's reservation days are free again."""
        return await self._each("reservations", lambda tenant: self._desk.release_expired(tenant.id))

    async def escalate(self) -> int:
        """What nobody of a role has acknowledged is told to who stands above it."""
        return await self._each("escalations", lambda tenant: self._desk.escalate(tenant.id))

    async def forget(self) -> int:
        """What is past the days of each tenant's `retention`, a batch at a time."""
        return await self._each("forgetting", lambda tenant: forget_old(self._desk, tenant.id, self._rasa).total)

    async def carry_imports(self) -> int:
        """Imports that somebody has said yes to, one after the other; one that takes minutes holds up no round."""
        if self._imports is None or (self._importing is not None and not self._importing.done()):
            return 0
        before, imports = self._importing, self._imports
        self._importing = asyncio.get_running_loop().run_in_executor(self._long, self._carry_imports, imports)
        return await before if before is not None else 0

    async def forget_imports(self) -> int:
        """What was sent in and nobody agreed to, and reports that are past their time."""
        if self._imports is None:
            return 0
        sweep = self._imports.sweep
        return await self._each("old imports", lambda tenant: sweep(tenant.id))

    async def note_tenants(self) -> int:
        """Companies that have come, changed or gone: each stands once in its own audit."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._note_tenants)

    async def follow_processes(self) -> int:
        """What was published is taken up; a company of which nothing is stored begins with the folders as they lie."""
        return await self._each("processes", self._follow_processes)

    def _follow_processes(self, tenant: Tenant) -> int:
        self._desk.versions.look(tenant.id)
        taken = take_over(self._desk, tenant.id)
        if tenant.id not in self._compared:
            self._compared.add(tenant.id)
            self._tell_of_drafts(tenant)
        return len(taken)

    def _carry_imports(self, imports: Imports) -> int:
        """One of each company; says how many there were."""
        done = 0
        for tenant in [*self._desk.tenants]:
            try:
                done += imports.work(tenant)
            except TenantNotServed:
                continue  # removed just now
            except Exception:  # it is tried again when its lease is over; the other companies have theirs done
                _log.exception("imports: failed for tenant %s; others go on", tenant)
        return done

    def _tell_of_drafts(self, tenant: Tenant) -> None:
        """Once after each start, so that nobody waits for a change that nobody has published."""
        told = "%s: the folder of %s is not version %d, which runs: deskhand process publish %s"
        for process, version in differing(self._desk, tenant.id).items():
            _log.warning(told, tenant.id, process, version, process)

    def _note_tenants(self) -> int:
        tenants = self._desk.tenants
        return note_tenants(self._desk, tenants.broken if isinstance(tenants, LiveTenants) else ())

    def _settle(self, tenant: Tenant) -> int:
        outcome = self._desk.settle_due(tenant.id, self._desk.clock())
        return len(outcome.orders) if outcome else 0

    async def _each(self, name: str, duty: Callable[[Tenant], int]) -> int:
        loop = asyncio.get_running_loop()
        return await self._rounds[name].run(
            self._desk.tenants.values(), lambda tenant: loop.run_in_executor(self._threads, duty, tenant)
        )
