"""How long a customer has to pay: days from the shipping, or from the end of the month in which goods were shipped.

月结30天 and "net 30 EOM" are the second kind: shipped on 5 or on 25 March, due on 30 April.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from deskhand.orders.model import Customer

PAYMENT_DAYS = "payment_days"  # in an order's data: terms of this order alone
MONTH_END = "payment_month_end"  # and whether they count from the end of the month
_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class Terms:
    """`month_end`: the days begin with the end of the month of shipping."""

    days: int = 0
    month_end: bool = False

    def due_on(self, shipped: date) -> date:
        """The last day on which it is paid in time."""
        return (end_of_month(shipped) if self.month_end else shipped) + timedelta(days=self.days)

    @property
    def longest(self) -> int:
        """Days that it can be from shipping to paying."""
        return self.days + (_LONGEST_MONTH - 1 if self.month_end else 0)


def terms_of(data: Mapping[str, object], customer: Customer | None) -> Terms:
    """As agreed for this order, in its data; else as the customer always has.

    Days that were agreed alone count from shipping; a month's end that was agreed alone has the customer's days.
    """
    usual = Terms(customer.account_days, customer.month_end) if customer else Terms()
    days, month_end = data.get(PAYMENT_DAYS), data.get(MONTH_END)
    if not isinstance(days, int):
        return Terms(usual.days, usual.month_end if month_end is None else bool(month_end))
    return Terms(days, bool(month_end))


def end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=_LONGEST_MONTH)).replace(day=1) - timedelta(days=1)
