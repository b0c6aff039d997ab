"""How the orders stand, and what became of them in some days: counted, never listed. Knows no SQL and no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from deskhand.orders.status import OrderStatus

S = OrderStatus
NOT_SHIPPED = frozenset({S.PENDING_CONFIRMATION, S.PENDING_APPROVAL, S.CONFIRMED, S.AWAITING_SHIPMENT, S.ON_HOLD})
UNDER_WAY = NOT_SHIPPED | {S.SHIPPED, S.IN_ACCOUNT_PERIOD}
_WEEK, _MONTH = 7, 31  # the longest one
OWED = UNDER_WAY - {S.PENDING_CONFIRMATION, S.PENDING_APPROVAL}  # confirming sends the invoice


class Concern(StrEnum):
    """What somebody asks about whatever the status; an order can be several of these."""

    LATE = "late"  # not shipped, and the wanted day is over
    DUE = "due"  # not shipped, and wanted today
    UNPAID = "unpaid"  # invoiced and not paid, overdue or not
    OVERDUE = "overdue"  # the day to pay by is over
    PAYABLE = "payable"  # to be paid today


OF_MONEY = frozenset({Concern.UNPAID, Concern.OVERDUE, Concern.PAYABLE})


class Flow(StrEnum):
    """What happened to an order on a day."""

    NEW = "new"  # placed or imported, and not cancelled since
    SHIPPED = "shipped"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many orders, and their totals by currency."""

    count: int = 0
    amounts: Mapping[str, Decimal] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        currencies = {**self.amounts, **other.amounts}
        both = {each: self.amounts.get(each, Decimal(0)) + other.amounts.get(each, Decimal(0)) for each in currencies}
        return Tally(self.count + other.count, both)


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last day, both included, of the company's calendar."""

    first: date
    last: date

    @classmethod
    def one(cls, day: date) -> Days:
        return cls(day, day)

    @classmethod
    def week_of(cls, day: date) -> Days:
        """Monday to Sunday."""
        monday = day - timedelta(days=day.weekday())
        return cls(monday, monday + timedelta(days=6))

    @classmethod
    def month_of(cls, day: date) -> Days:
        first = day.replace(day=1)
        return cls(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))

    @classmethod
    def year_of(cls, day: date) -> Days:
        return cls(day.replace(month=1, day=1), day.replace(month=12, day=31))

    @classmethod
    def before(cls, later: Days) -> Days:
        """The week before a week, the month before a month, the year before a year."""
        day, length = later.first - timedelta(days=1), (later.last - later.first).days + 1
        return cls.week_of(day) if length == _WEEK else cls.year_of(day) if length > _MONTH else cls.month_of(day)

    def until(self, today: date) -> Days:
        """The days of them that there have been."""
        return Days(self.first, max(self.first, min(self.last, today)))


@dataclass(frozen=True, slots=True)
class Report:
    """`statuses` and `concerns` are as of `today`, `flows` of `days`. What is not there is none."""

    today: date
    days: Days
    statuses: Mapping[OrderStatus, Tally]
    concerns: Mapping[Concern, Tally]
    flows: Mapping[Flow, Tally]

    @property
    def under_way(self) -> Tally:
        """All that is not finished."""
        return sum((tally for status, tally in self.statuses.items() if status in UNDER_WAY), Tally())
