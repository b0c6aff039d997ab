"""One transaction and the repositories that share it. Rolled back unless committed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection

from deskhand.orders.tenant import Tenant
from deskhand.store.database import Database
from deskhand.store.ids import new_id
from deskhand.store.live_processes import LiveProcesses
from deskhand.store.repositories.api_keys import ApiKeys
from deskhand.store.repositories.audit import Audit
from deskhand.store.repositories.base import Clock, Repository
from deskhand.store.repositories.candidates import Candidates
from deskhand.store.repositories.cards import Cards
from deskhand.store.repositories.case_files import CaseFiles
from deskhand.store.repositories.cases import Cases
from deskhand.store.repositories.credit_notes import CreditNotes
from deskhand.store.repositories.delegations import Delegations
from deskhand.store.repositories.deliveries import Freight, Shipments
from deskhand.store.repositories.exports import Exports
from deskhand.store.repositories.goods import Products, Stock, Warehouses
from deskhand.store.repositories.handovers import Handovers
from deskhand.store.repositories.identities import Identities
from deskhand.store.repositories.import_jobs import ImportJobs
from deskhand.store.repositories.imports import Imports
from deskhand.store.repositories.messengers import Messengers
from deskhand.store.repositories.misunderstood import Misunderstandings
from deskhand.store.repositories.money import Invoices, Payments, Settlements
from deskhand.store.repositories.notice_settings import NoticeSettings
from deskhand.store.repositories.notifications import Notifications
from deskhand.store.repositories.order_writing import Orders
from deskhand.store.repositories.outbox import Outbox
from deskhand.store.repositories.parties import PartiesOf
from deskhand.store.repositories.passages import Passages
from deskhand.store.repositories.people import Customers, Users
from deskhand.store.repositories.process_versions import ProcessVersions
from deskhand.store.repositories.records import ImportRuns, Inbox, Texts
from deskhand.store.repositories.reply_templates import ReplyTemplates
from deskhand.store.repositories.reports import Reports
from deskhand.store.repositories.robots import Robots
from deskhand.store.repositories.sessions import Sessions
from deskhand.store.repositories.source_records import SourceRecords
from deskhand.store.repositories.stories import Stories
from deskhand.store.repositories.talk import Conversations, Drafts, Messages
from deskhand.store.repositories.work_items import WorkItems

R = TypeVar("R", bound=Repository)


class UnitOfWork:
    """`with desk.unit_of_work(tenant) as uow: ...; uow.commit()`. After `commit` it can't be used any more."""

    def __init__(
        self, database: Database, tenant: Tenant, clock: Clock, versions: LiveProcesses, read_only: bool = False
    ) -> None:
        self.tenant = tenant
        self.clock = clock
        self._database = database
        self._versions = versions
        self._read_only = read_only
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._now: datetime | None = None
        self.before_commit: Callable[[UnitOfWork], None] | None = None

    def __enter__(self) -> UnitOfWork:
        connection = self._database.connection(self._read_only, self.tenant.id)
        self._connection = self._stack.enter_context(connection)
        self._connection.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None and self._connection.in_transaction():
            self._connection.rollback()
        self._stack.close()

    def commit(self) -> None:
        if self.before_commit is not None and not self._read_only:
            self.before_commit(self)
        self.audit.flush()
        self.connection.commit()

    def rollback(self) -> None:
        self.audit.forget_since(0)
        self.connection.rollback()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails inside is taken back, and what the audit was told there; the rest of the transaction goes on."""
        noted = self.audit.mark()
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            self.audit.forget_since(noted)
            self.stock.noted()
            raise

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the unit of work is not open: use `with`")
        return self._connection

    @property
    def now(self) -> datetime:
        """One moment for the whole transaction."""
        if self._now is None:
            self._now = self.clock()
        return self._now

    def new_id(self) -> str:
        return new_id()

    def names_of(self, ids: Collection[str]) -> dict[str, str]:
        """What people and API keys are called, by id; those that are neither are left out."""
        return {user.id: user.name for user in self.users.many(ids)} | self.api_keys.names(ids)

    def _make(self, kind: type[R]) -> R:
        return kind(self.connection, self.tenant.id, self.clock)

    @cached_property
    def orders(self) -> Orders:
        return self._make(Orders)

    @cached_property
    def reports(self) -> Reports:
        return self._make(Reports)

    @cached_property
    def cases(self) -> Cases:
        return self._make(Cases)

    @cached_property
    def case_files(self) -> CaseFiles:
        return self._make(CaseFiles)

    @cached_property
    def process_versions(self) -> ProcessVersions:
        return self._make(ProcessVersions)

    @cached_property
    def stories(self) -> Stories:
        return self._make(Stories)

    @cached_property
    def customers(self) -> Customers:
        return self._make(Customers)

    @cached_property
    def products(self) -> Products:
        return self._make(Products)

    @cached_property
    def stock(self) -> Stock:
        return self._make(Stock)

    @cached_property
    def warehouses(self) -> Warehouses:
        return self._make(Warehouses)

    @cached_property
    def users(self) -> Users:
        return self._make(Users)

    @cached_property
    def sessions(self) -> Sessions:
        return self._make(Sessions)

    @cached_property
    def identities(self) -> Identities:
        return self._make(Identities)

    @cached_property
    def delegations(self) -> Delegations:
        return self._make(Delegations)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return self._make(ApiKeys)

    @cached_property
    def shipments(self) -> Shipments:
        return self._make(Shipments)

    @cached_property
    def freight(self) -> Freight:
        return self._make(Freight)

    @cached_property
    def invoices(self) -> Invoices:
        return self._make(Invoices)

    @cached_property
    def credit_notes(self) -> CreditNotes:
        return self._make(CreditNotes)

    @cached_property
    def payments(self) -> Payments:
        return self._make(Payments)

    @cached_property
    def settlements(self) -> Settlements:
        return self._make(Settlements)

    @cached_property
    def conversations(self) -> Conversations:
        return self._make(Conversations)

    @cached_property
    def handovers(self) -> Handovers:
        return self._make(Handovers)

    @cached_property
    def messages(self) -> Messages:
        return self._make(Messages)

    @cached_property
    def messengers(self) -> Messengers:
        return self._make(Messengers)

    @cached_property
    def misunderstood(self) -> Misunderstandings:
        return self._make(Misunderstandings)

    @cached_property
    def drafts(self) -> Drafts:
        return self._make(Drafts)

    @cached_property
    def cards(self) -> Cards:
        return self._make(Cards)

    @cached_property
    def notifications(self) -> Notifications:
        return self._make(Notifications)

    @cached_property
    def notice_settings(self) -> NoticeSettings:
        return self._make(NoticeSettings)

    @cached_property
    def outbox(self) -> Outbox:
        made = self._make(Outbox)
        made.undo_window = timedelta(seconds=self.tenant.undo_window_seconds)
        return made

    @cached_property
    def inbox(self) -> Inbox:
        return self._make(Inbox)

    @cached_property
    def texts(self) -> Texts:
        return self._make(Texts)

    @cached_property
    def reply_templates(self) -> ReplyTemplates:
        return self._make(ReplyTemplates)

    @cached_property
    def audit(self) -> Audit:
        return self._make(Audit)

    @cached_property
    def passages(self) -> Passages:
        return self._make(Passages)

    @cached_property
    def exports(self) -> Exports:
        return self._make(Exports)

    @cached_property
    def imports(self) -> Imports:
        return Imports(self.connection, self.tenant, self.clock, self._versions.active(self.tenant.id).process)

    @cached_property
    def import_jobs(self) -> ImportJobs:
        return self._make(ImportJobs)

    @cached_property
    def work_items(self) -> WorkItems:
        return self._make(WorkItems)

    @cached_property
    def robots(self) -> Robots:
        return self._make(Robots)

    @cached_property
    def parties(self) -> PartiesOf:
        return self._make(PartiesOf)

    @cached_property
    def source_records(self) -> SourceRecords:
        return self._make(SourceRecords)

    @cached_property
    def candidates(self) -> Candidates:
        return self._make(Candidates)

    @cached_property
    def import_runs(self) -> ImportRuns:
        return self._make(ImportRuns)
