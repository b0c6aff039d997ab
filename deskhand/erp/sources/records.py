"""Nested records -> flat rows: names joined by dots, a row for each item of a record's list. Knows no text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from deskhand.erp.header_names import meanings
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.sources.errors import NothingThere, TooLarge, TooManyColumns
from deskhand.erp.sources.grid import RecordTable
from deskhand.erp.sources.model import ROWS_A_BATCH, Cell, Limits, Note
from deskhand.erp.sources.spool import Spool

# What systems call the lines of an order, and the list of records in an answer.
_LINES = re.compile(
    r"(?i)(line_?items?|items?|lines?|order_?(lines|items|details|products|goods)|products?|goods(_?list)?|details?"
    r"|entries|skus?|positions|articles|cart_?items|trade_orders|orders?|parcels|packages|shipments"
    r"|明细|商品|商品明细|商品列表|行)$"
)
RECORDS = (
    *("data", "orders", "records", "rows", "items", "results", "result", "list", "value", "values", "entries", "hits"),
    *("content", "customers", "products", "shipments", "trades", "response", "payload", "数据", "订单"),
)


class Flattened:
    """Rows of records as they come; the columns are those of all of them, in the order in which they were met."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._spool = Spool(name, limits)
        self._columns: dict[str, int] = {}
        self._lines: list[int] = []
        self._rows: list[list[Cell]] = []
        self._left_out: dict[str, int] = {}
        self.count = 0

    def add(self, record: Any, line: int) -> None:
        """Raises TooManyColumns, TooLarge, NoSpace."""
        flat: dict[str, Cell] = {}
        lists: dict[str, list[Any]] = {}
        self._flatten(record if isinstance(record, Mapping) else {"value": record}, "", flat, lists, 0)
        chosen = _chosen(lists)
        for name in lists.keys() - {chosen}:
            self._left_out[name] = self._left_out.get(name, 0) + 1
        rows = self._with_lines(flat, chosen, lists[chosen]) if chosen is not None else [flat]
        for row in rows:
            self._put(row, line)
        self.count += 1
        if self.count > self._limits.rows:
            raise TooLarge(f"{self._name} holds more than {self._limits.rows:,} records")

    def _with_lines(self, flat: dict[str, Cell], name: str, items: Iterable[Any]) -> list[dict[str, Cell]]:
        rows = []
        for item in items:
            row = dict(flat)
            nested: dict[str, list[Any]] = {}
            self._flatten(item if isinstance(item, Mapping) else {"": item}, f"{name}.", row, nested, 1)
            rows.append(row)
        return rows or [flat]

    def _flatten(
        self, record: Mapping[str, Any], before: str, flat: dict[str, Cell], lists: dict[str, list[Any]], depth: int
    ) -> None:
        if depth > self._limits.depth:
            raise TooLarge(f"{self._name} is nested more than {self._limits.depth} deep")
        for key, value in record.items():
            name = f"{before}{key}"
            if isinstance(value, Mapping):
                self._flatten(value, f"{name}.", flat, lists, depth + 1)
            elif isinstance(value, list | tuple):
                _list(name, value, flat, lists)
            else:
                flat[name] = _cell(value)

    def _put(self, row: Mapping[str, Cell], line: int) -> None:
        for name in row:
            if name not in self._columns:
                self._columns[name] = len(self._columns)
        if len(self._columns) > self._limits.columns:
            raise TooManyColumns(f"{self._name} has more than {self._limits.columns:,} columns")
        cells: list[Cell] = [None] * len(self._columns)
        for name, value in row.items():
            cells[self._columns[name]] = value
        self._lines.append(line)
        self._rows.append(cells)
        if len(self._rows) >= ROWS_A_BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._spool.put(self._lines, self._rows)
        self._lines, self._rows = [], []

    def table(self, told: str) -> RecordTable:
        """Raises NothingThere."""
        self._flush()
        if not self._columns:
            self._spool.close()
            raise NothingThere(f"{self._name} holds no records")
        notes = [Note("list_left_out", name, count) for name, count in self._left_out.items()]
        return RecordTable(self._name, tuple(self._columns), 0, told, notes, spool=self._spool)


def _list(name: str, value: list[Any] | tuple[Any, ...], flat: dict[str, Cell], lists: dict[str, list[Any]]) -> None:
    """A list of records can be lines; one of plain values is one text."""
    if any(isinstance(each, Mapping) for each in value) or (not value and _LINES.search(name)):
        lists[name] = list(value)
    elif value:
        flat[name] = "; ".join(str(each) for each in value if each is not None)[:10_000]


def _chosen(lists: Mapping[str, list[Any]]) -> str | None:
    """The list whose items are the record's lines: by its name, else the only one."""
    named = [name for name in lists if _LINES.search(name)]
    if named:
        return max(named, key=lambda name: (len(lists[name]) > 0, -named.index(name)))
    return next(iter(lists)) if len(lists) == 1 else None


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float | Decimal | datetime | date | bool):
        return value
    return str(value)


def records_in(answer: Any, at: str = "") -> list[Any]:
    """The list of records in an answer: where `at` says, else the likeliest; a record of its own is a list of one."""
    if at:
        for part in at.split("."):
            answer = answer.get(part) if isinstance(answer, Mapping) else None
        return answer if isinstance(answer, list) else [] if answer is None else [answer]
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, Mapping):
        return []
    if is_record(answer):
        return [answer]
    found = sorted(_lists(answer, 0), key=lambda each: each[0])
    return found[0][1] if found else [answer]


def is_record(answer: Mapping[str, Any]) -> bool:
    """Whether the values beside the lists say that it is an order itself: its number and something more of it."""
    plain = [name for name, value in answer.items() if not isinstance(value, list | dict) and value is not None]
    fields = {meaning.field for name in plain for meaning in meanings(name, Kind.ORDERS)[:1]}
    return Field.ORDER_NUMBER in fields and len(fields) >= 2


def _lists(answer: Mapping[str, Any], depth: int) -> Iterator[tuple[tuple[int, int], list[Any]]]:
    for name, value in answer.items():
        rank = RECORDS.index(name.lower()) if name.lower() in RECORDS else len(RECORDS)
        if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value[:20]):
            yield (depth, rank), value
        elif isinstance(value, Mapping) and depth < 4:
            yield from _lists(value, depth + 1)
