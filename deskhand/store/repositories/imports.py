"""Imported orders, written in bulk: customers and products first, then orders with all that hangs on them.

Nothing is imported twice: an order is known by its source and number there. Closed history has no effects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, and_, select, tuple_

from deskhand.orders.duplicates import window
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.imports import ImportBatch, ImportedLine, ImportedOrder, ImportResult, LoadedOrder, ScaledLine
from deskhand.orders.model import Actor, Customer, Product
from deskhand.orders.money import Money
from deskhand.orders.process import Process
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import Tenant
from deskhand.store.ids import new_id
from deskhand.store.loading import COLUMNS, NUMBER, PIECE, Loader, Placed, Prepared
from deskhand.store.repositories.base import Clock, Repository, chunks
from deskhand.store.repositories.deliveries import Freight
from deskhand.store.repositories.goods import Products, Stock
from deskhand.store.repositories.order_writing import FIRST_NUMBER
from deskhand.store.repositories.outbox import Outbox
from deskhand.store.repositories.people import Customers
from deskhand.store.schema import customer, order_line, product, sales_order
from deskhand.store.staging import insert_columns, insert_ready
from deskhand.store.types import to_scaled

# A chunk touches more pages than SQLite's two megabytes hold: they would be written, and read again, several times.
_ROOM = "PRAGMA cache_size=-16000"

Goods = tuple[str, str, str]  # a system, a customer's id there, sku


class Held(NamedTuple):
    """So much of some goods is held by an order."""

    order_id: str
    created_at: datetime
    quantity: Decimal


class Imports(Repository):
    """Needs the process: a case begins at the node that waits in the status in which the orders start."""

    def __init__(self, connection: Connection, tenant: Tenant, clock: Clock, process: Process) -> None:
        super().__init__(connection, tenant.id, clock)
        self.company = tenant
        self.process = process

    def loader(self, batch: ImportBatch, actor: Actor) -> Loader:
        """What makes rows of this import's orders; it may be used outside the transaction."""
        return Loader(self.company, self.process, self.connection.dialect, batch, actor, self.clock())

    def insert(self, batch: ImportBatch, actor: Actor) -> ImportResult:
        """Writes what is new, with one summary event; the caller commits."""
        customers, new_customers = self.customers(batch)
        new_products = self.products(batch)
        known = self.known_numbers(batch.source)
        fresh = {one.external_number: one for one in batch.orders if one.external_number not in known}
        loader = self.loader(batch, actor)
        prepared = loader.prepare([_loaded(one, customers[one.customer_external_id]) for one in fresh.values()])
        result = ImportResult(
            numbers=self.write(prepared),
            like=self.like(batch, loader, prepared.orders),
            inserted=len(fresh),
            already_known=len(batch.orders) - len(fresh),
            customers=new_customers,
            products=new_products,
        )
        self.tell(batch, result, actor)
        return replace(result, like={result.numbers[one]: other for one, other in result.like.items()})

    def write(self, prepared: Prepared) -> dict[str, str]:
        """Inserts the rows; says which number each order of the source was given."""
        if not prepared.orders:
            return {}
        if self.connection.dialect.name == "sqlite":
            self.connection.exec_driver_sql(_ROOM)
        first = self.next_numbers("order", len(prepared.orders), FIRST_NUMBER)
        for table, rows in prepared.rows.items():
            if table is sales_order:
                rows = [(*row[:NUMBER], f"SO-{n}", *row[NUMBER + 1 :]) for n, row in enumerate(rows, start=first)]
            insert_ready(self.connection, table, COLUMNS[table], rows)
        insert_columns(self.connection, order_line, COLUMNS[order_line], prepared.lines)
        Freight(self.connection, self.tenant, self.clock).open_many(prepared.owed)
        Stock(self.connection, self.tenant, self.clock).move(prepared.moves)
        return {one.loaded.head.external_number: f"SO-{n}" for n, one in enumerate(prepared.orders, start=first)}

    def known_numbers(self, source: str) -> set[str]:
        """The outside numbers of the source that are here already."""
        query = select(sales_order.c.external_number).where(self.own(sales_order), sales_order.c.source == source)
        return {row["external_number"] for row in self.rows(query)}

    def customers(self, batch: ImportBatch) -> tuple[Mapping[str, Customer], int]:
        """By their id there, and how many are new."""
        known = self._customer_ids(batch.source)
        given = [
            Customer(
                id=known.get(one.external_id) or new_id(),
                name=one.name,
                email=one.email,
                address=one.address,
                region=one.region,
                external_id=one.external_id,
                source=batch.source,
            )
            for one in batch.customers
        ]
        Customers(self.connection, self.tenant, self.clock).upsert_all(given)
        return {one.external_id or "": one for one in given}, sum(one.external_id not in known for one in given)

    def _customer_ids(self, source: str) -> dict[str, str]:
        query = select(customer.c.external_id, customer.c.id).where(self.own(customer), customer.c.source == source)
        return {row["external_id"]: row["id"] for row in self.rows(query)}

    def products(self, batch: ImportBatch) -> int:
        """New ones are added, the source's own are brought up to date, others are left alone."""
        rows = self.rows(select(product.c.sku, product.c.source).where(self.own(product)))
        owner = {row["sku"]: row["source"] for row in rows}
        given = [
            Product(one.sku, one.name, one.name, PIECE, {PIECE: Decimal(1)}, Money(one.price, batch.currency))
            for one in batch.products
            if owner.get(one.sku, batch.source) == batch.source
        ]
        Products(self.connection, self.tenant, self.clock).upsert_all(given, batch.source)
        return sum(one.sku not in owner for one in given)

    def like(self, batch: ImportBatch, loader: Loader, orders: Sequence[Placed]) -> dict[str, str]:
        """Those of the new orders, by their number there, that look like one placed shortly before, with its number.

        History is left alone.
        """
        if batch.start_status is None or not self.company.duplicate_hours:
            return {}
        contents = {one.id: loader.content(one) for one in orders}
        seen = self._placed(set(contents.values()))
        mine = {one.loaded.head.external_number for one in orders}
        found: dict[str, str] = {}
        for one in sorted(orders, key=lambda each: each.loaded.head.created_at):
            content, at = contents[one.id], one.loaded.head.created_at
            since = window(self.company, at)
            said = one.loaded.head.external_number
            earlier = [
                number for number, when, order_id in seen.get(content, ())
                if order_id != one.id and since is not None and since <= when <= at
                and (when < at or order_id not in contents or order_id < one.id)
            ]  # fmt: skip
            if earlier and said in mine:
                found[said] = earlier[-1]
        return found

    def _placed(self, contents: Collection[str]) -> dict[str, list[tuple[str, datetime, str]]]:
        """By content, the orders that hold it, oldest first."""
        found: dict[str, list[tuple[str, datetime, str]]] = {}
        columns = (sales_order.c.content_hash, sales_order.c.number, sales_order.c.created_at, sales_order.c.id)
        for part in chunks(sorted(contents)):
            alive = (sales_order.c.content_hash.in_(part), sales_order.c.status != str(OrderStatus.CANCELLED))
            query = select(*columns).where(self.own(sales_order), *alive)
            for row in self.rows(query.order_by(sales_order.c.created_at, sales_order.c.id)):
                found.setdefault(row["content_hash"], []).append((row["number"], row["created_at"], row["id"]))
        return found

    def holders(self, wanted: Collection[Goods]) -> dict[Goods, list[Held]]:
        """The lines of each customer's orders that hold such goods."""
        found: dict[Goods, list[Held]] = {}
        whose = (customer.c.source, customer.c.external_id, order_line.c.sku)
        held = (sales_order.c.id, sales_order.c.created_at, order_line.c.quantity, order_line.c.returned)
        theirs = and_(customer.c.tenant == sales_order.c.tenant, customer.c.id == sales_order.c.customer_id)
        of_it = and_(order_line.c.tenant == sales_order.c.tenant, order_line.c.order_id == sales_order.c.id)
        joined = customer.join(sales_order, theirs).join(order_line, of_it)
        query = select(*whose, *held).select_from(joined).where(order_line.c.cancelled.is_(False))
        for part in chunks(sorted(wanted)):
            mine = (self.own(customer), self.own(sales_order), tuple_(*whose).in_(part))
            for row in self.connection.execute(query.where(*mine)):
                found.setdefault((row[0], row[1], row[2]), []).append(Held(row[3], row[4], row[5] - row[6]))
        return found

    def tell(self, batch: ImportBatch, result: ImportResult, actor: Actor) -> None:
        """The one notice of the whole import."""
        said: dict[str, object] = {
            "source": batch.source,
            "orders": result.inserted,
            "known": result.already_known,
            "customers": result.customers,
            "products": result.products,
            "start_status": str(batch.start_status) if batch.start_status else None,
        }
        told = DomainEvent(EventName.ORDERS_IMPORTED, None, said)
        Outbox(self.connection, self.tenant, self.clock).publish(told, actor)


def _loaded(order: ImportedOrder, customer: Customer) -> LoadedOrder:
    lines = tuple(_scaled(order.lines))
    return LoadedOrder(order, lines, customer.id, customer.name, customer.address, customer.region)


def _scaled(lines: Iterable[ImportedLine]) -> Iterable[ScaledLine]:
    for line in lines:
        numbers = (line.quantity, line.unit_price, line.amount, line.cancelled_quantity)
        quantity, price, amount, cancelled = map(to_scaled, numbers)
        yield line.sku, line.name, quantity, price, amount, cancelled
