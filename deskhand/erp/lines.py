"""Rows of text -> cleaned order lines, each fault told with its line and column. Knows no storage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import TypeVar

from deskhand.erp import cleaning
from deskhand.erp.cleaning import Unclean
from deskhand.erp.columns import Field, has_lines
from deskhand.erp.reading import Row
from deskhand.erp.report import Finding, ImportReport, Kind

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class CleanRow:
    """One order line, or the head of an order when `sku` is empty. Times are aware UTC."""

    row: Row
    order: str
    customer_id: str
    customer_name: str
    created_at: datetime
    sku: str = ""
    product_name: str = ""
    quantity: Decimal = Decimal(0)
    unit_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)  # a share: 0.05 is five per cent
    total: Decimal | None = None
    updated_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    required_on: date | None = None
    email: str | None = None
    region: str | None = None
    address: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    freight: Decimal | None = None

    @property
    def is_cancellation(self) -> bool:
        """Online shops number a cancellation like the order, with a C before it; its quantities are negative."""
        return self.quantity < 0 and self.order[:1].upper() == "C"


class RowCleaner:
    """Reads the rows of one file by its columns."""

    def __init__(
        self, columns: Mapping[Field, int], zone: tzinfo, now: datetime, report: ImportReport, guest: str | None = None
    ) -> None:
        """`zone`: the zone of the file's times; `now`: taken where the file has no order date.

        `guest`: the customer of rows that name none; without it they are refused.
        """
        self._guest = guest
        self._columns = columns
        self._zone = zone
        self._now = now
        self._report = report
        self._lines = has_lines(columns)
        self._moments: dict[str, datetime] = {}

    def clean(self, rows: Iterable[Row]) -> Iterator[CleanRow]:
        """The rows that can be used; the report hears of the others."""
        for row in rows:
            self._report.rows += 1
            try:
                yield self._clean(row)
            except _Refused as refused:
                self._report.add(refused.finding)

    def _clean(self, row: Row) -> CleanRow:
        order = cleaning.identifier(self._required(row, Field.ORDER_NUMBER))
        head = CleanRow(row, order, *self._customer(row), created_at=self._moment(row, Field.CREATED_AT) or self._now)
        return self._with_line(row, head)

    def _customer(self, row: Row) -> tuple[str, str]:
        external_id = cleaning.identifier(self._text(row, Field.CUSTOMER_ID))
        name = self._text(row, Field.CUSTOMER_NAME) or external_id or self._guest or ""
        if not name:
            raise _Refused(Finding(row.file, row.line, Kind.MISSING_CUSTOMER, Field.CUSTOMER_ID, "", "no customer"))
        return external_id or name, name

    def _with_line(self, row: Row, head: CleanRow) -> CleanRow:
        line = self._line(row) if self._lines else (("", "", Decimal(0), Decimal(0)))
        sku, name, quantity, price = line
        return CleanRow(
            row, head.order, head.customer_id, head.customer_name, head.created_at, sku, name, quantity, price,
            discount=self._number(row, Field.DISCOUNT) or Decimal(0),
            total=None if self._lines else self._required_number(row, Field.TOTAL),
            updated_at=self._moment(row, Field.UPDATED_AT), paid_at=self._moment(row, Field.PAID_AT),
            shipped_at=self._moment(row, Field.SHIPPED_AT), required_on=self._day(row, Field.REQUIRED_ON),
            email=self._text(row, Field.EMAIL) or None, region=self._text(row, Field.REGION) or None,
            address=self._text(row, Field.ADDRESS) or None, carrier=self._text(row, Field.CARRIER) or None,
            tracking_number=self._text(row, Field.TRACKING_NUMBER) or None, freight=self._number(row, Field.FREIGHT),
        )  # fmt: skip

    def _line(self, row: Row) -> tuple[str, str, Decimal, Decimal]:
        name = self._text(row, Field.PRODUCT_NAME)
        sku = cleaning.identifier(self._text(row, Field.SKU)) or name
        if not sku:
            raise _Refused(Finding(row.file, row.line, Kind.MISSING_VALUE, Field.SKU, "", "no product"))
        return sku, name, self._required_number(row, Field.QUANTITY), self._required_number(row, Field.UNIT_PRICE)

    def _raw(self, row: Row, field: Field) -> str:
        index = self._columns.get(field)
        return row.values[index] if index is not None and index < len(row.values) else ""

    def _text(self, row: Row, field: Field) -> str:
        raw = self._raw(row, field)
        return cleaning.text(raw) if raw else ""

    def _required(self, row: Row, field: Field) -> str:
        value = self._text(row, field)
        if not value:
            raise _Refused(Finding(row.file, row.line, Kind.MISSING_VALUE, field, "", "empty"))
        return value

    def _required_number(self, row: Row, field: Field) -> Decimal:
        return self._read(row, field, self._required(row, field), cleaning.number)

    def _number(self, row: Row, field: Field) -> Decimal | None:
        raw = self._text(row, field)
        return self._read(row, field, raw, cleaning.number) if raw else None

    def _day(self, row: Row, field: Field) -> date | None:
        raw = self._text(row, field)
        return self._read(row, field, raw, cleaning.day) if raw else None

    def _moment(self, row: Row, field: Field) -> datetime | None:
        raw = self._raw(row, field)
        if raw not in self._moments:  # the lines of an order share their time
            if not raw.strip():
                return None
            self._moments[raw] = self._read(row, field, raw, lambda value: cleaning.moment(value, self._zone))
        return self._moments[raw]

    def _read(self, row: Row, field: Field, raw: str, reader: Callable[[str], Value]) -> Value:
        try:
            return reader(raw)
        except Unclean as fault:
            raise _Refused(Finding(row.file, row.line, Kind.UNREADABLE_VALUE, field, raw[:80], str(fault))) from fault


class _Refused(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.reason)
