"""Sources -> cleaned parts in columns, and what became of every row that is in none. Knows no storage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from deskhand.erp.cleaning import Cleaner, Missing, MissingRule, Profile, Refused, Rules
from deskhand.erp.cleaning.agreed import rules_for
from deskhand.erp.columns import ColumnsNotRecognised, recognised_among
from deskhand.erp.findings import Finding, Reason
from deskhand.erp.held import Held
from deskhand.erp.kinds import Field, Kind, has_lines
from deskhand.erp.listed_twice import without_counts
from deskhand.erp.mapping import Mapping
from deskhand.erp.options import ImportOptions
from deskhand.erp.previews import ReadColumn
from deskhand.erp.proposal import Proposal
from deskhand.erp.rejected import RejectedFile, left_out, refused_later
from deskhand.erp.report import ImportReport
from deskhand.erp.sources import FileSource, Source, Table, open_tables
from deskhand.erp.steps import ImportStopped, Phase, Step, Stop, Told
from deskhand.erp.wholes import STANDS_IN, Part
from deskhand.erp.whose import named

RULES = "4"  # another number once the same file would be read in another way
LATE = frozenset(
    {
        Reason.MISSING_CUSTOMER,
        Reason.MISSING_VALUE,
        Reason.NOT_AN_ORDER_LINE,
        Reason.CANCELLATION_UNMATCHED,
        Reason.NOT_TAKEN,
        Reason.HELD,
    }
)
_HEAD = (Field.CUSTOMER_ID, Field.CUSTOMER_NAME, Field.CREATED_AT)
_BLOCK = 1 << 20


@dataclass
class Opened:
    """One table with what its columns were taken for."""

    table: Table
    proposal: Proposal
    rules: Rules
    system: str


@dataclass
class Intake:
    """Everything that is read for one import. `rejected`: where the rows are written that were not taken."""

    report: ImportReport
    options: ImportOptions
    zone: ZoneInfo
    currency: str
    now: datetime
    told: Told
    stop: Stop
    rejected: Path | None = None
    language: str = "en"
    opened: list[Opened] = field(default_factory=list)
    held: Held = field(default_factory=Held)
    _files: dict[str, RejectedFile] = field(default_factory=dict)
    _later: dict[str, dict[int, list[Finding]]] = field(default_factory=dict)

    def open(self, sources: Sequence[Source]) -> Kind:
        """Looks at the columns of every table; they are all of one kind.

        Raises:
            FileNotReadable, SourceNotReached, ColumnsNotRecognised.
        """
        kind = Kind(self.options.kind) if self.options.kind else None
        found: list[tuple[Table, Proposal, Mapping | None]] = []
        for source in sources:
            mapping = self.options.mapping_of(source.name)
            wanted = kind or (mapping.kind if mapping else None)
            tables = open_tables(
                source, sheet=mapping.sheet if mapping else None, header=mapping.header if mapping else None
            )
            for table, proposal, agreed in self._recognised(tables, wanted, mapping):
                kind = kind or proposal.kind
                found.append((table, proposal, agreed))
        proposals = without_counts([(table, proposal) for table, proposal, _ in found])
        for (table, _, mapping), proposal in zip(found, proposals, strict=True):
            self._add(table, proposal, mapping)
        self._notice_no_date(kind or Kind.ORDERS)
        return kind or Kind.ORDERS

    def _recognised(
        self, tables: Sequence[Table], kind: Kind | None, mapping: Mapping | None
    ) -> list[tuple[Table, Proposal, Mapping | None]]:
        """With the guest as the customer of every order where no column names one."""
        guest = self.options.guest
        try:
            return [(table, found, mapping) for table, found in recognised_among(tables, kind, mapping)]
        except ColumnsNotRecognised:
            if not guest or mapping is not None or kind not in (None, Kind.ORDERS):
                raise
            for_all = Mapping(Kind.ORDERS, constants={Field.CUSTOMER_NAME: guest})
            try:
                return [(table, found, for_all) for table, found in recognised_among(tables, Kind.ORDERS, for_all)]
            except ColumnsNotRecognised:
                pass  # it lacks more, which the first one says
            raise

    def _add(self, found: Table, proposal: Proposal, mapping: Mapping | None) -> None:
        table = named(found, proposal)
        rules = rules_for(
            *(table, proposal, mapping),
            zone=self.zone, currency=self.currency, now=self.now, guest=self.options.guest,
        )  # fmt: skip
        system = (mapping.source if mapping else None) or self.options.source
        self.opened.append(Opened(table, proposal, _with_heads(rules, table), system))

    def _notice_no_date(self, kind: Kind) -> None:
        """Orders that say no day are of today, which people should know before they agree."""
        dates = (Field.CREATED_AT, *STANDS_IN)
        if kind is Kind.ORDERS and not any(_has(one.rules, date) for one in self.opened for date in dates):
            self.report.noticed["no_date"] = 1

    @property
    def columns(self) -> tuple[ReadColumn, ...]:
        """What every column was taken for, and those that are not used."""
        found = []
        for one in self.opened:
            for name, column in one.proposal.columns.items():
                found.append(ReadColumn(one.table.name, column.header, str(name), column.confidence, column.reason))
            found += [ReadColumn(one.table.name, left.header, None, 0.0, left.why) for left in one.proposal.unused]
        return tuple(found)

    def parts(self) -> Iterator[Part]:
        """The good rows of every table, batch by batch; refused ones go into the file of rejected rows at once."""
        done = 0
        for one in self.opened:
            cleaner, file = Cleaner(one.rules, Profile(one.table.batches, one.rules)), self._file(one.table)
            for batch in one.table.batches():
                if self.stop():
                    raise ImportStopped(0)
                clean = cleaner.clean(batch)
                done += len(batch.rows)
                self._refused(clean.refused, file)
                self.held.add(one.system, one.rules, clean.refused, batch)
                self.report.add_all(clean.findings)
                self.report.keep_originals(one.table.name, clean.originals)
                self.told(Step(Phase.READING, one.table.name, done))
                yield Part(one.table.name, one.system, clean.lines, clean.columns)
            self.report.noticed.update(one.table.noticed)
            late = list(left_out(one.table))
            done += len(late)
            self._refused(late, file)
            self.held.add(one.system, one.rules, late)
            self.report.cleaned.update({f"{name}:{what}": count for (name, what), count in cleaner.changes.items()})
        self.report.rows = done

    def _refused(self, rows: Sequence[Refused], file: RejectedFile | None) -> None:
        self.report.refused += len(rows)
        for row in rows:
            self.report.add_all(row.findings)
        if file is not None:
            file.add(rows)

    def tell(self, finding: Finding) -> None:
        """What was met after reading: some rows are refused only when their whole order is known."""
        self.report.add(finding)
        if finding.kind in LATE:
            self.report.refused += 1
            if self.rejected is not None:
                self._later.setdefault(finding.file, {}).setdefault(finding.line, []).append(finding)

    def refuse(self, file: str, lines: Sequence[int], reason: Reason, column: Field) -> None:
        """Rows that lack something which no other row of their order has either."""
        wanted = lines if self.rejected is not None else lines[: self.report.room(reason)]
        for line in wanted:
            self.tell(Finding(file, line, reason, str(column)))
        self.report.count(reason, len(lines) - len(wanted))
        self.report.refused += len(lines) - len(wanted)

    def finish(self) -> None:
        """The files of rejected rows appear, with the rows that were refused late."""
        for one in self.opened:
            later, file = self._later.get(one.table.name), self._files.get(one.table.name)
            if file is not None and later:
                file.add(refused_later(one.table.batches, later))
            if file is not None:
                file.close()

    def discard(self) -> None:
        """Nothing half-written stays."""
        for file in self._files.values():
            file.discard()

    def _file(self, table: Table) -> RejectedFile | None:
        """Each table has its own columns, so its own file; the only one has the name that was asked for."""
        if self.rejected is None:
            return None
        place = self.rejected
        if len(self.opened) > 1:
            plain = "".join(character if character.isalnum() else "-" for character in table.name)
            place = place.with_name(f"{place.stem}-{plain}{place.suffix}")
        self._files[table.name] = RejectedFile(place, table.header, self.language)
        return self._files[table.name]


def import_key(sources: Sequence[Source], options: ImportOptions, tenant: str) -> str:
    """The same for the same files taken in the same way, in whatever order."""
    files = sorted(_digest(source) for source in sources)
    return hashlib.sha256("\n".join((RULES, tenant, options.way, *files)).encode()).hexdigest()


def is_repeatable(sources: Sequence[Source]) -> bool:
    """Whether the key tells everything: another system may answer otherwise the next time."""
    return all(isinstance(source, FileSource) for source in sources)


def _digest(source: Source) -> str:
    if not isinstance(source, FileSource):
        return hashlib.sha256(repr(source).encode()).hexdigest()
    digest = hashlib.sha256()
    if source.path is None:
        digest.update(source.data or b"")
        return digest.hexdigest()
    with source.path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _with_heads(rules: Rules, table: Table) -> Rules:
    """An order's customer may stand in its first line alone, so a line without one is judged with its order; and where
    lines below the first name neither number nor customer nor date, they belong to the order above them.
    """
    if rules.kind is not Kind.ORDERS or not has_lines(rules.columns):
        return rules
    empty = MissingRule(Missing.EMPTY)
    heads = {Field.CUSTOMER_ID: empty, Field.CUSTOMER_NAME: empty}
    if _has_continuations(rules, table):
        heads[Field.ORDER_NUMBER] = MissingRule(Missing.ABOVE)
    return replace(rules, missing={**heads, **rules.missing})


def _has_continuations(rules: Rules, table: Table) -> bool:
    """Merged cells saved as text: whoever has no number has nothing of the order's head."""
    number = rules.columns.get(Field.ORDER_NUMBER)
    if number is None:
        return False
    head = [rules.columns[field] for field in _HEAD if field in rules.columns]
    without = [row for row in table.sample() if _is_blank(row[number])]
    return bool(head and without) and all(_is_blank(row[index]) for row in without for index in head)


def _is_blank(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def _has(rules: Rules, field_: Field) -> bool:
    return field_ in rules.columns or field_ in rules.constants
