"""The figures of a report: two statements, whatever the number of orders; and what each concern means in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all

from deskhand.orders.money import in_places
from deskhand.orders.report import NOT_SHIPPED, OWED, UNDER_WAY, Concern, Days, Flow, Report, Tally
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import sales_order

Said = TypeVar("Said", bound=StrEnum)
_AT = {Flow.NEW: sales_order.c.created_at, Flow.SHIPPED: sales_order.c.shipped_at, Flow.PAID: sales_order.c.paid_at}
_NEVER_CAME = ("draft", "cancelled")


def concerning(concern: Concern, today: date) -> ColumnElement[bool]:
    """The condition on an order for what is asked about, on a day of the company."""
    order = sales_order.c
    unpaid = order.payment_status == str(PaymentStatus.UNPAID)
    posted = order.payment_status == str(PaymentStatus.OVERDUE)  # settled without a payment
    owed = order.status.in_(_codes(OWED))
    waiting = order.status.in_(_codes(NOT_SHIPPED))
    conditions = {
        Concern.LATE: and_(waiting, order.delivery_date < today),
        Concern.DUE: and_(waiting, order.delivery_date == today),
        Concern.UNPAID: or_(and_(owed, unpaid), posted),
        Concern.OVERDUE: or_(and_(owed, unpaid, order.payment_due_on < today), posted),
        Concern.PAYABLE: and_(owed, unpaid, order.payment_due_on == today),
    }
    return conditions[concern]


class Reports(Repository):
    """Counts and sums of one company's orders, or of one customer's."""

    def report(self, days: Days, today: date, zone: str, customer_id: str | None = None) -> Report:
        """`days` and `today` are days of the company's zone."""
        statuses, concerns = self._standing(today, customer_id)
        return Report(today, days, statuses, concerns, self._flows(days, ZoneInfo(zone), customer_id))

    def _standing(
        self, today: date, customer_id: str | None
    ) -> tuple[Mapping[OrderStatus, Tally], Mapping[Concern, Tally]]:
        marks = {concern: concerning(concern, today) for concern in Concern}
        status, posted = sales_order.c.status, sales_order.c.payment_status == str(PaymentStatus.OVERDUE)
        counted = self._counted(marks, customer_id)
        open_ones = counted.add_columns(status).where(status.in_(_codes(UNDER_WAY))).group_by(status)
        finished = counted.add_columns(func.min(status).label("status")).where(posted, status.not_in(_codes(UNDER_WAY)))
        rows = self.rows(union_all(open_ones, finished))
        statuses: dict[OrderStatus, Tally] = defaultdict(Tally)
        for row in rows:
            if (shown := OrderStatus(row["status"])) in UNDER_WAY:
                statuses[shown] += _tally(row, "orders", "amount")
        return dict(statuses), _marked(rows, marks)

    def _flows(self, days: Days, zone: ZoneInfo, customer_id: str | None) -> Mapping[Flow, Tally]:
        """What happened to an order since then has changed it since then, so one index finds them all."""
        start, end = _midnight(days.first, zone), _midnight(days.last + timedelta(days=1), zone)
        marks = {flow: and_(at >= start, at < end) for flow, at in _AT.items()}
        marks[Flow.NEW] = and_(marks[Flow.NEW], sales_order.c.status.not_in(_NEVER_CAME))
        query = self._counted(marks, customer_id).where(sales_order.c.updated_at >= start)
        return _marked(self.rows(query), marks)

    def _counted(self, marks: Mapping[Said, ColumnElement[bool]], customer_id: str | None) -> Select[Any]:
        """One row for each currency: all of them, and those that bear each mark."""
        currency, total = sales_order.c.currency, sales_order.c.total
        figures = [func.count().label("orders"), func.sum(total).label("amount")]
        for mark, condition in marks.items():
            figures.append(func.sum(case((condition, 1), else_=0)).label(f"{mark}_orders"))
            figures.append(func.sum(case((condition, total), else_=literal(0, total.type))).label(f"{mark}_amount"))
        query = select(currency, *figures).where(self.own(sales_order)).group_by(currency)
        return query if customer_id is None else query.where(sales_order.c.customer_id == customer_id)


def _marked(rows: Collection[Mapping[Any, Any]], marks: Collection[Said]) -> dict[Said, Tally]:
    found: dict[Said, Tally] = defaultdict(Tally)
    for row in rows:
        for mark in marks:
            if row[f"{mark}_orders"]:
                found[mark] += _tally(row, f"{mark}_orders", f"{mark}_amount")
    return dict(found)


def _tally(row: Mapping[Any, Any], orders: str, amount: str) -> Tally:
    return Tally(int(row[orders]), {row["currency"]: in_places(row[amount], row["currency"])})


def _codes(statuses: Collection[OrderStatus]) -> list[str]:
    return sorted(map(str, statuses))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
