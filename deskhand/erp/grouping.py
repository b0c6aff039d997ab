"""Cleaned rows -> whole orders: grouped, doubled lines left out, cancellations applied. Knows no storage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from deskhand.erp.lines import CleanRow
from deskhand.erp.report import Finding, ImportReport, Kind
from deskhand.orders.imports import ImportedLine, ImportedOrder
from deskhand.orders.money import round_amount

SortKey = Callable[[ImportedOrder], datetime]
SORT_KEYS: dict[str, SortKey] = {
    "created": lambda order: order.created_at,
    "updated": lambda order: order.updated_at or order.created_at,
    "paid": lambda order: order.paid_at or datetime.max.replace(tzinfo=order.created_at.tzinfo),
}


@dataclass
class _Line:
    row: CleanRow
    cancelled: Decimal = Decimal(0)

    @property
    def left(self) -> Decimal:
        return self.row.quantity - self.cancelled


@dataclass
class _Group:
    head: CleanRow
    lines: list[_Line] = field(default_factory=list)
    seen: set[tuple[object, ...]] = field(default_factory=set)


class Grouper:
    """Collects the rows of all files, then gives the orders."""

    def __init__(self, currency: str, report: ImportReport) -> None:
        self._currency = currency
        self._report = report
        self._groups: dict[str, _Group] = {}
        self._cancellations: list[CleanRow] = []

    def add(self, rows: Iterable[CleanRow]) -> None:
        for row in rows:
            if row.is_cancellation:
                self._cancellations.append(row)
            elif row.sku and (row.quantity <= 0 or row.unit_price < 0):
                self._tell(row, Kind.NOT_AN_ORDER_LINE, "quantity", str(row.quantity), "nothing was ordered")
            else:
                self._add_line(row)

    def _add_line(self, row: CleanRow) -> None:
        group = self._groups.setdefault(row.order, _Group(row))
        if not row.sku:
            return
        same = (row.sku, row.product_name, row.quantity, row.unit_price, row.created_at)
        if same in group.seen:
            self._tell(row, Kind.DOUBLED_LINE, "sku", row.sku, f"stands in order {row.order} already")
            return
        group.seen.add(same)
        group.lines.append(_Line(row))

    def orders(self, sort: str) -> list[ImportedOrder]:
        """All orders with their cancellations, in the order of the chosen time (R2), numbers breaking ties."""
        self._apply_cancellations()
        orders = [self._order(group) for group in self._groups.values()]
        key = SORT_KEYS[sort]
        return sorted(orders, key=lambda order: (key(order), order.external_number))

    def _apply_cancellations(self) -> None:
        """Takes each cancellation from the customer's latest earlier order that still holds the goods."""
        bought: dict[tuple[str, str], list[_Line]] = defaultdict(list)
        for group in self._groups.values():
            for line in group.lines:
                bought[line.row.customer_id, line.row.sku].append(line)
        for row in sorted(self._cancellations, key=lambda row: (row.created_at, row.row.line)):
            self._cancel(row, bought.get((row.customer_id, row.sku), []))

    def _cancel(self, row: CleanRow, bought: list[_Line]) -> None:
        wanted = -row.quantity
        earlier = [line for line in bought if line.row.created_at <= row.created_at and line.left >= wanted]
        if not earlier:
            self._tell(row, Kind.CANCELLATION_UNMATCHED, "sku", row.sku, "no order in this import that it could cancel")
            return
        line = max(earlier, key=lambda line: line.row.created_at)
        line.cancelled += wanted
        self._tell(row, Kind.CANCELLATION_APPLIED, "sku", row.sku, f"{wanted} taken from order {line.row.order}")

    def _order(self, group: _Group) -> ImportedOrder:
        head = group.head
        lines = tuple(self._line(line) for line in group.lines)
        total = head.total if not lines and head.total is not None else sum((line.amount for line in lines), Decimal(0))
        return ImportedOrder(
            head.order, head.customer_id, head.created_at, lines, round_amount(total, self._currency),
            updated_at=head.updated_at, paid_at=head.paid_at, shipped_at=head.shipped_at,
            delivery_date=head.required_on, address=head.address, carrier=head.carrier,
            tracking_number=head.tracking_number, freight=head.freight,
            cancelled=bool(group.lines) and all(line.left == 0 for line in group.lines),
        )  # fmt: skip

    def _line(self, line: _Line) -> ImportedLine:
        row = line.row
        amount = line.left * row.unit_price * (1 - row.discount)
        return ImportedLine(row.sku, row.product_name or row.sku, row.quantity, row.unit_price,
                            round_amount(amount, self._currency), line.cancelled)  # fmt: skip

    def _tell(self, row: CleanRow, kind: Kind, column: str, value: str, reason: str) -> None:
        self._report.add(Finding(row.row.file, row.row.line, kind, column, value, reason))
