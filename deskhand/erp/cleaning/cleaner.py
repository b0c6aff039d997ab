"""Batches of cells -> batches of values, column by column. Knows no file and no storage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import compress

from deskhand.erp.cleaning.filling import Filler
from deskhand.erp.cleaning.memo import Column, Memo
from deskhand.erp.cleaning.model import Changes, CleanBatch, Columns, Refused, Value, Values, changeable
from deskhand.erp.cleaning.outcome import Read
from deskhand.erp.cleaning.profile import Profile
from deskhand.erp.cleaning.readers import plain_for, reader
from deskhand.erp.cleaning.rules import Missing, Rules
from deskhand.erp.findings import Finding, Reason, shown
from deskhand.erp.kinds import SPECS, Alternatives, Field, ValueType, required
from deskhand.erp.sources.framed import Shared
from deskhand.erp.sources.model import Batch

_OF_CURRENCY = frozenset({ValueType.MONEY, ValueType.PRICE})
_CUSTOMER = (Field.CUSTOMER_ID, Field.CUSTOMER_NAME)
_FIRST = {Field.ORDER_NUMBER: 0, Field.CURRENCY: 1}


class Cleaner:
    """Of one table. Its batches come in their order, since a value may be taken from the row before.

    Attributes:
        changes: how often each field's values were changed, and in which way, in all batches so far.
    """

    def __init__(self, rules: Rules, profile: Profile) -> None:
        self.changes: Changes = Counter()
        self._rules = rules
        self._profile = profile
        self._places = {field: index for field, index in rules.columns.items() if field not in rules.constants}
        fields = [*sorted(self._places, key=self._places.__getitem__), *rules.constants]
        fields.sort(
            key=lambda field: _FIRST.get(field, len(_FIRST))
        )  # amounts are read by their row's currency, heads by their order
        self._fields = [field for field in fields if rules.kind in SPECS[field].kinds]
        self._holes: set[Field] = set()  # fields of which some value was missing
        self._memos: dict[tuple[object, str], Memo] = {}
        self._filler = Filler(rules, self._constant)
        self._required = [group for group in required(rules.kind, self._fields) if not _may_be_empty(group, rules)]

    def clean(self, batch: Batch) -> CleanBatch:
        """The good rows as values, the others with their reasons. Never raises for what a cell holds."""
        faults: dict[int, list[Finding]] = defaultdict(list)
        cleaned = CleanBatch(batch.lines, {})
        for field in self._fields:
            self._add(field, batch, cleaned, faults)
        for field in self._filler.absent():
            cleaned.columns[field] = [None] * len(batch.rows)
            self._fill(field, cleaned.columns, faults)
        self._filler.finish(cleaned.columns)
        for alternatives in self._required:
            self._require(alternatives, batch, cleaned.columns, faults)
        cleaned.findings[:0] = self._profile.told
        self._profile.told.clear()
        return _without(cleaned, batch, faults) if faults else cleaned

    def _add(self, field: Field, batch: Batch, cleaned: CleanBatch, faults: dict[int, list[Finding]]) -> None:
        if field not in self._places:
            cleaned.columns[field] = [self._constant(field, self._rules.constants[field])] * len(batch.rows)
            return
        cells = batch.column(self._places[field])
        column = self._read(field, cells, cleaned.columns.get(Field.CURRENCY))
        cleaned.columns[field] = column.values
        if column.has_missing:
            self._holes.add(field)
        for change, count in column.changes.items():
            self.changes[field, change] += count
        for position, read in column.remarks.items():
            self._remark(field, position, read, cells[position], cleaned, faults)
        self._fill(field, cleaned.columns, faults)

    def _fill(self, field: Field, columns: Columns, faults: dict[int, list[Finding]]) -> None:
        has_holes = field in self._holes or field not in self._places
        for change, count in self._filler.fill(field, columns, faults, has_holes=has_holes):
            if count:
                self.changes[field, change] += count

    def _read(self, field: Field, cells: Sequence[object], currencies: Values | None) -> Column:
        own = self._rules.currency
        if SPECS[field].type not in _OF_CURRENCY or currencies is None:
            return self._memo(field, own).column(cells)
        used = {str(code) if code else own for code in set(currencies)}
        if len(used) <= 1:
            return self._memo(field, next(iter(used), own)).column(cells)
        values: list[Value | None] = [None] * len(cells)
        mixed = Column(values, has_missing=True)
        for code in used:
            places = [place for place, one in enumerate(currencies) if (one or own) == code]
            part = self._memo(field, code).column([cells[place] for place in places])
            mixed.changes += part.changes
            mixed.remarks |= {places[place]: read for place, read in part.remarks.items()}
            for place, value in zip(places, part.values, strict=True):
                values[place] = value
        return mixed

    def _memo(self, field: Field, currency: str) -> Memo:
        spec = SPECS[field]
        # One column may be the order's number and the invoice's: what a code is, its column does not decide.
        shared = spec.type is ValueType.CODE
        key = ((self._places[field], spec.longest) if shared else field, currency)
        memo = self._memos.get(key)
        if memo is None:
            read = reader(field, self._rules, self._profile, currency)
            memo = self._memos[key] = Memo(read, plain_for(field))
        return memo

    def _constant(self, field: Field, written: str) -> Value | None:
        return reader(field, self._rules, self._profile, self._rules.currency)(written).value

    def _remark(
        self, field: Field, position: int, read: Read, cell: object, cleaned: CleanBatch,
        faults: dict[int, list[Finding]],
    ) -> None:  # fmt: skip
        line = cleaned.lines[position]
        if read.original is not None:
            cleaned.originals.setdefault(field, {})[line] = read.original
        if read.unit and Field.UNIT not in self._fields:
            cleaned.columns.setdefault(Field.UNIT, [None] * len(cleaned.lines))
            changeable(cleaned.columns, Field.UNIT)[position] = read.unit
        reason = read.reason or read.warning
        if reason is None:
            return
        finding = Finding(self._rules.table, line, reason, self._rules.column(field), shown(cell), read.about)
        if read.reason and not SPECS[field].blanked:
            faults[position].append(finding)
        else:
            cleaned.findings.append(finding)

    def _require(
        self, alternatives: Alternatives, batch: Batch, columns: Columns, faults: dict[int, list[Finding]]
    ) -> None:
        """Of each row at least one. A row whose value couldn't be read has heard of it already."""
        held = [field for field in alternatives if field in columns]
        if any(field not in self._holes for field in held):
            return
        places = list(range(len(batch.rows)))
        for field in held:
            values = columns[field]
            places = [place for place in places if values[place] is None]
        field = held[0] if held else alternatives[0]
        reason = Reason.MISSING_CUSTOMER if field in _CUSTOMER else Reason.MISSING_VALUE
        headers = {self._rules.column(field) for field in alternatives}
        table, header, lines = self._rules.table, self._rules.column(field), batch.lines
        for place in places:
            if place not in faults or not any(finding.column in headers for finding in faults[place]):
                faults[place].append(Finding(table, lines[place], reason, header))


def _may_be_empty(group: Alternatives, rules: Rules) -> bool:
    """Whether people said so: other rows of the same order hold it, say."""
    return any(field in rules.missing and rules.missing[field].how is Missing.EMPTY for field in group)


def _without(cleaned: CleanBatch, batch: Batch, faults: dict[int, list[Finding]]) -> CleanBatch:
    """The batch without its faulty rows."""
    good = [True] * len(batch.rows)
    for place in faults:
        good[place] = False
    lines, rows = batch.lines, batch.rows
    refused = [Refused(lines[place], rows[place], tuple(faults[place])) for place in sorted(faults)]
    return CleanBatch(
        list(compress(cleaned.lines, good)),
        {field: _kept(values, good) for field, values in cleaned.columns.items()},
        refused,
        *_of_good_rows(cleaned, {row.line for row in refused}),
    )


def _kept(values: Values, good: list[bool]) -> Values:
    return values.kept(good) if isinstance(values, Shared) else list(compress(values, good))


def _of_good_rows(cleaned: CleanBatch, gone: set[int]) -> tuple[list[Finding], dict[Field, dict[int, Decimal]]]:
    findings = [finding for finding in cleaned.findings if finding.line not in gone]
    originals = {
        field: {line: value for line, value in kept.items() if line not in gone}
        for field, kept in cleaned.originals.items()
    }
    return findings, originals
