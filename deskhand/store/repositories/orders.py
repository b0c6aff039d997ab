"""Orders as they are read: by number, by customer, by status, page by page."""

from __future__ import annotations

import base64
import builtins
import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, Select, and_, func, literal, or_, select, tuple_

from deskhand.orders.errors import UnknownOrder
from deskhand.orders.model import Invoice, Order, OrderLine, Parcel, Shipment
from deskhand.orders.money import in_places
from deskhand.orders.report import Concern
from deskhand.orders.status import DeliveryMode, OrderStatus, PaymentStatus
from deskhand.store.records import Page
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.repositories.deliveries import contents_from
from deskhand.store.repositories.reports import concerning
from deskhand.store.schema import case, history, invoice, order_line, parcel, sales_order, shipment

_NUMBER = re.compile(r"^\s*(?:SO)?[\s\-–—#]*0*(\d{1,12})\s*$", re.IGNORECASE)
_SORTABLE = {"created_at", "updated_at", "paid_at"}
_PLAIN = (
    *("id", "tenant", "number", "customer_id", "customer_name", "currency", "row_version", "created_at"),
    *("updated_at", "warehouse", "appointment", "address", "delivery_date", "paid_at", "shipped_at", "payment_due_on"),
    *("source", "external_number", "header_only", "created_by", "hold_reason", "data"),
    *("reserved_until", "reservation_lapsed"),
)

_MOST_HELD = 50

Found = list[Order]
Lines = list[OrderLine]
Shipments = list[Shipment]
Rows = list[RowMapping]
Head = tuple[int, str]  # number and hash of the newest history row


class OrderReading(Repository):
    """Three queries for one order or for a page: heads with invoice and case, lines, shipments with parcels."""

    def __init__(self, connection: Any, tenant: str, clock: Any) -> None:
        super().__init__(connection, tenant, clock)
        self.heads: dict[str, Head] = {}

    def hold(self, numbers: Collection[str]) -> None:
        """Before several commands of one transaction: takes what they number by, then the orders that they name, in one
        order whatever was said first; two such transactions would lock each other out.
        """
        self.hold_numbers()
        named = sales_order.c.number.in_([canonical_number(each) for each in numbers])
        meant = select(sales_order.c.id).where(self.own(sales_order), named)
        mine = (self.own(case), case.c.id.in_(meant))
        self.rows(select(case.c.id).where(*mine).order_by(case.c.id).with_for_update())

    def get(self, number: str) -> Order:
        """The order with that number, written in any usual way.

        Raises:
            UnknownOrder: if this tenant has none.
        """
        found = self._load(self._heads().where(sales_order.c.number == canonical_number(number)))
        if not found:
            raise UnknownOrder(number=number)
        return found[0]

    def by_id(self, order_id: str) -> Order:
        """One order by its opaque id.

        Raises:
            UnknownOrder: if this tenant has none.
        """
        found = self.by_ids([order_id])
        if not found:
            raise UnknownOrder(number=order_id)
        return found[0]

    def by_ids(self, order_ids: Sequence[str], with_lines: bool = True) -> Found:
        """Those that exist, oldest first; without lines where a step on thousands doesn't look at them."""
        found: Found = []
        for part in chunks(order_ids):
            found += self._load(self._heads().where(sales_order.c.id.in_(part)).order_by(sales_order.c.id), with_lines)
        return found

    def by_numbers(self, numbers: Sequence[str]) -> Found:
        found: Found = []
        for part in chunks([canonical_number(each) for each in numbers]):
            found += self._load(self._heads().where(sales_order.c.number.in_(part)).order_by(sales_order.c.id))
        return found

    def find(self, text: str, customer_id: str | None = None) -> Found:
        """Orders that may be meant by "1001", "SO-1001", "so1001", or an outside number."""
        mine = sales_order.c.number == canonical_number(text)
        query = self._heads().where(or_(mine, sales_order.c.external_number == text.strip()))
        if customer_id is not None:
            query = query.where(sales_order.c.customer_id == customer_id)
        return self._load(query.order_by(sales_order.c.id).limit(10))

    def on_hold_of(self, customer_id: str) -> Found:
        """Those of a customer that are on hold, oldest first, without their lines."""
        held = (sales_order.c.customer_id == customer_id, sales_order.c.status == str(OrderStatus.ON_HOLD))
        return self._load(self._heads().where(*held).order_by(sales_order.c.id).limit(_MOST_HELD), with_lines=False)

    def placed_like(self, content_hash: str, since: datetime, besides: str) -> Order | None:
        """The newest that held this when it was placed, from that moment on, and is not cancelled."""
        mine = (sales_order.c.content_hash == content_hash, sales_order.c.created_at >= since)
        alive = (sales_order.c.status != str(OrderStatus.CANCELLED), sales_order.c.id != besides)
        newest = (sales_order.c.created_at.desc(), sales_order.c.id.desc())
        found = self._load(self._heads().where(*mine, *alive).order_by(*newest).limit(1), with_lines=False)
        return found[0] if found else None

    def by_external(self, source: str, external_number: str) -> Order | None:
        mine = (sales_order.c.source == source, sales_order.c.external_number == external_number)
        found = self._load(self._heads().where(*mine))
        return found[0] if found else None

    def of_customer(self, customer_id: str, limit: int = 10) -> Found:
        """Newest first."""
        return [*self.list(customer_id=customer_id, limit=limit).items]

    def list(
        self,
        customer_id: str | None = None,
        status: OrderStatus | Collection[OrderStatus] | None = None,
        cursor: str | None = None,
        limit: int = 50,
        sort: str = "created_at",
        newest_first: bool = True,
        source: str | None = None,
        concern: tuple[Concern, date] | None = None,
        created: tuple[datetime, datetime] | None = None,
    ) -> Page[Order]:
        """A page, sorted by created, updated or paid time; sorting by paid time shows paid orders only.

        Args:
            concern: what is asked about, and the company's day on which it is asked.
            created: from when, and before when, they were entered.

        Raises:
            ValueError: on another sort or a broken cursor.
        """
        if sort not in _SORTABLE:
            raise ValueError(f"orders are sorted by {', '.join(sorted(_SORTABLE))}, not {sort}")
        key = sales_order.c[sort]
        query = self._heads().where(key.is_not(None))
        if customer_id is not None:
            query = query.where(sales_order.c.customer_id == customer_id)
        if source is not None:
            query = query.where(sales_order.c.source == source)
        if status is not None:
            states = [status] if isinstance(status, str) else [*status]
            query = query.where(sales_order.c.status.in_([str(each) for each in states]))
        if created is not None:
            query = query.where(sales_order.c.created_at >= created[0], sales_order.c.created_at < created[1])
        if concern is not None:
            query = query.where(concerning(*concern))
        place = tuple_(key, sales_order.c.id)
        if cursor is not None:
            at, last = _read_cursor(cursor)
            edge = tuple_(_typed(key, at), _typed(sales_order.c.id, last))
            query = query.where(place < edge if newest_first else place > edge)
        order = (key.desc(), sales_order.c.id.desc()) if newest_first else (key, sales_order.c.id)
        found = self._load(query.order_by(*order).limit(limit + 1))
        more = len(found) > limit
        return Page(tuple(found[:limit]), _cursor(found[limit - 1], sort) if more else None)

    def count(self, status: OrderStatus | None = None, customer_id: str | None = None) -> int:
        query = select(func.count()).select_from(sales_order).where(self.own(sales_order))
        if status is not None:
            query = query.where(sales_order.c.status == str(status))
        if customer_id is not None:
            query = query.where(sales_order.c.customer_id == customer_id)
        return int(self.value(query) or 0)

    def last_changed_by(self, user_id: str) -> Order | None:
        """The order that this user changed last."""
        query = self._heads().where(sales_order.c.changed_by == user_id)
        found = self._load(query.order_by(sales_order.c.updated_at.desc(), sales_order.c.id.desc()).limit(1))
        return found[0] if found else None

    def hands(self, order_ids: Sequence[str]) -> dict[str, set[str]]:
        """By order: all who placed or changed it, and those for whom they did."""
        found: dict[str, set[str]] = defaultdict(set)
        who = (history.c.order_id, history.c.actor, history.c.on_behalf_of)
        for part in chunks(order_ids):
            for row in self.rows(select(*who).where(self.own(history), history.c.order_id.in_(part)).distinct()):
                found[row["order_id"]] |= {user for user in (row["actor"], row["on_behalf_of"]) if user is not None}
        return found

    def due_ids(self, now: datetime, states: Collection[OrderStatus], limit: int = 1000) -> builtins.list[str]:
        """Orders in these states of whose case a timer is due."""
        mine = (case.c.tenant == sales_order.c.tenant, case.c.id == sales_order.c.id)
        query = select(sales_order.c.id).select_from(sales_order.join(case, and_(*mine)))
        due = (case.c.due_at <= now, sales_order.c.status.in_([str(state) for state in states]))
        return [row["id"] for row in self.rows(query.where(self.own(sales_order), *due).limit(limit))]

    def similar(self, customer_id: str, total: Any, since: datetime) -> Found:
        """Orders of the customer with the same total since then: perhaps the same one again."""
        same = (sales_order.c.customer_id == customer_id, sales_order.c.total == total)
        return self._load(self._heads().where(*same, sales_order.c.created_at >= since).limit(10))

    def _heads(self) -> Select[Any]:
        bill = (invoice.c.tenant == sales_order.c.tenant, invoice.c.order_id == sales_order.c.id)
        run = (case.c.tenant == sales_order.c.tenant, case.c.id == sales_order.c.id)
        columns = (
            sales_order,
            invoice.c.number.label("invoice_number"),
            invoice.c.issued_at,
            invoice.c.total.label("invoice_total"),
            invoice.c.sent_count,
            case.c.stopped_node,
            case.c.stopped_reason,
        )
        tables = sales_order.outerjoin(invoice, and_(*bill)).outerjoin(case, and_(*run))
        return select(*columns).select_from(tables).where(self.own(sales_order))

    def _load(self, query: Select[Any], with_lines: bool = True) -> Found:
        heads = self.rows(query)
        ids = [row["id"] for row in heads]
        lines = self._lines({row["id"]: row["currency"] for row in heads} if with_lines else {})
        shipments = self._shipments(ids)
        for row in heads:
            self.heads[row["id"]] = (row["history_seq"], row["history_hash"])
        return [_order(row, lines[row["id"]], shipments[row["id"]]) for row in heads]

    def _lines(self, currencies: Mapping[str, str]) -> dict[str, Lines]:
        found: dict[str, Lines] = defaultdict(builtins.list)
        for part in chunks(list(currencies)):
            query = select(order_line).where(self.own(order_line), order_line.c.order_id.in_(part))
            for row in self.rows(query.order_by(order_line.c.order_id, order_line.c.number)):
                found[row["order_id"]].append(_line(row, currencies[row["order_id"]]))
        return found

    def _shipments(self, order_ids: Sequence[str]) -> dict[str, Shipments]:
        found: dict[str, Shipments] = defaultdict(builtins.list)
        for part in chunks(order_ids):
            inside = (parcel.c.tenant == shipment.c.tenant, parcel.c.shipment_id == shipment.c.id)
            columns = (
                *(parcel.c.id.label("parcel_id"), parcel.c.carrier, parcel.c.tracking_number),
                *(parcel.c.address, parcel.c.ship_date, parcel.c.contents.label("packed")),
            )
            query = (
                select(shipment, *columns)
                .select_from(shipment.outerjoin(parcel, and_(*inside)))
                .where(self.own(shipment), shipment.c.order_id.in_(part))
                .order_by(shipment.c.id, parcel.c.position)
            )
            grouped: dict[str, Rows] = defaultdict(builtins.list)
            for row in self.rows(query):
                grouped[row["id"]].append(row)
            for rows in grouped.values():
                found[rows[0]["order_id"]].append(_shipment(rows))
        return found


def canonical_number(text: str) -> str:
    """SO-1001 from "1001", "so1001", "SO 1001"; anything else stays as it is."""
    match = _NUMBER.match(text)
    return f"SO-{match.group(1)}" if match else text.strip()


def _order(row: RowMapping, lines: Sequence[OrderLine], shipments: Sequence[Shipment]) -> Order:
    bill = None
    if row["invoice_number"] is not None:
        total = (in_places(row["invoice_total"], row["currency"]), row["currency"], row["sent_count"])
        bill = Invoice(row["invoice_number"], row["issued_at"], *total)
    return Order(
        **{name: row[name] for name in _PLAIN},
        total=in_places(row["total"], row["currency"]),
        status=OrderStatus(row["status"]),
        payment_status=PaymentStatus(row["payment_status"]),
        delivery_mode=DeliveryMode(row["delivery_mode"]) if row["delivery_mode"] else None,
        lines=tuple(lines),
        shipments=tuple(_with_freight(one, row["currency"]) for one in shipments),
        invoice=bill,
        stopped_node=row["stopped_node"],
        stopped_reason=row["stopped_reason"],
    )


def _line(row: RowMapping, currency: str) -> OrderLine:
    return OrderLine(
        number=row["number"],
        sku=row["sku"],
        name=row["name"],
        quantity=row["quantity"],
        unit=row["unit"],
        base_quantity=row["base_quantity"],
        unit_price=in_places(row["unit_price"], currency),
        amount=in_places(row["amount"], currency),
        shipped=row["shipped"],
        cancelled=row["cancelled"],
        returned=row["returned"],
        back_ordered=row["back_ordered"],
    )


def _with_freight(one: Shipment, currency: str) -> Shipment:
    return one if one.freight is None else replace(one, freight=in_places(one.freight, currency))


def _shipment(rows: Sequence[RowMapping]) -> Shipment:
    first = rows[0]
    parcels = tuple(
        Parcel(
            *(row["parcel_id"], row["carrier"], row["tracking_number"], row["address"], row["ship_date"]),
            contents=contents_from(row["packed"]),
        )
        for row in rows
        if row["parcel_id"] is not None
    )
    return Shipment(
        id=first["id"],
        warehouse=first["warehouse"],
        parcels=parcels,
        freight=first["freight"],
        completed_at=first["completed_at"],
        freight_settled_at=first["freight_settled_at"],
        contents=contents_from(first["contents"]),
    )


def _typed(column: Any, value: Any) -> Any:
    return literal(value, column.type)


def _cursor(order: Order, sort: str) -> str:
    place = [getattr(order, sort).isoformat(), order.id]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(at), str(last)
    except (ValueError, TypeError) as error:
        raise ValueError(f"broken cursor {cursor!r}") from error
