"""Shipments with their parcels, and the freight owed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from deskhand.orders.model import Order, Packed, Parcel
from deskhand.store.ids import new_id
from deskhand.store.repositories.base import Repository, Row, chunks
from deskhand.store.schema import freight_settlement, parcel, shipment


class Shipments(Repository):
    """An order has one open shipment at a time; parcels hang on it."""

    def open_of(self, order: Order) -> str:
        """The id of the shipment that has not left yet; made if there is none."""
        for one in order.shipments:
            if one.completed_at is None:
                return one.id
        return self.open_many([order])[0]

    def open_many(self, orders: Sequence[Order]) -> list[str]:
        ids = [new_id() for _ in orders]
        made = zip(ids, orders, strict=True)
        self.add_rows(shipment, [{"id": i, "order_id": order.id, "warehouse": order.warehouse} for i, order in made])
        return ids

    def add_parcels(self, parcels: Sequence[tuple[str, str, Parcel]]) -> None:
        """(order id, shipment id, parcel); in the order in which they were given."""
        rows: list[Row] = []
        for order_id, shipment_id, added in parcels:
            where = {"shipment_id": shipment_id, "order_id": order_id}
            rows.append({**_row(added), **where, "position": self._next_position(shipment_id, len(rows))})
        self.add_rows(parcel, rows)

    def change_parcel(self, changed: Parcel) -> None:
        values = {name: value for name, value in _row(changed).items() if name != "id"}
        self.change(parcel, parcel.c.id == changed.id, **values)

    def remove_parcel(self, parcel_id: str) -> None:
        """Undo of giving it."""
        self.connection.execute(parcel.delete().where(self.own(parcel), parcel.c.id == parcel_id))

    def complete(self, freight: Sequence[tuple[str, Decimal]], at: datetime) -> None:
        """(shipment id, freight): these have left the house."""
        for shipment_id, amount in freight:
            self.change(shipment, shipment.c.id == shipment_id, freight=amount, completed_at=at)

    def note_contents(self, contents: Sequence[tuple[str, Sequence[Packed]]]) -> None:
        """(shipment id, what left with it), where that was not the whole order."""
        for shipment_id, packed in contents:
            self.change(shipment, shipment.c.id == shipment_id, contents=contents_said(packed))

    def _next_position(self, shipment_id: str, ahead: int) -> int:
        query = select(func.count()).select_from(parcel).where(self.own(parcel), parcel.c.shipment_id == shipment_id)
        return int(self.value(query) or 0) + ahead


class Freight(Repository):
    """R8: one settlement record for each shipment, closed by finance."""

    def open_many(self, owed: Sequence[tuple[str, str, Decimal, str]]) -> None:
        """(shipment id, order id, amount, currency); those already there stay as they are."""
        now = self.clock()
        rows = [
            {"shipment_id": one, "order_id": order_id, "amount": amount, "currency": currency, "opened_at": now}
            for one, order_id, amount, currency in owed
        ]
        self.add_missing(freight_settlement, rows)

    def close_many(self, order_ids: Sequence[str], closed_by: str) -> int:
        """Closes what is open for these orders; says how many."""
        now, closed = self.clock(), 0
        for part in chunks(order_ids):
            mine = (freight_settlement.c.order_id.in_(part), freight_settlement.c.closed_at.is_(None))
            closed += self.change(freight_settlement, *mine, closed_at=now, closed_by=closed_by)
            self.change(shipment, shipment.c.order_id.in_(part), freight_settled_at=now)
        return closed

    def of_order(self, order_id: str) -> list[dict[str, object]]:
        """Rows with shipment_id, amount, currency, opened_at, closed_at, closed_by."""
        query = select(freight_settlement).where(
            self.own(freight_settlement), freight_settlement.c.order_id == order_id
        )
        return [dict(row) for row in self.rows(query)]


def contents_said(contents: Sequence[Packed]) -> list[list[object]] | None:
    """[[line, quantity]]; nothing where nothing is said of it."""
    return [[each.line, str(each.quantity)] for each in contents] or None


def contents_from(said: Any) -> tuple[Packed, ...]:
    """The inverse of `contents_said`."""
    return tuple(Packed(line, Decimal(quantity)) for line, quantity in said or ())


def _row(one: Parcel) -> Row:
    return {**asdict(one), "contents": contents_said(one.contents)}
