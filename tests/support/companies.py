"""Two companies that look alike in one database: same logins, numbers, names and goods; what each sees and keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from deskhand.orders.errors import DeskhandError
from deskhand.orders.events import CONSUMERS
from deskhand.orders.model import Actor
from deskhand.store import Delivery, Desk, UnitOfWork
from deskhand.store.demo import load_demo
from deskhand.store.row_security import SHARED
from deskhand.store.schema import metadata
from tests.support.desks import ACTORS, OTHER_TENANT, TENANT, FakeClock, open_desk

COMPANIES = (TENANT, OTHER_TENANT)
CONSUMER_NAMES = tuple(sorted({name for names in CONSUMERS.values() for name in names}))
USERS = tuple(actor.user_id for actor in ACTORS)
NUMBERS = tuple(f"SO-{number}" for number in range(1001, 1009))
KINDS = ("orders", "conversations", "messages", "cards", "drafts", "deliveries", "own words")


def other(company: str) -> str:
    return COMPANIES[1 - COMPANIES.index(company)]


@dataclass
class Companies:
    """The desk of both, and the handles that each has made; any of them may be tried by the other."""

    desk: Desk
    clock: FakeClock
    handles: dict[str, dict[str, list[Any]]] = field(
        default_factory=lambda: {kind: {company: [] for company in COMPANIES} for kind in KINDS}
    )
    words: int = 0

    def word(self, company: str) -> str:
        """A word that nobody else has written."""
        self.words += 1
        made = f"word-{self.words}-of-{company}"
        self.handles["own words"][company].append(made)
        return made

    def keep(self, kind: str, company: str, *made: Any) -> None:
        self.handles[kind][company].extend(made)

    def any(self, kind: str, pick: int) -> Any:
        """A handle of either company; None when there is none."""
        known = [each for company in COMPANIES for each in self.handles[kind][company]]
        return known[pick % len(known)] if known else None

    def actor(self, company: str, pick: int) -> Actor:
        return replace(ACTORS[pick % len(ACTORS)], tenant=company, cause=f"cause-{pick}")

    @contextmanager
    def work(self, company: str) -> Iterator[UnitOfWork]:
        """A transaction of one company; what it refuses is what was to be tried."""
        with self.desk.unit_of_work(company) as uow:
            try:
                with uow.savepoint():
                    yield uow
            except (DeskhandError, LookupError):
                return
            uow.commit()

    def close(self) -> None:
        self.desk.close()


def two_companies(url: str) -> Companies:
    clock = FakeClock()
    desk = open_desk(url, clock)
    load_demo(desk, OTHER_TENANT)
    return Companies(desk, clock)


def snapshot(desk: Desk, company: str) -> bytes:
    """Everything that the database has of a company, in an order that does not change."""
    parts = []
    with desk.database.transaction(read_only=True, tenant=company) as connection:
        for table in metadata.sorted_tables:
            if table.name not in SHARED:
                query = select(table).where(table.c.tenant == company).order_by(*table.primary_key.columns)
                parts.append(f"{table.name}: {[tuple(row) for row in connection.execute(query)]!r}")
    return "\n".join(parts).encode()


def strange_in(companies: Companies, company: str) -> list[str]:
    """What of the other company can be found in all that this one is shown."""
    seen = repr(seen_by(companies, company))
    secrets = companies.handles
    theirs = [each for kind in KINDS for each in secrets[kind][other(company)]]
    return [word for word in (_identity(each) for each in theirs) if word in seen]


def seen_by(companies: Companies, company: str) -> list[object]:
    """Every reading that the repositories offer, asked with handles of both companies.

    What answers with the handle itself is reduced to whether there was an answer.
    """
    with companies.desk.unit_of_work(company, read_only=True) as uow:
        return [*_lists(uow), *_by_order(companies, uow), *_by_talk(companies, uow)]


def _lists(uow: UnitOfWork) -> Iterator[object]:
    yield from (uow.orders.list(limit=200), uow.orders.by_numbers(NUMBERS), uow.orders.count())
    yield from (uow.orders.of_customer("huaxing"), uow.orders.find("1001"), uow.orders.by_external("shop", "1"))
    yield from (uow.customers.all(), uow.products.all(), uow.users.all(), uow.warehouses.all())
    yield uow.stock.levels([("main", product.sku) for product in uow.products.all()])
    yield from (
        uow.conversations.list(),
        uow.notifications.since(0),
        uow.audit.list(limit=1000),
        uow.import_runs.list(),
    )
    yield from (uow.outbox.dead_letters(), [uow.outbox.waiting(name) for name in CONSUMER_NAMES])
    yield from (
        uow.cases.stopped(),
        uow.settlements.lines(uow.tenant.today(uow.now)),
        uow.imports.known_numbers("shop"),
    )
    yield from (uow.messages.unanswered(uow.now + timedelta(days=1)), uow.api_keys.all(), uow.delegations.of())
    for user in USERS:
        yield from (uow.drafts.open_of(user), uow.cards.open_of(user), uow.conversations.list(user))
        yield from (uow.notifications.unread(user, [f"role:{user}"]), uow.orders.last_changed_by(user))
        yield from (uow.sessions.of_user(user), uow.conversations.open(user, "chat", create=False))


def _by_order(companies: Companies, uow: UnitOfWork) -> Iterator[object]:
    ids = [each for company in COMPANIES for each in companies.handles["orders"][company]]
    yield from (uow.orders.by_ids(ids), uow.payments.paid(ids).values(), len(uow.cases.many(ids)))
    for order_id in ids:
        yield from (uow.orders.history(order_id), uow.outbox.events_of(order_id), uow.invoices.of_order(order_id))
        yield from (uow.texts.of_order(order_id), uow.settlements.of_order(order_id), uow.freight.of_order(order_id))


def _by_talk(companies: Companies, uow: UnitOfWork) -> Iterator[object]:
    known = {kind: [each for c in COMPANIES for each in companies.handles[kind][c]] for kind in KINDS}
    for conversation in known["conversations"]:
        yield from (uow.conversations.get(conversation), uow.messages.after(conversation, 0))
        yield from (uow.messages.latest_seq(conversation), uow.messages.unanswered_of(conversation, 50))
        yield uow.messages.by_client_id(conversation, "client-1")
    for message in known["messages"]:
        yield from (uow.messages.get(message), uow.messages.turn_result(message), uow.messages.of_turn(message))
    for card in known["cards"]:
        for user in USERS:
            try:
                yield uow.cards.get(card, user)
            except DeskhandError:
                continue


def _identity(handle: object) -> str:
    if isinstance(handle, Delivery):
        return handle.id
    return str(getattr(handle, "id", handle))
