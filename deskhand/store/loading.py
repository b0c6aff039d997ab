"""Imported orders -> rows of every table, as the driver takes them. Made before a transaction begins, so that nobody
waits for it; only the numbers are missing. Opens no connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain, repeat
from typing import Any

from sqlalchemy import Dialect, Table

from deskhand.engine import Change
from deskhand.orders.changes import stock_said
from deskhand.orders.duplicates import content_hash
from deskhand.orders.history import GENESIS, RowHashes, canonical, salts, written_digest
from deskhand.orders.imports import ImportBatch, LoadedOrder
from deskhand.orders.model import Actor
from deskhand.orders.money import round_amount
from deskhand.orders.process import Process
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.orders.stock import RECEIVE, RESERVE, StockMove
from deskhand.orders.tenant import Tenant
from deskhand.store.database import Encoded, to_json
from deskhand.store.ids import new_id, new_ids
from deskhand.store.schema import case, history, order_line, parcel, payment, sales_order, shipment
from deskhand.store.staging import ready
from deskhand.store.types import from_scaled

CHANNEL = "import"
EVENT = "import_order"
PIECE = "piece"
_SHIPPED = frozenset({OrderStatus.SHIPPED, OrderStatus.IN_ACCOUNT_PERIOD, OrderStatus.SETTLED})
_RESERVED = frozenset({OrderStatus.CONFIRMED, OrderStatus.AWAITING_SHIPMENT})
_REMEMBERED = 20_000
_RECENT = timedelta(days=2)  # beyond any window in which orders that are alike are asked about

NUMBER = 2  # where an order's number stands in its row
Rows = list[tuple[Any, ...]]

COLUMNS: dict[Table, tuple[str, ...]] = {
    sales_order: (
        *("tenant", "id", "number", "customer_id", "customer_name", "status", "payment_status", "currency", "total"),
        *("row_version", "created_at", "updated_at", "warehouse", "appointment", "address", "delivery_date", "paid_at"),
        *("shipped_at", "payment_due_on", "source", "external_number", "header_only", "created_by", "changed_by"),
        *("data", "content_hash", "history_seq", "history_hash"),
    ),
    history: (
        *("tenant", "order_id", "seq", "event", "before", "after", "actor", "role", "channel", "cause", "at", "detail"),
        *("personal", "salt", "personal_digest", "previous_hash", "hash", "on_behalf_of"),
    ),
    order_line: (
        *("tenant", "order_id", "number", "sku", "name", "quantity", "unit", "base_quantity", "unit_price", "amount"),
        *("shipped", "cancelled"),
    ),
    case: (
        *("tenant", "id", "process", "version", "marking", "row_version", "due_at", "data", "channel", "automatic"),
        "ended",
    ),
    shipment: ("tenant", "id", "order_id", "warehouse", "freight", "completed_at", "freight_settled_at"),
    parcel: (
        *("tenant", "id", "shipment_id", "order_id", "carrier", "tracking_number", "address", "ship_date"),
        "position",
    ),
    payment: ("tenant", "id", "order_id", "amount", "currency", "reference", "paid_at", "recorded_by"),
}


@dataclass(slots=True)
class Placed:
    """An order with the id that it will have."""

    id: str
    loaded: LoadedOrder
    status: OrderStatus

    @property
    def shipped_at(self) -> datetime | None:
        head = self.loaded.head
        return head.shipped_at or head.created_at if self.status in _SHIPPED else None


@dataclass(slots=True)
class Prepared:
    """Rows by table, and the lines in columns. `owed` is freight that is still to be settled; `moves` are for the stock
    ledger.
    """

    orders: list[Placed]
    rows: dict[Table, Rows]
    lines: Sequence[Sequence[Any]]
    owed: list[tuple[str, str, Decimal, str]] = field(default_factory=list)
    moves: list[StockMove] = field(default_factory=list)


class Loader:
    """For one import: what its rows have in common is worked out once."""

    def __init__(
        self, tenant: Tenant, process: Process, dialect: Dialect, batch: ImportBatch, actor: Actor, now: datetime
    ) -> None:
        self._tenant = tenant
        self._process = process
        self._dialect = dialect
        self._batch = batch
        self._actor = actor
        self._now = now
        self._common = {"channel": CHANNEL} | ({"automatic": True} if batch.automatic else {})
        self._data_of_all = Encoded(to_json(self._common))
        self._hashes = RowHashes(actor, now)
        self._personal: dict[tuple[str, str | None], Encoded] = {}  # what rows of one customer say of them
        self._began: dict[OrderStatus, tuple[Any, ...]] = {}  # what cases that begin there have in common

    def prepare(self, loaded: Sequence[LoadedOrder]) -> Prepared:
        """The rows of these orders, in their order."""
        ids = new_ids(len(loaded))
        orders = [Placed(made, one, self._status(one)) for made, one in zip(ids, loaded, strict=True)]
        links = [self._link(one, salt) for one, salt in zip(orders, salts(len(orders)), strict=True)]
        heads = [self._order(one, link[-2]) for one, link in zip(orders, links, strict=True)]
        gone = [one for one in orders if one.status in _SHIPPED]
        left = list(zip(new_ids(len(gone)), gone, strict=True))
        freight = {one.id: self._freight(one) for _, one in left}
        shipments = [self._shipment(made, one, freight[one.id]) for made, one in left]
        given = {
            sales_order: heads,
            history: links,
            case: [self._case(one) for one in orders],
            shipment: shipments,
            parcel: [row for made, one in left if (row := self._parcel(made, one))],
            payment: [self._payment(one) for one in orders if one.loaded.head.paid_at is not None],
        }
        rows = {table: ready(self._dialect, table, COLUMNS[table], some) for table, some in given.items()}
        owed = [] if self._batch.start_status is None else [
            (made, one.id, freight[one.id] or Decimal(0), self.currency(one)) for made, one in left
        ]  # fmt: skip
        moves = [move for one in orders for move in self._moves(one)]
        return Prepared(orders, rows, self._lines(orders), owed, moves)

    def currency(self, one: Placed) -> str:
        return one.loaded.head.currency or self._batch.currency

    def content(self, one: Placed) -> str:
        """What the order asks for, to find others like it."""
        goods = ((line[0], from_scaled(line[2])) for line in one.loaded.lines)
        return content_hash(one.loaded.customer_id, self.currency(one), one.loaded.head.total, goods)

    def _status(self, one: LoadedOrder) -> OrderStatus:
        return OrderStatus.CANCELLED if one.head.cancelled else self._batch.start_status or OrderStatus.SETTLED

    def _order(self, one: Placed, digest: str) -> tuple[Any, ...]:
        head, customer = one.loaded.head, one.loaded
        shipped = one.shipped_at
        paid = PaymentStatus.PAID if head.paid_at else PaymentStatus.UNPAID
        recent = self._batch.start_status is not None or head.created_at > self._now - _RECENT
        return (
            *(self._tenant.id, one.id, "", customer.customer_id, customer.customer_name, str(one.status)),
            *(str(PaymentStatus.REFUNDED if head.refunded else paid), self.currency(one), head.total, 1),
            *(head.created_at, head.updated_at or head.created_at, self._tenant.default_warehouse, False),
            *(head.address or customer.customer_address, head.delivery_date, head.paid_at, shipped),
            *(
                self._due_on(one, shipped),
                customer.source or self._batch.source,
                head.external_number,
                not customer.lines,
            ),
            *(self._actor.user_id, self._actor.user_id, self._data(one), self.content(one) if recent else None),
            *(1, digest),
        )

    def _due_on(self, one: Placed, shipped: datetime | None) -> date | None:
        return self._tenant.today(shipped) if shipped and one.status is OrderStatus.IN_ACCOUNT_PERIOD else None

    def _data(self, one: Placed) -> Encoded:
        """What later steps need of the import: whether to go on alone, and where the parcel will be."""
        head = one.loaded.head
        if one.status in _SHIPPED or not (head.carrier and head.tracking_number):
            return self._data_of_all
        return Encoded(to_json({**self._common, "carrier": head.carrier, "tracking_number": head.tracking_number}))

    def _lines(self, orders: Sequence[Placed]) -> list[Sequence[Any]]:
        """The columns of all their lines, ready for the driver: the numbers of a line are scaled already."""
        counts = [len(one.loaded.lines) for one in orders]
        given = list(chain.from_iterable(one.loaded.lines for one in orders))
        if not given:
            return [()] * len(COLUMNS[order_line])
        skus, names, ordered, prices, amounts, cancelled = zip(*given, strict=True)
        off = [taken >= quantity for quantity, taken in zip(ordered, cancelled, strict=True)]
        left: Sequence[int] = ordered
        if any(cancelled):
            left = [quantity if gone else quantity - taken
                    for quantity, taken, gone in zip(ordered, cancelled, off, strict=True)]  # fmt: skip
        ids = _for_each_line((one.id for one in orders), counts)
        shipped = left
        if any(off) or not all(one.status in _SHIPPED for one in orders):
            sent = _for_each_line((one.status in _SHIPPED for one in orders), counts)
            shipped = [quantity if yes and not gone else 0
                       for quantity, yes, gone in zip(left, sent, off, strict=True)]  # fmt: skip
        numbers = list(chain.from_iterable(range(1, count + 1) for count in counts))
        tenant, unit = [self._tenant.id] * len(ids), [PIECE] * len(ids)
        return [tenant, ids, numbers, skus, names, left, unit, left, prices, amounts, shipped, off]

    def _link(self, one: Placed, salt: str) -> tuple[Any, ...]:
        head, actor, now, status = one.loaded.head, self._actor, self._now, str(one.status)
        detail: dict[str, object] = {"total": str(head.total), "lines": len(one.loaded.lines)}
        detail["external_number"] = head.external_number
        if moves := stock_said(self._moves(one)):
            detail["stock"] = moves
        personal = self._said_of(one.loaded.customer_name, head.address)
        written, digest = canonical(detail), written_digest(salt, personal.encode())
        hashed = self._hashes.of((one.id, 1, EVENT, None, status), written, digest, GENESIS)
        return (
            *(self._tenant.id, one.id, 1, EVENT, None, status, actor.user_id, str(actor.role), actor.channel),
            *(actor.cause, now, Encoded(written.decode()), personal, salt, digest, GENESIS, hashed),
            actor.on_behalf_of,
        )

    def _said_of(self, customer_name: str, address: str | None) -> Encoded:
        known = self._personal.get((customer_name, address))
        if known is None:
            if len(self._personal) > _REMEMBERED:
                self._personal.clear()
            known = Encoded(canonical({"customer_name": customer_name, "address": address}).decode())
            self._personal[customer_name, address] = known
        return known

    def _case(self, one: Placed) -> tuple[Any, ...]:
        process = self._process
        began = self._began.get(one.status)
        if began is None:
            change = self._begun(one.status)
            marking, data = " ".join(sorted(change.after)), Encoded(to_json(dict(change.data)))
            began = self._began[one.status] = (marking, 1, change.due_at, data, CHANNEL, self._batch.automatic,
                                               change.ended)  # fmt: skip
        return self._tenant.id, one.id, process.table.process, process.version, *began

    def _begun(self, status: OrderStatus) -> Change:
        """Closed history is at its end; everything else waits where the status says."""
        if self._batch.start_status is None and status is OrderStatus.SETTLED:
            return self._process.closed("", self._now)
        return self._process.begin("", self._now, str(status))

    def _shipment(self, made: str, one: Placed, freight: Decimal | None) -> tuple[Any, ...]:
        return self._tenant.id, made, one.id, self._tenant.default_warehouse, freight, one.shipped_at, None

    def _parcel(self, made: str, one: Placed) -> tuple[Any, ...] | None:
        head = one.loaded.head
        if not (head.carrier and head.tracking_number):
            return None
        place = head.address or one.loaded.customer_address or ""
        day = self._tenant.today(one.shipped_at or self._now)
        return self._tenant.id, new_id(), made, one.id, head.carrier, head.tracking_number, place, day, 0

    def _freight(self, one: Placed) -> Decimal | None:
        """What the source says; for orders that are still to be settled, else what our table decides."""
        head = one.loaded.head
        if head.freight is not None or self._batch.start_status is None:
            return head.freight
        inputs = {"region": one.loaded.region, "value": head.total, "weight_kg": None, "delivery_mode": None}
        decided = Decimal(str(self._process.decide("freight", inputs).outputs["freight"]))
        return round_amount(decided, self.currency(one))

    def _payment(self, one: Placed) -> tuple[Any, ...]:
        """A paid time is a recorded payment, so that the settlement knows of it."""
        head = one.loaded.head
        return (
            *(self._tenant.id, new_id(), one.id, head.total, self.currency(one), CHANNEL, head.paid_at),
            self._actor.user_id,
        )

    def _moves(self, one: Placed) -> list[StockMove]:
        """Orders that start confirmed hold stock; those that await shipment have brought it with them."""
        if one.status not in _RESERVED:
            return []
        place, received = self._tenant.default_warehouse, one.status is OrderStatus.AWAITING_SHIPMENT
        moves = []
        for sku, _, ordered, _, _, cancelled in one.loaded.lines:
            if ordered > cancelled:
                quantity = from_scaled(ordered - cancelled)
                moves.append(StockMove(place, sku, RESERVE, one.id, reserved=quantity))
                if received:
                    moves.append(StockMove(place, sku, RECEIVE, one.id, on_hand=quantity))
        return moves


def _for_each_line(values: Iterable[Any], counts: Iterable[int]) -> list[Any]:
    """What an order has, for each of its lines."""
    return list(chain.from_iterable(map(repeat, values, counts)))
