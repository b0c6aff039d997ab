"""The figures of a report: three statements, whatever the number of orders; and what each concern means in SQL.

An order counts with what is left of its total once goods came back; where money is owed, with what was not paid of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
    union_all,
)

from deskhand.orders.money import in_places
from deskhand.orders.report import NOT_SHIPPED, OF_MONEY, OWED, UNDER_WAY, Concern, Days, Flow, Report, Tally
from deskhand.orders.status import OrderStatus, PaymentStatus
from deskhand.store.repositories.base import Repository
from deskhand.store.repositories.credit_notes import OF_RETURNS
from deskhand.store.schema import credit_note, payment, sales_order
from deskhand.store.types import ExactDecimal

Said = TypeVar("Said", bound=StrEnum)
_AT = {Flow.NEW: "created_at", Flow.SHIPPED: "shipped_at", Flow.PAID: "paid_at"}
_NEVER_CAME = ("draft", "cancelled")
_SHIPPED_FROM = ("awaiting_shipment", "shipped", "in_account_period", "settled")  # a part of it, or all
_INVOICED = ("confirmed", "on_hold", *_SHIPPED_FROM)


def concerning(concern: Concern, today: date, of: Any = sales_order.c) -> ColumnElement[bool]:
    """The condition on an order, by its columns, for what is asked about on a day of the company."""
    unpaid = of.payment_status == str(PaymentStatus.UNPAID)
    posted = of.payment_status == str(PaymentStatus.OVERDUE)  # settled without a payment
    owed = of.status.in_(_codes(OWED))
    waiting = of.status.in_(_codes(NOT_SHIPPED))
    conditions = {
        Concern.LATE: and_(waiting, of.delivery_date < today),
        Concern.DUE: and_(waiting, of.delivery_date == today),
        Concern.UNPAID: or_(and_(owed, unpaid), posted),
        Concern.OVERDUE: or_(and_(owed, unpaid, of.payment_due_on < today), posted),
        Concern.PAYABLE: and_(owed, unpaid, of.payment_due_on == today),
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
        o, under_way = sales_order.c, _codes(UNDER_WAY)
        posted = and_(o.payment_status == str(PaymentStatus.OVERDUE), o.status.not_in(under_way))
        of = self._worth(customer_id, o.status.in_(under_way), posted)
        marks = {concern: concerning(concern, today, of.c) for concern in Concern}
        shown = case((of.c.status.in_(under_way), of.c.status)).label("status")
        rows = self.rows(_counted(of, marks).add_columns(shown).group_by(shown))
        statuses: dict[OrderStatus, Tally] = defaultdict(Tally)
        for row in rows:
            if row["status"] is not None:
                statuses[OrderStatus(row["status"])] += _tally(row, "orders", "amount")
        return dict(statuses), _marked(rows, marks)

    def _flows(self, days: Days, zone: ZoneInfo, customer_id: str | None) -> Mapping[Flow, Tally]:
        """What happened to an order since then has changed it since then, so one index finds them all."""
        start, end = _midnight(days.first, zone), _midnight(days.last + timedelta(days=1), zone)
        of = self._worth(customer_id, sales_order.c.updated_at >= start)
        marks = {flow: and_(of.c[at] >= start, of.c[at] < end) for flow, at in _AT.items()}
        marks[Flow.NEW] = and_(marks[Flow.NEW], of.c.status.not_in(_NEVER_CAME))
        marks[Flow.PAID] = and_(marks[Flow.PAID], of.c.paid == 0)  # as another system has said
        found = _marked(self.rows(_counted(of, marks)), marks)
        for row in self.rows(self._payments(start, end, customer_id)):
            found[Flow.PAID] = found.get(Flow.PAID, Tally()) + _tally(row, "orders", "amount")
        return found

    def _payments(self, start: datetime, end: datetime, customer_id: str | None) -> Select[Any]:
        """What came in, a part of an order or the whole of it, by currency."""
        came = (self.own(payment), payment.c.paid_at >= start, payment.c.paid_at < end)
        orders = func.count(payment.c.order_id.distinct()).label("orders")
        query = select(payment.c.currency, orders, func.sum(payment.c.amount).label("amount")).where(*came)
        if customer_id is not None:
            mine = (self.own(sales_order), sales_order.c.id == payment.c.order_id)
            query = query.where(exists().where(*mine, sales_order.c.customer_id == customer_id))
        return query.group_by(payment.c.currency)

    def _worth(self, customer_id: str | None, *wanted: ColumnElement[bool]) -> CTE:
        """The orders that one of the conditions is true of, each with what it still comes to and what came in of it."""
        o = sales_order.c
        came_back = (self.own(credit_note), credit_note.c.order_id == o.id, *OF_RETURNS)
        back = select(func.coalesce(func.sum(credit_note.c.amount), 0)).where(*came_back).scalar_subquery()
        came_in = (self.own(payment), payment.c.order_id == o.id)
        paid = select(func.coalesce(func.sum(payment.c.amount), 0)).where(*came_in).scalar_subquery()
        left = type_coerce(o.total, BigInteger()) - case((o.status.in_(_SHIPPED_FROM), back), else_=0)
        looked_up = or_(o.status.in_(_INVOICED), o.paid_at.is_not(None))
        columns = (
            o.status,
            o.currency,
            o.delivery_date,
            o.payment_status,
            o.payment_due_on,
            *(o[at] for at in _AT.values()),
        )
        query = select(*columns, left.label("worth"), case((looked_up, paid), else_=0).label("paid"))
        query = query.where(self.own(sales_order))
        query = query if customer_id is None else query.where(o.customer_id == customer_id)
        found = (
            union_all(*(query.where(condition) for condition in wanted)) if len(wanted) > 1 else query.where(*wanted)
        )
        return found.cte("orders").prefix_with("MATERIALIZED")  # each is looked up once, not once for each figure


def _counted(of: CTE, marks: Mapping[Said, ColumnElement[bool]]) -> Select[Any]:
    """One row for each currency: all of them, and those that bear each mark."""
    figures = [func.count().label("orders"), _sum(of.c.worth).label("amount")]
    for mark, condition in marks.items():
        amount = of.c.worth - of.c.paid if mark in OF_MONEY else of.c.worth
        figures.append(func.sum(case((condition, 1), else_=0)).label(f"{mark}_orders"))
        figures.append(_sum(case((condition, amount), else_=0)).label(f"{mark}_amount"))
    return select(of.c.currency, *figures).group_by(of.c.currency)


def _sum(amount: ColumnElement[int]) -> ColumnElement[Any]:
    return type_coerce(func.sum(amount), ExactDecimal)


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
