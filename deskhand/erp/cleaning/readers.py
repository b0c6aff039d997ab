"""For each type of value the function that reads one cell. What a column decides comes from its profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from deskhand.erp.cleaning import codes, plain
from deskhand.erp.cleaning.instants import Dating, day, moment
from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.numbers import Number, number, rounded
from deskhand.erp.cleaning.outcome import Read, Refusal
from deskhand.erp.cleaning.profile import Profile
from deskhand.erp.cleaning.rules import Rules
from deskhand.erp.cleaning.terms import terms
from deskhand.erp.cleaning.words import is_missing
from deskhand.erp.findings import Reason
from deskhand.erp.kinds import SPECS, Field, FieldSpec, Kind, ValueType
from deskhand.orders.money import round_amount

Reader = Callable[[object], Read]
NOTHING = Read(None)
_TEXTS = frozenset({ValueType.TEXT, ValueType.WORD, ValueType.UNIT, ValueType.CARRIER})
_LARGEST = Decimal(10) ** 14


def reader(field: Field, rules: Rules, profile: Profile, currency: str) -> Reader:
    """Reads a cell of one field; it never raises for what the cell holds."""
    spec = SPECS[field]
    read = _reader(spec, rules, profile, currency)
    return partial(_guarded, read, spec.type in _TEXTS)


def plain_for(field: Field) -> Callable[[str], bool] | None:
    """What says, at little cost, of most cells that they read as themselves; None: no cell of this type does."""
    spec = SPECS[field]
    return partial(codes.is_plain, longest=spec.longest) if spec.type is ValueType.CODE else None


def _guarded(read: Reader, in_text: bool, cell: object) -> Read:
    if cell is None or (isinstance(cell, (float, Decimal)) and isnan(cell)):
        return NOTHING
    if isinstance(cell, str) and is_missing(cell, in_text=in_text):
        return Read(None, (Change.MISSING_WORD,)) if cell.strip() else NOTHING
    try:
        found = read(cell)
    except Refusal as refusal:
        return Read(None, reason=refusal.reason, about=refusal.about)
    if found.changes and isinstance(found.value, str) and is_missing(found.value, in_text=in_text):
        return Read(None, (*found.changes, Change.MISSING_WORD))  # it was dressed: ＮＵＬＬ
    return found


def isnan(cell: float | Decimal) -> bool:
    """Also for the kind of NaN that can't be compared."""
    return cell.is_nan() if isinstance(cell, Decimal) else cell != cell


def _reader(spec: FieldSpec, rules: Rules, profile: Profile, currency: str) -> Reader:
    kind = spec.type
    if kind in (ValueType.MOMENT, ValueType.DAY):
        dating = _dating(spec.field, rules, profile)
        return partial(_at, moment if kind is ValueType.MOMENT else day, dating)
    if kind in (ValueType.MONEY, ValueType.PRICE):
        return partial(_money, spec, profile, rules.kind, currency)
    if kind is ValueType.NUMBER:
        return partial(_quantity, spec, profile, rules.kind)
    if kind is ValueType.SHARE:
        return partial(_share, spec, profile, rules.kind)
    return (
        _OTHERS[kind]
        if kind is not ValueType.CODE
        else partial(codes.code, longest=spec.longest, of_goods=spec.field is Field.SKU)
    )


def _dating(field: Field, rules: Rules, profile: Profile) -> Dating:
    latest = rules.now.replace(year=rules.now.year + rules.years_ahead, day=1)
    return Dating(rules.zone, partial(profile.date_order, field), rules.not_before, latest, rules.excel_1904)


def _at(read: Callable[[object, Dating], Read], dating: Dating, cell: object) -> Read:
    return read(cell, dating)


def _number(spec: FieldSpec, profile: Profile, kind: Kind, cell: object) -> Number:
    if isinstance(cell, str):
        found = number(cell, lambda: profile.decimal_sign(spec.field))
    elif isinstance(cell, bool) or isinstance(cell, (date, datetime)) or not isinstance(cell, (int, float, Decimal)):
        raise Refusal(Reason.NOT_A_NUMBER)
    else:
        found = Number(_typed(cell))
    if found.value < 0 and kind in spec.not_negative:
        raise Refusal(Reason.NEGATIVE_NUMBER)
    return found


def _typed(cell: float | Decimal) -> Decimal:
    """A float has fifteen digits that mean something, as spreadsheets have it."""
    value = Decimal(format(cell, ".15g")) if isinstance(cell, float) else Decimal(cell)
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise Refusal(Reason.NUMBER_TOO_LARGE)
    return value


def _money(spec: FieldSpec, profile: Profile, kind: Kind, currency: str, cell: object) -> Read:
    found = _number(spec, profile, kind, cell)
    if found.percent or found.unit:
        raise Refusal(Reason.NOT_A_NUMBER)
    if found.currencies and currency not in found.currencies:
        raise Refusal(Reason.CURRENCY_DIFFERS, currency)
    value = round_amount(found.value, currency) if spec.type is ValueType.MONEY else rounded(found.value)
    return _rounded(found, value)


def _rounded(found: Number, value: Decimal) -> Read:
    if value == found.value:
        return Read(value, found.changes, unit=found.unit)
    return Read(value, (*found.changes, Change.ROUNDED), original=found.value, unit=found.unit)


def _quantity(spec: FieldSpec, profile: Profile, kind: Kind, cell: object) -> Read:
    found = _number(spec, profile, kind, cell)
    if found.percent or found.currencies:
        raise Refusal(Reason.NOT_A_NUMBER)
    return _rounded(found, rounded(found.value))


def _share(spec: FieldSpec, profile: Profile, kind: Kind, cell: object) -> Read:
    found = _number(spec, profile, kind, cell)
    if found.currencies or found.unit:
        raise Refusal(Reason.DISCOUNT_UNCLEAR)
    if not found.percent and found.value >= 1:
        found = _of_hundred(spec.field, profile, found)
    if found.value > 1:
        raise Refusal(Reason.DISCOUNT_UNCLEAR)
    return _rounded(found, rounded(found.value))


def _of_hundred(field: Field, profile: Profile, found: Number) -> Number:
    """15 is per cent in a column that has nothing between nought and one. 1 alone is the whole."""
    percent = profile.is_percent(field)
    if percent:
        return replace(found, value=found.value / 100, changes=(*found.changes, Change.PERCENT))
    if percent is None or found.value > 1:
        raise Refusal(Reason.DISCOUNT_UNCLEAR)
    return found


_OTHERS: dict[ValueType, Reader] = {
    ValueType.TEXT: plain.text,
    ValueType.WORD: plain.text,
    ValueType.FLAG: plain.flag,
    ValueType.TERMS: terms,
    ValueType.EMAIL: plain.email,
    ValueType.PHONE: codes.phone,
    ValueType.CURRENCY: plain.currency,
    ValueType.UNIT: plain.unit,
    ValueType.CARRIER: plain.carrier,
}
