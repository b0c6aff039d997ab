"""Whole tables as they are read out: rows come a thousand at a time, however many there are. Knows no file format."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, select

from deskhand.store.repositories.base import Repository
from deskhand.store.schema import customer, invoice, order_line, parcel, product, sales_order, shipment, stock

AT_ONCE = 1000

Rows = Iterator[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows; what is None leaves nothing out. `since` and `until` (not included) are of the order's creation."""

    customer_id: str | None = None
    statuses: Collection[str] = ()
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    warehouse: str | None = None


class Exports(Repository):
    """One method for each kind. The order of rows is the same each time; a transaction sees one state of all."""

    def orders(self, chosen: Chosen) -> Rows:
        """Oldest first."""
        found = sales_order.join(customer, _same(customer, "id", sales_order, "customer_id"))
        found = found.outerjoin(invoice, _same(invoice, "order_id", sales_order, "id"))
        columns = (*_ORDER, *_CUSTOMER, invoice.c.number.label("invoice"), *_TIMES)
        return self._stream(select(*columns).select_from(found).where(*self._of_orders(chosen)).order_by(*_BY_TIME))

    def lines(self, chosen: Chosen) -> Rows:
        """Each with what is needed of its order; lines that were cancelled are left out."""
        found = order_line.join(sales_order, _same(sales_order, "id", order_line, "order_id"))
        found = found.join(customer, _same(customer, "id", sales_order, "customer_id"))
        columns = (*_LINE, *_ORDER, *_CUSTOMER, *_TIMES)
        conditions = (self.own(order_line), order_line.c.cancelled.is_(False), *self._of_orders(chosen))
        query = select(*columns).select_from(found).where(*conditions)
        return self._stream(query.order_by(*_BY_TIME, order_line.c.number))

    def shipments(self, chosen: Chosen) -> Rows:
        """A row for each parcel."""
        found = parcel.join(shipment, _same(shipment, "id", parcel, "shipment_id"))
        found = found.join(sales_order, _same(sales_order, "id", parcel, "order_id"))
        found = found.join(customer, _same(customer, "id", sales_order, "customer_id"))
        columns = (*_PARCEL, *_ORDER, *_CUSTOMER, *_TIMES)
        query = select(*columns).select_from(found).where(self.own(parcel), *self._of_orders(chosen))
        return self._stream(query.order_by(*_BY_TIME, shipment.c.id, parcel.c.position))

    def customers(self, chosen: Chosen) -> Rows:
        query = select(customer).where(self.own(customer)).order_by(customer.c.name, customer.c.id)
        if chosen.customer_id is not None:
            query = query.where(customer.c.id == chosen.customer_id)
        if chosen.source is not None:
            query = query.where(customer.c.source == chosen.source)
        return self._stream(query)

    def products(self, chosen: Chosen) -> Rows:
        query = select(product).where(self.own(product)).order_by(product.c.sku)
        if chosen.source is not None:
            query = query.where(product.c.source == chosen.source)
        return self._stream(query)

    def stock(self, chosen: Chosen) -> Rows:
        """What each warehouse has of each product."""
        found = stock.join(product, _same(product, "sku", stock, "sku"))
        columns = (stock, product.c.name_zh, product.c.name_en, product.c.base_unit)
        query = select(*columns).select_from(found).where(self.own(stock)).order_by(stock.c.warehouse, stock.c.sku)
        if chosen.warehouse is not None:
            query = query.where(stock.c.warehouse == chosen.warehouse)
        return self._stream(query)

    def _of_orders(self, chosen: Chosen) -> Iterator[ColumnElement[bool]]:
        yield self.own(sales_order)
        if chosen.customer_id is not None:
            yield sales_order.c.customer_id == chosen.customer_id
        if chosen.statuses:
            yield sales_order.c.status.in_(sorted(chosen.statuses))
        if chosen.source is not None:
            yield sales_order.c.source == chosen.source
        if chosen.since is not None:
            yield sales_order.c.created_at >= chosen.since
        if chosen.until is not None:
            yield sales_order.c.created_at < chosen.until
        if chosen.warehouse is not None:
            yield sales_order.c.warehouse == chosen.warehouse

    def _stream(self, query: Select[Any]) -> Rows:
        found = self.connection.execute(query, execution_options={"yield_per": AT_ONCE})
        return (dict(row) for row in found.mappings())


def _same(one: Table, key: str, other: Table, reference: str) -> ColumnElement[bool]:
    """Joined inside one tenant."""
    return and_(one.c.tenant == other.c.tenant, one.c[key] == other.c[reference])


_BY_TIME = (sales_order.c.created_at, sales_order.c.id)
_ORDER = (
    *(sales_order.c.number.label("order_number"), sales_order.c.customer_name, sales_order.c.status),
    *(sales_order.c.payment_status, sales_order.c.currency, sales_order.c.total, sales_order.c.warehouse),
    *(sales_order.c.address, sales_order.c.delivery_mode, sales_order.c.delivery_date, sales_order.c.payment_due_on),
    *(sales_order.c.source, sales_order.c.external_number),
)
_CUSTOMER = (sales_order.c.customer_id, customer.c.external_id.label("customer_external_id"))
_TIMES = (
    *(sales_order.c.created_at, sales_order.c.updated_at, sales_order.c.paid_at, sales_order.c.shipped_at),
)  # fmt: skip
_LINE = (
    *(order_line.c.number.label("line"), order_line.c.sku, order_line.c.name.label("product_name")),
    *(order_line.c.quantity, order_line.c.unit, order_line.c.unit_price, order_line.c.amount),
    *(order_line.c.shipped, order_line.c.returned, order_line.c.back_ordered),
)
_PARCEL = (
    *(parcel.c.carrier, parcel.c.tracking_number, parcel.c.address.label("parcel_address"), parcel.c.ship_date),
    *(shipment.c.warehouse.label("from_warehouse"), shipment.c.freight, shipment.c.completed_at),
)
