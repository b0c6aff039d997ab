"""Invoices, payments and the daily settlement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import RowMapping, and_, func, select

from deskhand.orders.model import Invoice, Order, SettlementLine
from deskhand.orders.money import in_places
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store.ids import new_id
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.schema import case, invoice, payment, sales_order, settlement, settlement_line

FIRST_INVOICE = 1001
_INVOICE = [each.name for each in fields(Invoice)]


class Invoices(Repository):
    """One for each order, with one number, however often it is sent."""

    def create_or_get(self, order_id: str) -> Invoice:
        """The order's invoice; made with the next number on the first call."""
        found = self.of_order(order_id)
        if found is not None:
            return found
        query = select(sales_order.c.total, sales_order.c.currency)
        row = self.row(query.where(self.own(sales_order), sales_order.c.id == order_id))
        if row is None:
            raise LookupError(f"no order {order_id}")
        return self._create([(order_id, row["total"], row["currency"])])[order_id]

    def create_many(self, orders: Sequence[Order]) -> dict[str, Invoice]:
        """By order id; orders that have one keep it."""
        missing = [(order.id, order.total, order.currency) for order in orders if order.invoice is None]
        return {order.id: order.invoice for order in orders if order.invoice is not None} | self._create(missing)

    def _create(self, wanted: Sequence[tuple[str, Decimal, str]]) -> dict[str, Invoice]:
        if not wanted:
            return {}
        first, now = self.next_numbers("invoice", len(wanted), FIRST_INVOICE), self.clock()
        made = {
            order_id: Invoice(f"INV-{first + position}", now, total, currency)
            for position, (order_id, total, currency) in enumerate(wanted)
        }
        rows = [(of, *(getattr(one, name) for name in _INVOICE)) for of, one in made.items()]
        self.add_many(invoice, ("order_id", *_INVOICE), rows)
        return made

    def change_total(self, number: str, total: Decimal) -> None:
        """The order was amended: the same invoice, with another total."""
        self.change(invoice, invoice.c.number == number, total=total)

    def of_order(self, order_id: str) -> Invoice | None:
        row = self.row(select(invoice).where(self.own(invoice), invoice.c.order_id == order_id))
        return None if row is None else _invoice(row)

    def mark_sent(self, number: str, at: datetime | None = None) -> Invoice:
        """Counts one sending."""
        sent = {"sent_count": invoice.c.sent_count + 1, "last_sent_at": at or self.clock()}
        self.change(invoice, invoice.c.number == number, **sent)
        row = self.row(select(invoice).where(self.own(invoice), invoice.c.number == number))
        if row is None:
            raise LookupError(f"no invoice {number}")
        return _invoice(row)


class Payments(Repository):
    """What customers have paid."""

    def record(self, order: Order, amount: Decimal, reference: str, paid_at: datetime, recorded_by: str) -> bool:
        """Once for each reference; says whether it is new."""
        row = {
            "id": new_id(),
            "order_id": order.id,
            "amount": amount,
            "currency": order.currency,
            "reference": reference,
            "paid_at": paid_at,
            "recorded_by": recorded_by,
        }
        return self.add_missing(payment, [row]) > 0

    def paid(self, order_ids: Sequence[str]) -> dict[str, Decimal]:
        """Sums of those orders for which anything was paid."""
        sums = {}
        for part in chunks(order_ids):
            total = func.sum(payment.c.amount).label("total")
            query = select(payment.c.order_id, total).where(self.own(payment), payment.c.order_id.in_(part))
            sums.update({row["order_id"]: row["total"] for row in self.rows(query.group_by(payment.c.order_id))})
        return sums


class Settlements(Repository):
    """R7: one for each tenant and day; an order enters one settlement in its life."""

    def open(self, day: date, posted_by: str) -> None:
        """The day's settlement is there; made on the first call."""
        self.add_missing(settlement, [{"day": day, "opened_at": self.clock(), "posted_by": posted_by}])

    def post(self, day: date, lines: Sequence[SettlementLine]) -> int:
        """Enters orders; those in a settlement already are left out. Says how many were new."""
        now = self.clock()
        rows = [
            {
                "order_id": line.order_id,
                "day": day,
                "amount": line.amount,
                "currency": line.currency,
                "outcome": str(line.outcome),
                "at": now,
            }
            for line in lines
        ]
        return self.add_missing(settlement_line, rows)

    def close(self, day: date, posted_by: str) -> bool:
        """The cut-off's run is done; False if it was done before."""
        mine = (settlement.c.day == day, settlement.c.posted_at.is_(None))
        return self.change(settlement, *mine, posted_at=self.clock(), posted_by=posted_by) > 0

    def is_closed(self, day: date) -> bool:
        return self.is_there(settlement, settlement.c.day == day, settlement.c.posted_at.is_not(None))

    def lines(self, day: date) -> list[SettlementLine]:
        query = select(settlement_line).where(self.own(settlement_line), settlement_line.c.day == day)
        return [_line(row) for row in self.rows(query.order_by(settlement_line.c.order_id))]

    def of_order(self, order_id: str) -> SettlementLine | None:
        row = self.row(select(settlement_line).where(self.own(settlement_line), settlement_line.c.order_id == order_id))
        return None if row is None else _line(row)

    def due_ids(self, day: date, limit: int = 1000, automatic: bool = False, version: int | None = None) -> list[str]:
        """Orders whose account period is over on that day; with `automatic` only those that run by themselves.

        With `version` only those that run on that version of the process.
        """
        due = (
            sales_order.c.status == str(OrderStatus.IN_ACCOUNT_PERIOD),
            sales_order.c.payment_due_on <= day,
            case.c.stopped_reason.is_(None),
        )
        run = sales_order.join(case, and_(case.c.tenant == sales_order.c.tenant, case.c.id == sales_order.c.id))
        query = select(sales_order.c.id).select_from(run).where(self.own(sales_order), *due)
        if automatic:
            query = query.where(case.c.automatic)
        if version is not None:
            query = query.where(case.c.version == version)
        return [row["id"] for row in self.rows(query.order_by(sales_order.c.id).limit(limit))]


def _invoice(row: RowMapping) -> Invoice:
    return Invoice(
        row["number"],
        row["issued_at"],
        in_places(row["total"], row["currency"]),
        row["currency"],
        row["sent_count"],
    )


def _line(row: RowMapping) -> SettlementLine:
    return SettlementLine(
        row["order_id"],
        row["day"],
        in_places(row["amount"], row["currency"]),
        row["currency"],
        PaymentStatus(row["outcome"]),
    )
