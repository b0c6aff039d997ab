"""Cleaned rows -> whole records of one system each: an order with its lines. Knows no storage and no other system.

Rows lie in columns, and what is alike is one object, so that a million lines are handled by the run, not one by one.
The outcome is the same in whatever order rows and files come.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise, repeat
from operator import is_
from typing import Any, ClassVar

from deskhand.erp.findings import Finding, Reason
from deskhand.erp.kinds import Field
from deskhand.erp.plain_orders import PlainOrders, Ready
from deskhand.erp.scaled_numbers import Numbers, Scaled
from deskhand.erp.sources.framed import Shared
from deskhand.orders.imports import ScaledLine

HEAD = (
    *(Field.CUSTOMER_ID, Field.CUSTOMER_NAME, Field.EMAIL, Field.PHONE, Field.CONTACT, Field.ADDRESS, Field.REGION),
    *(Field.TOTAL, Field.CURRENCY, Field.CREATED_AT, Field.UPDATED_AT, Field.PAID_AT, Field.SHIPPED_AT),
    *(Field.REQUIRED_ON, Field.CARRIER, Field.TRACKING_NUMBER, Field.FREIGHT, Field.STATUS, Field.PAYMENT_STATUS),
    *(Field.DELIVERY_MODE, Field.NOTE, Field.CANCELLED_AT),
)
_EARLIEST = frozenset({Field.CREATED_AT})
STANDS_IN = (Field.PAID_AT, Field.SHIPPED_AT, Field.UPDATED_AT)  # for the date of an order that has none
_LATEST = frozenset({Field.UPDATED_AT, Field.PAID_AT, Field.SHIPPED_AT, Field.CANCELLED_AT})
_LINE = (Field.SKU, Field.PRODUCT_NAME, Field.QUANTITY, Field.UNIT_PRICE, Field.DISCOUNT, Field.DISCOUNT_AMOUNT,
         Field.LINE_TOTAL, Field.LINE_NUMBER, Field.CREATED_AT)  # fmt: skip
_NEVER = datetime.min.replace(tzinfo=UTC)
_UNUSUAL = (Field.DISCOUNT, Field.DISCOUNT_AMOUNT, Field.LINE_TOTAL, Field.LINE_NUMBER)

RawLine = tuple[Any, ...]  # as _LINE
RawLines = dict[RawLine, tuple[str, int]]  # with the file and line where it stands
Tell = Callable[[Finding], None]
Refuse = Callable[[str, Sequence[int], Reason, Field], None]  # rows of a file that lack something


@dataclass(frozen=True, slots=True)
class Part:
    """A batch of cleaned rows of one file of one system, in columns.

    Attributes:
        heads: which fields of a whole order it has.
        is_plain: whether it has goods, names, quantities and prices, and nothing else makes an amount.
        plain: these (and times), where each row has them (but for a name); else nothing.
    """

    plain_fields: ClassVar = (Field.SKU, Field.PRODUCT_NAME, Field.QUANTITY, Field.UNIT_PRICE)

    file: str
    system: str
    lines: Sequence[int]
    columns: Mapping[Field, Sequence[Any]]
    heads: Sequence[Field] = field(init=False, compare=False)
    is_plain: bool = field(init=False, compare=False)
    plain: Sequence[Sequence[Any]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        columns = self.columns
        object.__setattr__(self, "heads", [one for one in HEAD if one in columns])
        is_plain = columns.keys() >= set(self.plain_fields) and columns.keys().isdisjoint(_UNUSUAL)
        object.__setattr__(self, "is_plain", is_plain)
        wanted = [columns[one] for one in self.plain_fields] if is_plain else []
        if any(_has_none(columns[one]) for one in self.plain_fields if wanted and one is not Field.PRODUCT_NAME):
            wanted = []
        if wanted and Field.CREATED_AT in columns:
            wanted.append(columns[Field.CREATED_AT])
        object.__setattr__(self, "plain", wanted)

    def at(self, rows: Sequence[int]) -> Part:
        """Some of its rows, in that order."""
        lines = [self.lines[row] for row in rows]
        columns = {name: column.at(rows) if isinstance(column, Shared) else [column[row] for row in rows]
                   for name, column in self.columns.items()}  # fmt: skip
        return Part(self.file, self.system, lines, columns)


@dataclass(slots=True)
class Reversal:
    """Goods that were taken back: a cancellation (its number begins with C), or a return. `quantity` is positive."""

    system: str
    number: str
    customer: str
    sku: str
    quantity: int
    price: int
    at: datetime
    file: str
    line: int
    again: int = 0  # how many like it come before

    @property
    def key(self) -> str:
        return f"{self.number}/{self.sku}/{self.quantity}/{self.price}/{self.again}"


@dataclass(slots=True)
class Whole:
    """One order as one system says it. `lines` are what was ordered; `taken_back` lists (line, reversal)."""

    system: str
    number: str
    file: str
    line: int
    head: dict[Field, Any]
    lines: list[ScaledLine] = field(default_factory=list)
    taken_back: list[tuple[int, Reversal]] = field(default_factory=list)

    @property
    def customer(self) -> str:
        return self.head.get(Field.CUSTOMER_ID) or self.head.get(Field.CUSTOMER_NAME) or ""

    @property
    def created_at(self) -> datetime:
        created: datetime = self.head[Field.CREATED_AT]
        return created

    @property
    def stamp(self) -> datetime:
        """The source's own time of what it says."""
        stamp: datetime = self.head.get(Field.UPDATED_AT) or self.head[Field.CREATED_AT]
        return stamp


def _has_none(column: Sequence[Any]) -> bool:
    if isinstance(column, Shared):
        return bool(column.places(lambda value: value is None).any())
    return any(map(is_, column, repeat(None)))


class Gatherer:
    """Collects parts, then gives the orders; each finding is told."""

    def __init__(self, currency: str, now: datetime, tell: Tell, refused: Refuse) -> None:
        self._now = now
        self._tell = tell
        self._refused = refused
        self._numbers = Numbers(currency)
        self._scaled = Scaled(self._numbers)
        self._plain = PlainOrders(currency)
        self._ready: dict[tuple[str, str], Ready] = {}  # what is so only if it is the whole order
        self._runs: dict[tuple[str, str], list[tuple[Part, int, int]]] = {}
        self.reversals: list[Reversal] = []

    def add(self, part: Part) -> None:
        """Notes where each order's rows are."""
        numbers = part.columns[Field.ORDER_NUMBER]
        if not numbers:
            return
        plain = self._plain.runs(part)
        if plain is not None:
            odd = [one for one in plain if one.wants_a_look]
            apart, at = part.at([row for one in odd for row in range(one.start, one.stop)]), 0
            for one in plain:
                place = part.system, one.number
                if one.ready is not None:
                    self._ready[place] = one.ready
                if one.wants_a_look:
                    self._runs.setdefault(place, []).append((apart, at, at := at + one.stop - one.start))
                else:
                    self._runs.setdefault(place, []).append((part, one.start, one.stop))
            return
        starts = [0, *(index for index, (one, next_) in enumerate(pairwise(numbers), 1) if one != next_)]
        for start, stop in zip(starts, [*starts[1:], len(numbers)], strict=True):
            self._runs.setdefault((part.system, numbers[start]), []).append((part, start, stop))

    def hold(self, numbers: Collection[tuple[str, str]]) -> None:
        """Leaves out the rest of orders, by system and number, of which a row was refused."""
        for place in sorted(self._runs.keys() & set(numbers)):
            for part, start, stop in self._runs.pop(place):
                self._refused(part.file, part.lines[start:stop], Reason.HELD, Field.ORDER_NUMBER)

    def wholes(self) -> list[Whole]:
        """Every order once; what takes goods back is in `reversals`."""
        found = []
        while self._runs:
            (system, number), runs = self._runs.popitem()
            whole = self._whole(system, number, runs)
            if whole is not None:
                found.append(whole)
        return found

    def _whole(self, system: str, number: str, runs: Sequence[tuple[Part, int, int]]) -> Whole | None:
        runs = runs if len(runs) == 1 else sorted(runs, key=lambda run: (run[0].file, run[0].lines[run[1]]))
        ready = self._ready.pop((system, number), None)
        ready = ready if len(runs) == 1 else None
        head = ready.head if ready else _head(runs)
        part, start, _ = runs[0]
        whole = Whole(system, number, part.file, part.lines[start], head)
        if not whole.customer:
            self._refuse(runs)
            return None
        self._date(whole, runs)
        if not ready:
            self._tell_customers(whole, runs)
        plain = self._ready_lines(whole, part, ready) if ready and ready.lines else self._plain_lines(runs)
        if plain:
            whole.lines = plain
            return whole
        raws: RawLines = {}
        for part, start, stop in runs:
            if Field.QUANTITY in part.columns:
                self._note_lines(number, raws, part, start, stop)
        if raws:
            self._put_lines(whole, raws)
            return whole if whole.lines else None
        if head.get(Field.TOTAL) is None:
            what = Reason.MISSING_VALUE, Field.TOTAL, "", "neither lines nor a total"
            self._tell(Finding(whole.file, whole.line, *what))
            return None
        return whole

    def _date(self, whole: Whole, runs: Sequence[tuple[Part, int, int]]) -> None:
        """Where it says none: the earliest of what became of it, else today, told where other orders have a date."""
        if Field.CREATED_AT in whole.head:
            return
        known = [at for at in map(whole.head.get, STANDS_IN) if at is not None]
        whole.head[Field.CREATED_AT] = min(known, default=self._now)
        if not known and any(Field.CREATED_AT in part.columns for part, _, _ in runs):
            self._tell(Finding(whole.file, whole.line, Reason.NO_DATE, Field.CREATED_AT))

    def _tell_customers(self, whole: Whole, runs: Sequence[tuple[Part, int, int]]) -> None:
        """Two orders of one number may have become one."""
        column = Field.CUSTOMER_ID if whole.head.get(Field.CUSTOMER_ID) else Field.CUSTOMER_NAME
        others = sorted({str(value) for value in _values(runs, column)} - {whole.customer})
        if others:
            what = Reason.CUSTOMERS_DIFFER, column, whole.customer, ", ".join(others)
            self._tell(Finding(whole.file, whole.line, *what))

    def _ready_lines(self, whole: Whole, part: Part, ready: Ready) -> list[ScaledLine]:
        skus = part.columns[Field.SKU]
        for at in ready.doubled:
            self._told(part, at, Reason.DOUBLED_LINE, Field.SKU, skus[at], whole.number)
        return ready.lines

    def _plain_lines(self, runs: Sequence[tuple[Part, int, int]]) -> list[ScaledLine] | None:
        """The lines where they stand together, all are there to be ordered and none twice, as nearly all do: the same
        as one by one. None: they want a closer look.
        """
        part, start, stop = runs[0]
        if len(runs) > 1 or not part.plain:
            return None
        skus, names, amounts, prices, *created = (column[start:stop] for column in part.plain)
        if None in names:
            return None
        if created and created[0].count(created[0][0]) < stop - start:
            return None
        quantities, each, costs = zip(*self._scaled.of(amounts, prices), strict=True)
        if min(quantities) <= 0 or min(each) < 0:
            return None
        lines = sorted(zip(skus, names, quantities, each, costs, repeat(0, stop - start), strict=True))
        return lines if len(set(lines)) == len(lines) else None

    def _note_lines(self, number: str, raws: RawLines, part: Part, start: int, stop: int) -> None:
        columns = part.columns
        wanted = [columns[one][start:stop] if one in columns else [None] * (stop - start) for one in _LINE]
        rows = list(zip(*wanted, strict=True))
        places = zip([part.file] * len(rows), part.lines[start:stop], strict=True)
        new = dict(zip(rows, places, strict=True))
        if len(new) == len(rows) and not raws.keys() & new.keys():
            raws.update(new)
            return
        for index, row in enumerate(rows):
            if row in raws:
                self._told(part, start + index, Reason.DOUBLED_LINE, Field.SKU, row[0] or row[1], number)
            else:
                raws[row] = (part.file, part.lines[start + index])

    def _put_lines(self, whole: Whole, raws: RawLines) -> None:
        numbers = self._numbers
        lines = [(raw[0] or raw[1], raw[1] or raw[0], *numbers[raw[2:7]], 0) for raw in _sorted(raws)]
        if all(line[2] > 0 and line[3] >= 0 for line in lines):
            whole.lines = lines
            return
        whole.lines = [line for line in lines if line[2] > 0 and line[3] >= 0]
        for raw in raws:
            quantity, price, _ = numbers[raw[2:7]]
            if quantity <= 0 or price < 0:
                self._reverse(whole, raw, quantity, price, raws[raw])

    def _reverse(self, whole: Whole, raw: RawLine, quantity: int, price: int, place: tuple[str, int]) -> None:
        sku = raw[0] or raw[1]
        if quantity < 0 and price >= 0 and (price > 0 or is_cancellation(whole.number)):
            at = raw[8] or whole.created_at
            self.reversals.append(
                Reversal(whole.system, whole.number, whole.customer, sku, -quantity, price, at, *place)
            )
            return
        self._tell(Finding(*place, Reason.NOT_AN_ORDER_LINE, Field.QUANTITY, str(raw[2]), "nothing was ordered"))

    def _refuse(self, runs: Iterable[tuple[Part, int, int]]) -> None:
        for part, start, stop in runs:
            self._refused(part.file, part.lines[start:stop], Reason.MISSING_CUSTOMER, Field.CUSTOMER_ID)

    def _told(self, part: Part, index: int, reason: Reason, column: str, value: str, about: str) -> None:
        said = f"stands in order {about} already" if reason is Reason.DOUBLED_LINE else about
        self._tell(Finding(part.file, part.lines[index], reason, column, value, said))


def is_cancellation(number: str) -> bool:
    """Online shops number a cancellation like the order, with a C before it."""
    return number[:1] in "Cc" and number[1:2].isdigit()


def _sorted(raws: RawLines) -> list[RawLine]:
    """In an order that does not depend on where the lines stand."""
    if all(raw[7] is None for raw in raws):
        try:
            return sorted(raws)
        except TypeError:  # some lack a name, or a price
            pass
    return sorted(raws, key=_in_order)


def _in_order(raw: RawLine) -> tuple[Any, ...]:
    """By the line's own number where the source has one; never by where it stands."""
    sku, name, quantity, price, *_, number, _ = raw
    return len(number or ""), number or "", sku or "", name or "", quantity, price or 0


def _head(runs: Sequence[tuple[Part, int, int]]) -> dict[Field, Any]:
    """The values of the whole order. Where rows differ: the earliest creation, the latest other times, else what the
    row says that is newest by its own time.
    """
    head: dict[Field, Any] = {}
    part, start, stop = runs[0]
    for field_ in part.heads if len(runs) == 1 else HEAD:
        if len(runs) == 1:
            column = part.columns[field_]
            first = column[start]
            if column[start:stop].count(first) == stop - start:
                if first is not None:
                    head[field_] = first
                continue
        values = _values(runs, field_)
        if values:
            head[field_] = values[0] if len(values) == 1 else _one_of(runs, field_, values)
    return head


def _values(runs: Sequence[tuple[Part, int, int]], field_: Field) -> list[Any]:
    """The different ones."""
    seen: list[Any] = []
    for part, start, stop in runs:
        column = part.columns.get(field_)
        if column is None:
            continue
        first, some = column[start], column[start:stop]
        for value in [first] if some.count(first) == len(some) else dict.fromkeys(some):
            if value is not None and value not in seen:
                seen.append(value)
    return seen


def _one_of(runs: Sequence[tuple[Part, int, int]], field_: Field, values: Sequence[Any]) -> Any:
    if field_ in _EARLIEST or field_ in _LATEST:
        return min(values) if field_ in _EARLIEST else max(values)
    stamped: list[tuple[datetime, str, Any]] = []
    for part, start, stop in runs:
        updated, created = part.columns.get(Field.UPDATED_AT), part.columns.get(Field.CREATED_AT)
        for index in range(start, stop) if field_ in part.columns else ():
            value = part.columns[field_][index]
            stamp = (updated and updated[index]) or (created and created[index]) or _NEVER
            if value is not None:
                stamped.append((stamp, str(value), value))
    return max(stamped, key=lambda one: one[:2])[2]
