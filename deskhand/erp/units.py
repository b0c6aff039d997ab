"""Whole records of several systems -> orders: those that are the same become one, field by field. Knows no storage
but the form of what it keeps.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from deskhand.erp.aligning import LINES, Precedence, Saying, match_hash, merged
from deskhand.erp.kinds import SPECS, Field, ValueType
from deskhand.erp.report import Disagreement
from deskhand.erp.statuses import is_cancelled, is_refunded
from deskhand.erp.wholes import Whole
from deskhand.orders.imports import ImportedOrder, ScaledLine
from deskhand.orders.money import round_amount
from deskhand.store.repositories.source_records import ORDERS, SourceRecord
from deskhand.store.types import from_scaled, to_scaled

_AMOUNT = itemgetter(4)  # of a line
_NAMES = {field: field.value for field in Field}
AMOUNTS = frozenset({str(Field.TOTAL), str(Field.FREIGHT)})


@dataclass(slots=True)
class Unit:
    """One order, as all systems of this import say it; the first of `wholes` gives it its number and customer."""

    wholes: list[Whole]
    head: Mapping[Field, Any]
    lines: Sequence[ScaledLine]  # as ordered
    disagreements: Sequence[Disagreement] = ()

    @property
    def owner(self) -> Whole:
        return self.wholes[0]

    @property
    def key(self) -> tuple[datetime, str, str]:
        return self.owner.created_at, self.owner.number, self.owner.system


def units(wholes: Iterable[Whole], precedence: Precedence, tolerance: Decimal) -> list[Unit]:
    """Every order once."""
    wholes = list(wholes)
    if len({whole.system for whole in wholes}) <= 1:
        return [Unit([whole], whole.head, whole.lines) for whole in wholes]
    same: dict[str, list[Whole]] = {}
    for whole in wholes:
        same.setdefault(hash_of(whole), []).append(whole)
    return [_aligned(sorted(some, key=lambda one: _owning(one, precedence)), precedence, tolerance)
            for some in same.values()]  # fmt: skip


def _owning(whole: Whole, precedence: Precedence) -> tuple[int, str]:
    return -precedence.rank("*", whole.system), whole.system


def _aligned(wholes: list[Whole], precedence: Precedence, tolerance: Decimal) -> Unit:
    first = wholes[0]
    if len(wholes) == 1:
        return Unit(wholes, first.head, first.lines)
    sayings = [saying_of(one, with_lines=True) for one in wholes]
    values, won_by, told = merged(first.number, sayings, precedence, tolerance, AMOUNTS)
    heads = {one.system: one for one in wholes}
    head = {Field(name): heads[source].head[Field(name)] for name, source in won_by.items() if name != LINES}
    head |= {name: first.head[name] for name in (Field.CUSTOMER_ID, Field.CUSTOMER_NAME) if name in first.head}
    lines = heads[won_by[LINES]].lines if LINES in values else []
    return Unit(wholes, head, lines, told)


def hash_of(whole: Whole) -> str:
    return match_hash(whole.number, whole.customer, whole.created_at.date())


def saying_of(whole: Whole, with_lines: bool) -> Saying:
    """What a system says, as it is kept."""
    said: dict[str, Any] = _said(whole)
    if with_lines and whole.lines:
        said[LINES] = [list(line[:5]) for line in whole.lines]
    return Saying(whole.system, whole.stamp, said)


def _said(whole: Whole) -> dict[str, Any]:
    """Of its head."""
    return {_NAMES[name]: in_json(value) for name, value in whole.head.items() if value is not None}


def record_of(whole: Whole, with_lines: bool = False) -> SourceRecord:
    """The record that is kept of it; its digest is of all that it says, its lines too."""
    said, lines, customer, day = _said(whole), whole.lines, whole.customer, whole.created_at.date()
    heads = [f"{name}={said[name]}" for name in sorted(said)]
    written = str(heads).encode() + marshal.dumps(lines, 0)  # version 0 never changes, and is five times repr
    if with_lines and lines:
        said[LINES] = [list(line[:5]) for line in lines]
    return SourceRecord(
        *(whole.system, ORDERS, whole.number, match_hash(whole.number, customer, day)),
        digest=hashlib.sha256(written).hexdigest(),
        stamped_at=whole.stamp,
        customer_key=customer,
        day=day,
        amount=from_scaled(sum(map(_AMOUNT, lines))) if lines else whole.head.get(Field.TOTAL),
        said=said,
    )


def imported(
    number: str, customer: str, head: Mapping[Field, Any], lines: Sequence[ScaledLine], currency: str
) -> ImportedOrder:
    """The order as it is to be written; its lines go beside it."""
    own = head.get(Field.CURRENCY) or currency
    total = from_scaled(sum(map(_AMOUNT, lines))) if lines else head.get(Field.TOTAL) or Decimal(0)
    gone = bool(lines) and all(line[5] >= line[2] for line in lines)
    return ImportedOrder(
        number, customer, head[Field.CREATED_AT], (), round_amount(total, own),
        updated_at=head.get(Field.UPDATED_AT), paid_at=head.get(Field.PAID_AT), shipped_at=head.get(Field.SHIPPED_AT),
        delivery_date=head.get(Field.REQUIRED_ON), address=head.get(Field.ADDRESS), carrier=head.get(Field.CARRIER),
        tracking_number=head.get(Field.TRACKING_NUMBER), freight=head.get(Field.FREIGHT),
        cancelled=gone or is_cancelled(head), refunded=is_refunded(head),
        currency=own if own != currency else None,
    )  # fmt: skip


def left_of(lines: Sequence[ScaledLine], taken: Mapping[int, int], currency: str) -> list[ScaledLine]:
    """The lines after so much of each was taken back: what remains is priced as the whole line was."""
    return [_left(line, taken.get(index, 0), currency) for index, line in enumerate(lines)]


def _left(line: ScaledLine, taken: int, currency: str) -> ScaledLine:
    if not taken:
        return line
    sku, name, quantity, price, amount, cancelled = line
    left = quantity - cancelled - taken
    each = from_scaled(price)
    whole = to_scaled(round_amount(from_scaled(quantity) * each, currency)) == amount
    rest = from_scaled(left) * each if whole else from_scaled(amount) * left / quantity
    return sku, name, quantity, price, to_scaled(round_amount(rest, currency)), cancelled + taken


def in_json(value: Any) -> Any:
    """A value as JSON keeps it."""
    if value.__class__ is str:
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def from_json(name: str, value: Any) -> Any:
    """The inverse, by the field's type."""
    kind = SPECS[Field(name)].type
    if kind is ValueType.MOMENT:
        return datetime.fromisoformat(value)
    if kind is ValueType.DAY:
        return date.fromisoformat(value)
    if kind in (ValueType.MONEY, ValueType.NUMBER, ValueType.PRICE, ValueType.SHARE):
        return Decimal(value)
    return value
