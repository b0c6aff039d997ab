"""Which column of a table is which of our fields, by its name, its values and the other columns. Knows no file.

Each column is weighed for each field that its name can mean; the best pair is settled first. Where a name is not known,
values alone tell little, and what is uncertain stays out: a wrong column does more harm than an unused one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deskhand.erp.header_names import Meaning, meanings, spellings, system_of
from deskhand.erp.kinds import SPECS, Alternatives, Field, Kind, required
from deskhand.erp.mapping import Mapping as Agreed
from deskhand.erp.proposal import Column, Proposal, Unused
from deskhand.erp.relations import AMOUNTS, amount_roles
from deskhand.erp.shapes import Shape, by_values, fit, shape_of
from deskhand.erp.sources.model import Cell, Note, Table

__all__ = [
    *("Column", "ColumnsNotRecognised", "Proposal", "Unused"),
    *("propose", "propose_columns", "recognised", "recognised_among"),
]

LEAST = 0.4  # what is less certain is not proposed
_LEAST_NEEDED = 0.3  # what nothing can be imported without is asked about sooner
_SAMPLE = 300
# What tells a kind of table from the others, and what speaks against it.
_SIGNS: Mapping[Kind, Mapping[Field, float]] = {
    Kind.ORDERS: {
        Field.ORDER_NUMBER: 1.2, Field.QUANTITY: 0.5, Field.UNIT_PRICE: 0.5, Field.TOTAL: 0.5, Field.LINE_TOTAL: 0.4,
        Field.CREATED_AT: 0.3, Field.CUSTOMER_ID: 0.2, Field.CUSTOMER_NAME: 0.2, Field.PAYMENT_STATUS: 0.3,
        Field.RESERVED: -0.5, Field.CREDIT_LIMIT: -0.8,
    },
    Kind.SHIPMENTS: {
        Field.TRACKING_NUMBER: 1.3, Field.CARRIER: 0.8, Field.ORDER_NUMBER: 0.5, Field.SHIPPED_AT: 0.3,
        Field.UNIT_PRICE: -1.2, Field.TOTAL: -1.0, Field.LINE_TOTAL: -1.0, Field.PAID_AT: -0.5, Field.WEIGHT: 0.2,
        Field.PAYMENT_STATUS: -0.8,
    },
    Kind.STOCK: {
        Field.WAREHOUSE: 0.8, Field.WAREHOUSE_NAME: 0.6, Field.RESERVED: 0.8, Field.QUANTITY: 0.6, Field.SKU: 0.3,
        Field.ORDER_NUMBER: -1.5, Field.CUSTOMER_ID: -0.8, Field.CUSTOMER_NAME: -0.8, Field.REQUIRED_ON: -0.6,
        Field.SHIPPED_AT: -0.6, Field.PAID_AT: -0.6, Field.TOTAL: -0.8, Field.FREIGHT: -0.5,
    },
    Kind.PRODUCTS: {
        Field.SKU: 0.5, Field.PRODUCT_NAME: 0.5, Field.UNIT_PRICE: 0.4, Field.CATEGORY: 0.3, Field.WEIGHT: 0.3,
        Field.PRODUCT_NAME_EN: 0.4, Field.UNITS: 0.4, Field.UNIT: 0.2, Field.ORDER_NUMBER: -1.5,
        Field.CUSTOMER_ID: -0.9, Field.CUSTOMER_NAME: -0.9, Field.QUANTITY: -0.6, Field.WAREHOUSE: -0.6,
        Field.REQUIRED_ON: -0.6, Field.SHIPPED_AT: -0.6, Field.PAID_AT: -0.6, Field.TOTAL: -0.8, Field.FREIGHT: -0.5,
    },
    Kind.CUSTOMERS: {
        Field.CUSTOMER_NAME: 0.6, Field.CUSTOMER_ID: 0.6, Field.CREDIT_LIMIT: 0.7, Field.ACCOUNT_DAYS: 0.7,
        Field.CUSTOMER_CLASS: 0.4, Field.EMAIL: 0.3, Field.PHONE: 0.3, Field.ADDRESS: 0.2, Field.LANGUAGE: 0.3,
        Field.ORDER_NUMBER: -1.5, Field.SKU: -1.0, Field.QUANTITY: -0.8, Field.UNIT_PRICE: -0.8, Field.TOTAL: -0.8,
        Field.REQUIRED_ON: -0.6, Field.SHIPPED_AT: -0.6, Field.PAID_AT: -0.6, Field.FREIGHT: -0.5,
        Field.TRACKING_NUMBER: -0.8, Field.WAREHOUSE: -0.5,
    },
}  # fmt: skip
_PARTY = (Field.CUSTOMER_NAME, Field.CUSTOMER_ID)
_PLACE = re.compile(r"#\d+")  # of a column without a name
# What can stand in for a field that a row must have, where no column is named for it.
_STANDS_IN: Mapping[Field, Collection[Field]] = {
    Field.ORDER_NUMBER: (Field.INVOICE_NUMBER,),
    Field.CUSTOMER_NAME: (Field.CONTACT,),
    Field.CUSTOMER_ID: (Field.EMAIL, Field.PHONE),
    Field.TOTAL: (Field.LINE_TOTAL,),
    Field.LINE_TOTAL: (Field.TOTAL,),
    Field.WAREHOUSE: (),
}


class ColumnsNotRecognised(Exception):
    """The file lacks a column without which nothing can be imported; the message says which and what was found."""

    code = "columns_not_recognised"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A column that can be a field."""

    weight: float
    field: Field
    index: int
    reason: str


@dataclass(frozen=True)
class _Columns:
    """A table's columns: names, values, what they look like."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    shapes: Sequence[Shape]

    @classmethod
    def of(cls, table: Table) -> _Columns:
        rows = table.sample(_SAMPLE)
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(table.header)
        return cls(table.header, rows, [shape_of(column) for column in columns])


def propose(table: Table, kind: Kind | None = None, mapping: Agreed | None = None) -> Proposal:
    """Which column is which field; the kind is guessed when None. A mapping decides what it names.

    Raises:
        FileNotReadable, SourceNotReached: the first rows can't be read.
    """
    return proposed(_Columns.of(table), mapping.kind if mapping else kind, mapping)


def propose_columns(
    header: Sequence[str], rows: Sequence[Sequence[Cell]], kind: Kind | None = None, mapping: Agreed | None = None
) -> Proposal:
    """The same for rows that are held already."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    return proposed(_Columns(header, rows, [shape_of(column) for column in columns]), kind, mapping)


def proposed(columns: _Columns, kind: Kind | None, mapping: Agreed | None) -> Proposal:
    if kind is not None:
        return _of_kind(columns, kind, 1.0, mapping)
    proposals = [_of_kind(columns, one, 1.0, None, other_kinds=True) for one in Kind]
    (best, proposal), (second, _) = sorted(((_fits_kind(each), each) for each in proposals), key=lambda pair: -pair[0])[
        :2
    ]
    sure = 0.5 + 0.5 * min(1.0, max(0.0, best - second) / 1.5) if best > 0 else 0.2
    return _of_kind(columns, proposal.kind, round(sure, 2), None)


def recognised(table: Table, kind: Kind | None = None, mapping: Agreed | None = None) -> Proposal:
    """Raises ColumnsNotRecognised when a needed column is not found."""
    proposal = propose(table, kind, mapping)
    if not proposal.usable:
        raise ColumnsNotRecognised(_what_is_missing(table, proposal))
    return proposal


def recognised_among(
    tables: Sequence[Table], kind: Kind | None = None, mapping: Agreed | None = None
) -> list[tuple[Table, Proposal]]:
    """The tables of one source that are of its kind; a sheet of instructions beside them is left out and told.

    Raises:
        ColumnsNotRecognised: none is.
    """
    found: list[tuple[Table, Proposal]] = []
    left_out: list[Note] = []
    refused: ColumnsNotRecognised | None = None
    for table in tables:
        try:
            proposal = recognised(table, kind, mapping)
        except ColumnsNotRecognised as error:
            refused = refused or error
            left_out.append(Note("sheet_not_recognised", table.name))
            continue
        kind = kind or proposal.kind
        found.append((table, proposal))
    if not found and refused is not None:
        raise refused
    if found:
        found[0][0].notes.extend(left_out)
    return found


def _what_is_missing(table: Table, proposal: Proposal) -> str:
    groups = ", ".join(" or ".join(field.replace("_", " ") for field in group) for group in proposal.missing)
    found = ", ".join(name for name in table.header if name)[:500]
    return f"{table.name} ({proposal.kind}) has no column for {groups} among: {found or '(none)'}"


def _fits_kind(proposal: Proposal) -> float:
    signs = _SIGNS[proposal.kind]
    told = sum(signs.get(field, 0.05) * column.confidence for field, column in proposal.columns.items())
    named = len(proposal.columns) + sum(each.why == "unknown" for each in proposal.unused)
    return told + (1.0 if proposal.usable else -0.6) + len(proposal.columns) / max(named, 1)


def _of_kind(columns: _Columns, kind: Kind, sure: float, mapping: Agreed | None, other_kinds: bool = False) -> Proposal:
    """`other_kinds`: with fields that the kind does not have, which speak against it."""
    taken, absent = _agreed(columns, mapping)
    candidates = list(_candidates(columns, kind)) if mapping is None or mapping.guess else []
    if not other_kinds:
        candidates = [each for each in candidates if kind in SPECS[each.field].kinds]
    dropped = mapping.dropped if mapping else frozenset()
    settled = _settled(candidates, taken, {*dropped, *(mapping.constants if mapping else ())})
    if mapping is None or mapping.guess:
        _drop_counts_of_orders(settled, kind)
        _let_stand_in(settled, candidates, kind, mapping)
        _insist_on_date(settled, candidates, columns, kind, mapping)
    missing = tuple(
        group for group in required(kind, settled)
        if not any(field in settled or (mapping is not None and field in mapping.constants) for field in group)
    )  # fmt: skip
    unused = tuple(_unused(columns, settled, candidates, dropped))
    with_rivals = {field: _with_rivals(columns, column, field, candidates) for field, column in settled.items()}
    return Proposal(kind, sure, with_rivals, unused, missing, absent)


def _agreed(columns: _Columns, mapping: Agreed | None) -> tuple[dict[Field, Column], tuple[str, ...]]:
    taken: dict[Field, Column] = {}
    absent = []
    for field, name in mapping.columns.items() if mapping else ():
        index = find_column(columns.header, name)
        if index is None:
            absent.append(name)
        else:
            taken[field] = Column(index, columns.header[index], 1.0, "mapping")
    return taken, tuple(absent)


def find_column(header: Sequence[str], name: str) -> int | None:
    """The column that a mapping names: by its exact header, by its number "#3", or spelt a little otherwise."""
    if name in header:
        return header.index(name)
    if name.startswith("#") and name[1:].isdigit():
        return int(name[1:]) - 1 if 0 < int(name[1:]) <= len(header) else None
    wanted = next(spellings(name))
    return next((index for index, each in enumerate(header) if next(spellings(each)) == wanted), None)


def _candidates(columns: _Columns, kind: Kind) -> Iterator[_Candidate]:
    roles = amount_roles(columns.header, columns.rows, kind)
    known = system_of(tuple(columns.header))
    for index, (name, shape) in enumerate(zip(columns.header, columns.shapes, strict=True)):
        plain = next(spellings(name))
        if plain in known:
            said = known[plain]
            if said is not None and kind in SPECS[said].kinds:
                yield _Candidate(0.97, said, index, "name_and_values")
            continue
        meant = meanings(name, kind) if name and not _PLACE.fullmatch(name) else ()
        for meaning in meant:
            weight, reason = _weighed(meaning, shape)
            weight += roles.get((index, meaning.field), 0.0)
            if meaning.how == "weak_name" and meaning.field in AMOUNTS and meant[0].how == "name":
                weight -= 0.25  # an amount that has a name of its own is no other amount
            yield _Candidate(weight, meaning.field, index, reason)
        told = by_values(shape)
        if told and not any(meaning.how == "name" for meaning in meant):
            yield _Candidate(told[1], told[0], index, "values")


def _weighed(meaning: Meaning, shape: Shape) -> tuple[float, str]:
    """A name counts for less where its values speak against it, and for a little more where they agree."""
    fits = fit(meaning.field, shape)
    if not shape.filled:
        return meaning.weight * 0.8, meaning.how
    if fits < 0.35:
        return meaning.weight * (0.25 + fits), meaning.how
    weight = meaning.weight + (1 - meaning.weight) * 0.6 * max(0.0, fits - 0.5)
    return min(weight, 0.99), "name_and_values" if meaning.how == "name" and fits >= 0.6 else meaning.how


def _settled(
    candidates: Sequence[_Candidate], taken: Mapping[Field, Column], dropped: Collection[Field]
) -> dict[Field, Column]:
    """Each field one column and each column one field, the surest pairs first."""
    settled = dict(taken)
    used = {column.index for column in taken.values()}
    for each in sorted(candidates, key=lambda one: (-one.weight, one.index)):
        if (
            each.weight < LEAST
            or each.reason == "stands_in"
            or each.field in settled
            or each.field in dropped
            or each.index in used
        ):
            continue
        settled[each.field] = Column(each.index, "", round(min(each.weight, 0.99), 2), each.reason)
        used.add(each.index)
    return settled


def _let_stand_in(
    settled: dict[Field, Column], candidates: Sequence[_Candidate], kind: Kind, mapping: Agreed | None
) -> None:
    """What is needed and has no column is read from one that was settled for something else, too."""
    fixed = set(mapping.columns if mapping else ()) | set(mapping.constants if mapping else ())
    groups = [*required(kind, settled), *([_PARTY] if kind is Kind.ORDERS else [])]
    for group in groups:  # lines can do without a customer, but one that can be told is better than none
        if any(field in settled or field in fixed for field in group):
            continue
        found = _stand_in(group, settled, candidates, fixed)
        if found is not None:
            field, index, weight = found
            settled[field] = Column(index, "", round(weight, 2), "stands_in")


def _drop_counts_of_orders(settled: dict[Field, Column], kind: Kind) -> None:
    """How many pieces an order has is no line of it: a list of orders with totals names no goods."""
    if kind is not Kind.ORDERS or settled.keys() & {Field.SKU, Field.PRODUCT_NAME} or Field.TOTAL not in settled:
        return
    if Field.QUANTITY in settled and settled[Field.QUANTITY].reason != "mapping":
        del settled[Field.QUANTITY]


def _insist_on_date(
    settled: dict[Field, Column],
    candidates: Sequence[_Candidate],
    columns: _Columns,
    kind: Kind,
    mapping: Agreed | None,
) -> None:
    """A column that is named as the orders' date is it, even where its values can't be read: then its rows are refused.

    Without it each order would be of today, and nobody would see why.
    """
    fixed = {*(mapping.columns if mapping else ()), *(mapping.constants if mapping else ())}
    fixed |= set(mapping.dropped) if mapping else set()
    if kind is not Kind.ORDERS or Field.CREATED_AT in settled or Field.CREATED_AT in fixed:
        return
    used = {column.index for column in settled.values()}
    named = [
        each for each in candidates
        if each.field is Field.CREATED_AT and each.index not in used and columns.shapes[each.index].filled
    ]  # fmt: skip
    if named:
        best = max(named, key=lambda each: each.weight)
        settled[Field.CREATED_AT] = Column(best.index, "", round(best.weight, 2), "name")


def _stand_in(
    group: Alternatives, settled: dict[Field, Column], candidates: Sequence[_Candidate], fixed: Collection[Field]
) -> tuple[Field, int, float] | None:
    needed = {field for field in settled if field in fixed or field in (Field.QUANTITY, Field.SKU, Field.UNIT_PRICE)}
    by_index = {column.index: field for field, column in settled.items()}
    weak = [each for each in candidates if each.field in group and by_index.get(each.index) not in needed]
    best = max(
        weak,
        key=lambda each: (each.reason != "stands_in", each.field is Field.CUSTOMER_NAME, each.weight),
        default=None,
    )
    if best is not None and best.weight > _LEAST_NEEDED:
        return best.field, best.index, min(best.weight, 0.99)
    for field, others in _STANDS_IN.items():
        for other in others if field in group else ():
            if other in settled and other not in fixed:
                return field, settled[other].index, min(0.6, settled[other].confidence)
    return None


def _with_rivals(columns: _Columns, column: Column, field: Field, candidates: Sequence[_Candidate]) -> Column:
    others = [each for each in candidates if each.field is field and each.index != column.index]
    names = tuple(
        columns.header[index] for index in dict.fromkeys(each.index for each in others if each.weight >= LEAST)
    )
    return Column(column.index, columns.header[column.index], column.confidence, column.reason, names)


def _unused(
    columns: _Columns, settled: Mapping[Field, Column], candidates: Sequence[_Candidate], dropped: Collection[Field]
) -> Iterator[Unused]:
    used = {column.index for column in settled.values()}
    best: dict[int, _Candidate] = {}
    for each in sorted(candidates, key=lambda one: one.weight):
        best[each.index] = each
    for index, name in enumerate(columns.header):
        if index in used:
            continue
        could = best.get(index)
        if not columns.shapes[index].filled:
            yield Unused(index, name, "empty", could.field if could else None)
        elif could is None or could.weight < LEAST:
            yield Unused(index, name, "unknown")
        else:
            yield Unused(index, name, "dropped" if could.field in dropped else "rival", could.field)
