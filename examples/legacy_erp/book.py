"""What the old ERP keeps: customers, and orders as they were posted. One SQLite file, or memory. Knows no screen."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

WIDTHS = {"reference": 60, "address": 300, "remark": 2000, "sku": 40, "description": 200, "unit": 12}
DELIVERIES = ("courier", "own", "pick_up")
CUSTOMERS = (
    ("C001", "华星"), ("C002", "Acme Ltd"), ("C003", "Acme Inc"), ("C004", "蓝海贸易"),
    ("C005", "Springfield Supplies"), ("C006", "O'Brien & Sons <Dublin>"), ("C007", "东方文具"),
    ("C008", "Müller GmbH"), ("C009", "华星科技有限公司"), ("C010", "东方贸易有限公司"),
)  # fmt: skip
_SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (code TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
  doc INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT NOT NULL, customer TEXT NOT NULL, ordered_on TEXT NOT NULL,
  deliver_on TEXT NOT NULL, delivery TEXT NOT NULL, address TEXT NOT NULL, remark TEXT NOT NULL,
  clerk TEXT NOT NULL, posted_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS line (
  doc INTEGER NOT NULL, position INTEGER NOT NULL, sku TEXT NOT NULL, description TEXT NOT NULL, quantity TEXT NOT NULL,
  unit TEXT NOT NULL, price TEXT NOT NULL, PRIMARY KEY (doc, position));
CREATE INDEX IF NOT EXISTS orders_reference ON orders (reference);
"""


class Invalid(ValueError):
    """A field can't be taken; carries the field's key."""


@dataclass(frozen=True)
class Line:
    """Texts as they were typed; quantity and price are numbers."""

    sku: str
    description: str
    quantity: str
    unit: str
    price: str

    @property
    def amount(self) -> Decimal:
        return (Decimal(self.quantity) * Decimal(self.price)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Order:
    """As typed so far, or as posted; `customer` is its code, dates are dd.mm.yyyy."""

    reference: str = ""
    customer: str = ""
    ordered_on: str = ""
    deliver_on: str = ""
    delivery: str = "courier"
    address: str = ""
    remark: str = ""
    lines: list[Line] = field(default_factory=list)
    doc: int = 0
    clerk: str = ""

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))


def document(doc: int) -> str:
    """7 -> L000007."""
    return f"L{doc:06d}"


def day(text: str, key: str) -> date:
    """dd.mm.yyyy, as this old system wants it."""
    try:
        return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=UTC).date()
    except ValueError as problem:
        raise Invalid(key) from problem


def checked_line(line: Line) -> Line:
    for key in ("sku", "description", "unit"):
        _fits(key, getattr(line, key))
    for key in ("quantity", "price"):
        try:
            number = Decimal(getattr(line, key))
        except InvalidOperation as problem:
            raise Invalid(key) from problem
        if not number.is_finite() or number < 0 or (key == "quantity" and number == 0):
            raise Invalid(key)
    return line


def checked(order: Order) -> Order:
    for key in ("reference", "customer", "address"):
        if not getattr(order, key).strip():
            raise Invalid(key)
    for key in ("reference", "address", "remark"):
        _fits(key, getattr(order, key))
    day(order.ordered_on, "ordered_on"), day(order.deliver_on, "deliver_on")
    if not order.lines:
        raise Invalid("lines")
    return order


def _fits(key: str, text: str) -> None:
    if len(text) > WIDTHS[key]:
        raise Invalid(key)


class Book:
    """The orders; several programs may have the same file open."""

    def __init__(self, path: str = ":memory:") -> None:
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        self._db.row_factory = sqlite3.Row
        if path != ":memory:":
            self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_SCHEMA)
        self._db.executemany("INSERT OR IGNORE INTO customer VALUES (?, ?)", CUSTOMERS)

    def close(self) -> None:
        self._db.close()

    def know(self, code: str, name: str) -> None:
        """One more customer, from now on."""
        self._db.execute("INSERT INTO customer VALUES (?, ?)", (code, name))

    def customers(self, words: str) -> list[tuple[str, str]]:
        """(code, name) whose code is, or whose name holds, the words."""
        rows = self._db.execute("SELECT code, name FROM customer ORDER BY code").fetchall()
        return [
            (row["code"], row["name"]) for row in rows if words == row["code"] or words.lower() in row["name"].lower()
        ]

    def customer_name(self, code: str) -> str:
        row = self._db.execute("SELECT name FROM customer WHERE code = ?", (code,)).fetchone()
        return row["name"] if row else ""

    def post(self, order: Order, clerk: str) -> int:
        """Raises Invalid. Whether the reference is here already nobody looks at."""
        checked(order)
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO orders (reference, customer, ordered_on, deliver_on, delivery, address, remark, clerk,"
                " posted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (order.reference, order.customer, order.ordered_on, order.deliver_on, order.delivery, order.address,
                 order.remark, clerk, datetime.now(UTC).isoformat()),
            )  # fmt: skip
            doc = int(cursor.lastrowid or 0)
            self._db.executemany(
                "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (doc, at, line.sku, line.description, line.quantity, line.unit, line.price)
                    for at, line in enumerate(order.lines, 1)
                ],
            )
        return doc

    def order(self, doc: int) -> Order | None:
        row = self._db.execute("SELECT * FROM orders WHERE doc = ?", (doc,)).fetchone()
        return self._whole(row) if row else None

    def by_reference(self, reference: str) -> list[Order]:
        return self._orders("reference = ?", (reference,))

    def of_day(self, day: str) -> list[Order]:
        """Those whose order date is this one, dd.mm.yyyy."""
        return self._orders("ordered_on = ?", (day,))

    def all(self) -> list[Order]:
        return self._orders("1 = 1", ())

    def _orders(self, where: str, values: Sequence[str]) -> list[Order]:
        rows = self._db.execute(f"SELECT * FROM orders WHERE {where} ORDER BY doc", values).fetchall()
        return [self._whole(row) for row in rows]

    def _whole(self, row: sqlite3.Row) -> Order:
        lines = self._db.execute(
            "SELECT sku, description, quantity, unit, price FROM line WHERE doc = ? ORDER BY position", (row["doc"],)
        ).fetchall()
        known = {key: row[key] for key in row.keys() if key != "posted_at"}
        return Order(**known, lines=[Line(**dict(line)) for line in lines])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
