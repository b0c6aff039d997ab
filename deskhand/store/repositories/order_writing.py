"""Orders as they are written: each change with its row in the history, under the version that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.exc import IntegrityError

from deskhand.orders.chains import Walk
from deskhand.orders.duplicates import content_of
from deskhand.orders.errors import DuplicateOrder, VersionConflict
from deskhand.orders.history import Entry, RowHashes, salts
from deskhand.orders.model import Actor, HistoryRow, Order
from deskhand.store.bulk import insert_rows
from deskhand.store.history_links import FIRST, link
from deskhand.store.repositories.base import chunks
from deskhand.store.repositories.orders import Head, OrderReading
from deskhand.store.row_hashes import history_row_hash
from deskhand.store.schema import history, order_line, sales_order

FIRST_NUMBER = 1001
FEW = 50  # rows of which it isn't worth while to prepare the values ourselves
_CHANGEABLE = (
    *("status", "payment_status", "customer_id", "customer_name", "total", "warehouse", "delivery_mode"),
    *("appointment", "address", "delivery_date", "paid_at", "shipped_at", "payment_due_on", "hold_reason"),
    *("header_only", "data", "reserved_until", "reservation_lapsed"),
)
_FIXED = ("id", "number", "currency", "created_at", "source", "external_number", "created_by")


class Orders(OrderReading):
    """All that the handlers need of orders."""

    def numbers(self, count: int = 1) -> list[str]:
        """New order numbers, consecutive within the tenant."""
        first = self.next_numbers("order", count, FIRST_NUMBER)
        return [f"SO-{number}" for number in range(first, first + count)]

    def add(self, entries: Sequence[Entry], actor: Actor) -> list[Order]:
        """New orders with their lines and first history row."""
        rows, links = self._prepared(entries, actor)
        fixed = [
            {name: getattr(entry.order, name) for name in _FIXED} | {"content_hash": content_of(entry.order)}
            for entry in entries
        ]
        self._insert([{**known, **row} for known, row in zip(fixed, rows, strict=True)])
        lines = [{"order_id": e.order.id, **asdict(line)} for e in entries for line in e.order.lines]
        self.add_rows(order_line, lines)
        self.add_rows(history, links)
        return [replace(entry.order, row_version=1) for entry in entries]

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        try:
            with self.connection.begin_nested():
                self.add_rows(sales_order, rows)
        except IntegrityError as error:  # somebody else brought it in between our look and our insert
            first = rows[0]
            known = self.by_external(first["source"] or "", first["external_number"] or "")
            if known is None:
                raise
            said = {"source": first["source"], "external_number": first["external_number"]}
            raise DuplicateOrder(number=known.number, **said) from error

    def save(self, entries: Sequence[Entry], actor: Actor) -> list[Order]:
        """Writes changes and history; returns the orders with their new version.

        Raises:
            VersionConflict: if one of them was changed since it was read; it carries the fresh status.
        """
        if not entries:
            return []
        rows, links = self._prepared(entries, actor)
        given = [
            (*row.values(), entry.order.id, entry.order.row_version) for entry, row in zip(entries, rows, strict=True)
        ]
        if self.change_many(sales_order, [*rows[0]], ("id", "row_version"), given) != len(entries):
            self._conflict([entry.order for entry in entries])
        self._add_links(links)
        return [replace(entry.order, row_version=entry.order.row_version + 1) for entry in entries]

    def ship_lines(self, order_ids: Sequence[str]) -> None:
        """Every line that is not cancelled has left the house."""
        for part in chunks(order_ids):
            mine = (order_line.c.order_id.in_(part), order_line.c.cancelled.is_(False))
            self.change(order_line, *mine, shipped=order_line.c.quantity)

    def replace_lines(self, order: Order) -> None:
        """The lines that the order has now, in place of those that are stored."""
        mine = (self.own(order_line), order_line.c.order_id == order.id)
        self.connection.execute(delete(order_line).where(*mine))
        self.add_rows(order_line, [{"order_id": order.id, **asdict(line)} for line in order.lines])

    def history(self, order_id: str) -> list[HistoryRow]:
        """Oldest first; personal data is merged into `detail` while it is there."""
        return [_history_row(row) for row in self._links(order_id)]

    def verify_chain(self, order_id: str) -> bool:
        """Whether nobody changed, removed or inserted a row of the order's history."""
        columns = (sales_order.c.history_seq, sales_order.c.history_hash)
        head = self.row(select(*columns).where(self.own(sales_order), sales_order.c.id == order_id))
        if head is None:
            return False
        walk = Walk(order_id)
        for row in self._links(order_id):
            walk.step(row["seq"], row["previous_hash"], row["hash"], history_row_hash(row, row["detail"]))
        walk.end(head["history_seq"], head["history_hash"])
        return walk.fault is None

    def _links(self, order_id: str) -> Sequence[RowMapping]:
        query = select(history).where(self.own(history), history.c.order_id == order_id).order_by(history.c.seq)
        return self.rows(query)

    def _add_links(self, links: Sequence[dict[str, Any]]) -> None:
        """Many of them at the driver's speed."""
        if len(links) <= FEW:
            self.add_rows(history, links)
        else:
            insert_rows(
                self.connection, history, ["tenant", *links[0]], ((self.tenant, *link.values()) for link in links)
            )

    def _prepared(self, entries: Sequence[Entry], actor: Actor) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        now, rows, links = self.clock(), [], []
        hashes = RowHashes(actor, now)
        for entry, salt in zip(entries, salts(len(entries)), strict=True):
            link = self._link(entry, actor, now, salt, hashes)
            head = self.heads[entry.order.id] = (link["seq"], link["hash"])
            links.append(link)
            rows.append(self._row(entry.order, actor, now, head))
        return rows, links

    def _row(self, order: Order, actor: Actor, now: datetime, head: Head) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(order, name) for name in _CHANGEABLE}
        values["data"] = dict(order.data)
        for name in ("status", "payment_status"):
            values[name] = str(values[name])
        values["delivery_mode"] = None if order.delivery_mode is None else str(order.delivery_mode)
        changed = {"updated_at": now, "changed_by": actor.user_id, "row_version": order.row_version + 1}
        return {**values, **changed, "history_seq": head[0], "history_hash": head[1]}

    def _link(self, entry: Entry, actor: Actor, now: datetime, salt: str, hashes: RowHashes) -> dict[str, Any]:
        order = entry.order
        said, statuses = (entry.detail, entry.personal), (entry.before, str(order.status))
        return link(order.id, entry.event, statuses, said, self.heads.get(order.id, FIRST), actor, now, salt, hashes)

    def _conflict(self, orders: Sequence[Order]) -> None:
        fresh = {order.id: order for order in self.by_ids([order.id for order in orders])}
        for order in orders:
            now = fresh.get(order.id)
            if now is None or now.row_version != order.row_version:
                status = "gone" if now is None else str(now.status)
                version = None if now is None else now.row_version
                raise VersionConflict(number=order.number, status=status, version=version)


def _history_row(row: RowMapping) -> HistoryRow:
    return HistoryRow(
        seq=row["seq"],
        event=row["event"],
        before=row["before"],
        after=row["after"],
        actor=row["actor"],
        role=row["role"],
        channel=row["channel"],
        cause=row["cause"],
        at=row["at"],
        detail={**row["detail"], **(row["personal"] or {})},
        previous_hash=row["previous_hash"],
        hash=row["hash"],
        on_behalf_of=row["on_behalf_of"],
    )
