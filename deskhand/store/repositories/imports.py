"""Imported orders, written in bulk: customers and products first, then orders with all that hangs on them.

Nothing is imported twice: an order is known by its source and number there. Closed history has no effects.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from deskhand.engine import Change
from deskhand.orders.changes import stock_said
from deskhand.orders.duplicates import content_hash, window
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.history import GENESIS, personal_digest, row_hash
from deskhand.orders.imports import ImportBatch, ImportedLine, ImportedOrder, ImportResult
from deskhand.orders.model import Actor, Customer, Product
from deskhand.orders.money import Money, round_amount
from deskhand.orders.process import Process
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.stock import RECEIVE, RESERVE, StockMove
from deskhand.orders.tenant import Tenant
from deskhand.store.bulk import insert_rows
from deskhand.store.ids import new_id
from deskhand.store.repositories.base import Clock, Repository, chunks
from deskhand.store.repositories.deliveries import Freight
from deskhand.store.repositories.goods import Products, Stock
from deskhand.store.repositories.order_writing import FIRST_NUMBER
from deskhand.store.repositories.outbox import Outbox
from deskhand.store.repositories.people import Customers
from deskhand.store.schema import case, customer, history, order_line, parcel, payment, product, sales_order, shipment

CHANNEL = "import"
EVENT = "import_order"
PIECE = "piece"
_SHIPPED = frozenset({OrderStatus.SHIPPED, OrderStatus.IN_ACCOUNT_PERIOD, OrderStatus.SETTLED})
_RESERVED = frozenset({OrderStatus.CONFIRMED, OrderStatus.AWAITING_SHIPMENT})

_ORDER = (
    *("tenant", "id", "number", "customer_id", "customer_name", "status", "payment_status", "currency", "total"),
    *("row_version", "created_at", "updated_at", "warehouse", "appointment", "address", "delivery_date", "paid_at"),
    *("shipped_at", "payment_due_on", "source", "external_number", "header_only", "created_by", "changed_by"),
    *("data", "content_hash", "history_seq", "history_hash"),
)
_LINE = (
    *("tenant", "order_id", "number", "sku", "name", "quantity", "unit", "base_quantity", "unit_price", "amount"),
    *("shipped", "cancelled"),
)
_CASE = (
    "tenant",
    "id",
    "process",
    "version",
    "marking",
    "row_version",
    "due_at",
    "data",
    "channel",
    "automatic",
    "ended",
)
_HISTORY = (
    *("tenant", "order_id", "seq", "event", "before", "after", "actor", "role", "channel", "cause", "at", "detail"),
    *("personal", "salt", "personal_digest", "previous_hash", "hash", "on_behalf_of"),
)
_SHIPMENT = ("tenant", "id", "order_id", "warehouse", "freight", "completed_at", "freight_settled_at")
_PARCEL = (
    *("tenant", "id", "shipment_id", "order_id", "carrier", "tracking_number", "address", "ship_date"),
    "position",
)

_PAYMENT = ("tenant", "id", "order_id", "amount", "currency", "reference", "paid_at", "recorded_by")


@dataclass(frozen=True, slots=True)
class _New:
    """An imported order on its way into the tables."""

    id: str
    number: str
    order: ImportedOrder
    status: OrderStatus
    customer: Customer


class Imports(Repository):
    """Needs the process: a case begins at the node that waits in the status in which the orders start."""

    def __init__(self, connection: Connection, tenant: Tenant, clock: Clock, process: Process) -> None:
        super().__init__(connection, tenant.id, clock)
        self.company = tenant
        self.process = process

    def insert(self, batch: ImportBatch, actor: Actor) -> ImportResult:
        """Writes what is new, with one summary event; the caller commits."""
        customers, new_customers = self._customers(batch)
        new_products = self._products(batch)
        known = self.known_numbers(batch.source)
        fresh = [order for order in batch.orders if order.external_number not in known]
        fresh = list({order.external_number: order for order in fresh}.values())
        orders = self._numbered(batch, fresh, customers)
        if orders:
            self._write(batch, orders, actor)
        result = ImportResult(
            like=self._like(batch, orders),
            inserted=len(orders),
            already_known=len(batch.orders) - len(orders),
            customers=new_customers,
            products=new_products,
            numbers={one.order.external_number: one.number for one in orders},
        )
        self._tell(batch, result, actor)
        return result

    def known_numbers(self, source: str) -> set[str]:
        """The outside numbers of the source that are here already."""
        query = select(sales_order.c.external_number).where(self.own(sales_order), sales_order.c.source == source)
        return {row["external_number"] for row in self.rows(query)}

    def _customers(self, batch: ImportBatch) -> tuple[Mapping[str, Customer], int]:
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

    def _products(self, batch: ImportBatch) -> int:
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

    def _numbered(
        self, batch: ImportBatch, orders: Sequence[ImportedOrder], customers: Mapping[str, Customer]
    ) -> list[_New]:
        if not orders:
            return []
        first = self.next_numbers("order", len(orders), FIRST_NUMBER)
        return [
            _New(new_id(), f"SO-{number}", order, _status(batch, order), customers[order.customer_external_id])
            for number, order in enumerate(orders, start=first)
        ]

    def _write(self, batch: ImportBatch, orders: Sequence[_New], actor: Actor) -> None:
        links = [self._link(one, actor) for one in orders]
        hashes = [link[_HISTORY.index("hash")] for link in links]
        rows = [self._order(batch, one, actor, digest) for one, digest in zip(orders, hashes, strict=True)]
        insert_rows(self.connection, sales_order, _ORDER, rows)
        insert_rows(self.connection, history, _HISTORY, links)
        insert_rows(self.connection, order_line, _LINE, (row for one in orders for row in self._lines(one)))
        self._cases(batch, orders)
        self._shipments(batch, orders)
        self._payments(batch, orders, actor)
        Stock(self.connection, self.tenant, self.clock).move([move for one in orders for move in self._moves(one)])

    def _order(self, batch: ImportBatch, one: _New, actor: Actor, digest: str) -> tuple[Any, ...]:
        order = one.order
        shipped = _shipped_at(one)
        payment = PaymentStatus.PAID if order.paid_at else PaymentStatus.UNPAID
        return (
            *(self.tenant, one.id, one.number, one.customer.id, one.customer.name, str(one.status), str(payment)),
            *(batch.currency, order.total, 1, order.created_at, order.updated_at or order.created_at),
            *(self.company.default_warehouse, False, order.address or one.customer.address, order.delivery_date),
            *(order.paid_at, shipped, self._due_on(one), batch.source, order.external_number, not order.lines),
            *(actor.user_id, actor.user_id, _data(batch, one), _content_of(batch, one), 1, digest),
        )

    def _due_on(self, one: _New) -> date | None:
        shipped = _shipped_at(one)
        return self.company.today(shipped) if shipped and one.status is OrderStatus.IN_ACCOUNT_PERIOD else None

    def _lines(self, one: _New) -> list[tuple[Any, ...]]:
        return [self._line(one, number, line) for number, line in enumerate(one.order.lines, start=1)]

    def _line(self, one: _New, number: int, line: ImportedLine) -> tuple[Any, ...]:
        cancelled = line.cancelled_quantity >= line.quantity
        quantity = line.quantity if cancelled else line.quantity - line.cancelled_quantity
        shipped = quantity if one.status in _SHIPPED and not cancelled else Decimal(0)
        return (
            *(self.tenant, one.id, number, line.sku, line.name, quantity, PIECE, quantity, line.unit_price),
            *(line.amount, shipped, cancelled),
        )

    def _cases(self, batch: ImportBatch, orders: Sequence[_New]) -> None:
        process = self.process
        began: dict[OrderStatus, Change] = {}
        for one in orders:
            if one.status not in began:
                began[one.status] = _begun(process, batch, one.status, self.clock())
        rows = []
        for one in orders:
            change = began[one.status]
            rows.append(
                (
                    *(self.tenant, one.id, process.table.process, process.version, " ".join(sorted(change.after)), 1),
                    *(change.due_at, dict(change.data), CHANNEL, batch.automatic, change.ended),
                )
            )
        insert_rows(self.connection, case, _CASE, rows)

    def _shipments(self, batch: ImportBatch, orders: Sequence[_New]) -> None:
        left = [(new_id(), one) for one in orders if one.status in _SHIPPED]
        freight = {one.id: self._freight(batch, one) for _, one in left}
        rows = [
            (self.tenant, made, one.id, self.company.default_warehouse, freight[one.id], _shipped_at(one), None)
            for made, one in left
        ]
        insert_rows(self.connection, shipment, _SHIPMENT, rows)
        if batch.start_status is not None:
            owed = [(made, one.id, freight[one.id] or Decimal(0), batch.currency) for made, one in left]
            Freight(self.connection, self.tenant, self.clock).open_many(owed)
        parcels = [
            (
                *(self.tenant, new_id(), made, one.id, one.order.carrier, one.order.tracking_number),
                *(
                    one.order.address or one.customer.address or "",
                    self.company.today(_shipped_at(one) or self.clock()),
                    0,
                ),
            )
            for made, one in left
            if one.order.carrier and one.order.tracking_number
        ]
        insert_rows(self.connection, parcel, _PARCEL, parcels)

    def _freight(self, batch: ImportBatch, one: _New) -> Decimal | None:
        """What the source says; for orders that are still to be settled, else what our table decides."""
        if one.order.freight is not None or batch.start_status is None:
            return one.order.freight
        inputs = {"region": one.customer.region, "value": one.order.total, "weight_kg": None, "delivery_mode": None}
        return round_amount(Decimal(str(self.process.decide("freight", inputs).outputs["freight"])), batch.currency)

    def _payments(self, batch: ImportBatch, orders: Sequence[_New], actor: Actor) -> None:
        """A paid time is a recorded payment, so that the settlement knows of it."""
        rows = [
            (
                *(self.tenant, new_id(), one.id, one.order.total, batch.currency, CHANNEL, one.order.paid_at),
                actor.user_id,
            )
            for one in orders
            if one.order.paid_at is not None
        ]
        insert_rows(self.connection, payment, _PAYMENT, rows)

    def _moves(self, one: _New) -> list[StockMove]:
        """Orders that start confirmed hold stock; those that await shipment have brought it with them."""
        if one.status not in _RESERVED:
            return []
        place, received = self.company.default_warehouse, one.status is OrderStatus.AWAITING_SHIPMENT
        moves = []
        for line in one.order.lines:
            quantity = line.quantity - line.cancelled_quantity
            if quantity > 0:
                moves.append(StockMove(place, line.sku, RESERVE, one.id, reserved=quantity))
                if received:
                    moves.append(StockMove(place, line.sku, RECEIVE, one.id, on_hand=quantity))
        return moves

    def _link(self, one: _New, actor: Actor) -> tuple[Any, ...]:
        order, now, salt = one.order, self.clock(), secrets.token_hex(16)
        detail: dict[str, object] = {"total": str(order.total), "lines": len(order.lines)}
        detail |= {"external_number": order.external_number}
        if moves := stock_said(self._moves(one)):
            detail["stock"] = moves
        personal = {"customer_name": one.customer.name, "address": order.address}
        digest, status = personal_digest(salt, personal), str(one.status)
        link = row_hash((one.id, 1, EVENT, None, status), actor, now, detail, digest, GENESIS)
        return (
            *(self.tenant, one.id, 1, EVENT, None, status, actor.user_id, str(actor.role), actor.channel, actor.cause),
            *(now, detail, personal, salt, digest, GENESIS, link, actor.on_behalf_of),
        )

    def _like(self, batch: ImportBatch, orders: Sequence[_New]) -> dict[str, str]:
        """Those of the new orders that look like one placed shortly before, with its number; history is left alone."""
        if batch.start_status is None or not self.company.duplicate_hours:
            return {}
        seen = self._placed({_content_of(batch, one) for one in orders}, {one.number for one in orders})
        found: dict[str, str] = {}
        for one in sorted(orders, key=lambda each: each.order.created_at):
            content, at = _content_of(batch, one), one.order.created_at
            since = window(self.company, at)
            earlier = [number for number, when in seen.get(content, ()) if since is not None and since <= when <= at]
            if earlier:
                found[one.number] = earlier[-1]
            seen.setdefault(content, []).append((one.number, at))
        return found

    def _placed(self, contents: Collection[str], besides: Collection[str]) -> dict[str, list[tuple[str, datetime]]]:
        """By content, the orders that hold it, oldest first."""
        found: dict[str, list[tuple[str, datetime]]] = {}
        columns = (sales_order.c.content_hash, sales_order.c.number, sales_order.c.created_at)
        for part in chunks(sorted(contents)):
            alive = (sales_order.c.content_hash.in_(part), sales_order.c.status != str(OrderStatus.CANCELLED))
            query = select(*columns).where(self.own(sales_order), *alive).order_by(sales_order.c.created_at)
            for row in self.rows(query):
                if row["number"] not in besides:
                    found.setdefault(row["content_hash"], []).append((row["number"], row["created_at"]))
        return found

    def _tell(self, batch: ImportBatch, result: ImportResult, actor: Actor) -> None:
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


def _status(batch: ImportBatch, order: ImportedOrder) -> OrderStatus:
    return OrderStatus.CANCELLED if order.cancelled else batch.start_status or OrderStatus.SETTLED


def _begun(process: Process, batch: ImportBatch, status: OrderStatus, now: datetime) -> Change:
    """Closed history is at its end; everything else waits where the status says."""
    if batch.start_status is None and status is OrderStatus.SETTLED:
        return process.closed("", now)
    return process.begin("", now, str(status))


def _shipped_at(one: _New) -> datetime | None:
    return one.order.shipped_at or one.order.created_at if one.status in _SHIPPED else None


def _data(batch: ImportBatch, one: _New) -> dict[str, object]:
    """What later steps need of the import: whether to go on alone, and where the parcel will be."""
    data: dict[str, object] = {"channel": CHANNEL}
    if batch.automatic:
        data["automatic"] = True
    if one.status not in _SHIPPED and one.order.carrier and one.order.tracking_number:
        data |= {"carrier": one.order.carrier, "tracking_number": one.order.tracking_number}
    return data


def _content_of(batch: ImportBatch, one: _New) -> str:
    goods = ((line.sku, line.quantity) for line in one.order.lines)
    return content_hash(one.customer.id, batch.currency, one.order.total, goods)
