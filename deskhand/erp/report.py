"""What an import did with every row, for people and for programs. Knows no files, and of the
store only what two orders that may be one are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from deskhand.erp.findings import Finding
from deskhand.erp.findings import Reason as Kind
from deskhand.erp.kinds import Field
from deskhand.store.repositories.candidates import candidate_id

ORIGINALS = 1_000  # rounded amounts that are kept as they were
KEPT = 2_000  # findings of a kind that are kept one by one; the file of rejected rows has them all

__all__ = ["Candidate", "Disagreement", "Finding", "ImportReport", "Kind", "Rounded"]


@dataclass(frozen=True)
class Disagreement:
    """One field of one order (customer, product ...) about which sources differ, and whose value was taken.

    `won` is the source that won; `reason`: newer, precedence, tie, or what the order's process forbids
    ("confirmed here": then the order kept its own value, which is of source "").
    """

    key: str
    field: str
    values: Mapping[str, str]  # source -> what it says
    won: str
    reason: str = "newer"


@dataclass(frozen=True)
class Candidate:
    """Two records that may be one: for a person to decide; both were taken as they are."""

    source: str
    key: str
    like_source: str
    like_key: str
    reason: str  # same customer and day, amounts within the tolerance
    difference: Decimal = Decimal(0)

    def as_dict(self) -> dict[str, str]:
        """JSON; by its id a person decides."""
        pair = candidate_id(self.source, self.key, self.like_source, self.like_key)
        return {"id": pair, **vars(self), "difference": str(self.difference)}


@dataclass(frozen=True)
class Rounded:
    """An amount that had more places than its currency has, as it stood there."""

    file: str
    line: int
    field: str
    original: Decimal


@dataclass
class ImportReport:
    """Filled while an import runs. `key` is the import's: the same files taken in the same way have the same."""

    key: str = ""
    of: str = "orders"  # what was imported: the import's kind
    changed: int = 0  # known before, now different
    unchanged: int = 0  # known before, and the same
    cancelled_here: int = 0  # orders that were here already and a cancellation of the files took back
    returned: int = 0  # returns of goods that were shipped
    repeated: bool = False  # these very files were imported before: nothing was looked at again
    cleaned: Counter[str] = field(default_factory=Counter)  # "field:change" -> how many values were changed so
    noticed: Counter[str] = field(default_factory=Counter)  # what files hold beside records: a code -> how often
    rounded: list[Rounded] = field(default_factory=list)  # the first ones; `cleaned` counts all
    candidates: list[Candidate] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    rows: int = 0
    refused: int = 0  # rows that were not taken
    orders: int = 0  # recognised in the files
    inserted: int = 0
    already_known: int = 0
    customers: int = 0
    products: int = 0
    header_only: int = 0
    cancelled_orders: int = 0
    total: Decimal = Decimal(0)
    seconds: float = 0.0
    dry_run: bool = False
    sorted_by: str = "created"
    findings: list[Finding] = field(default_factory=list)  # of each kind the first ones
    told: Counter[Kind] = field(default_factory=Counter)  # how many of each kind there were
    numbers: Mapping[str, str] = field(default_factory=dict)
    like: Mapping[str, str] = field(default_factory=dict)  # new orders that look like one placed shortly before

    def add(self, finding: Finding) -> None:
        self.told[finding.kind] += 1
        if self.told[finding.kind] <= KEPT:
            self.findings.append(finding)

    def keep_originals(self, file: str, originals: Mapping[Field, Mapping[int, Decimal]]) -> None:
        """Of amounts that were rounded; by field and line."""
        for name, by_line in originals.items():
            room = ORIGINALS - len(self.rounded)
            self.rounded += [
                Rounded(file, line, str(name), value) for line, value in islice(by_line.items(), max(room, 0))
            ]

    def add_all(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def room(self, kind: Kind) -> int:
        """How many more findings of a kind are kept; the others are counted."""
        return max(KEPT - self.told[kind], 0)

    def count(self, kind: Kind, rows: int) -> None:
        """Findings that nobody will look at one by one."""
        if rows:
            self.told[kind] += rows

    @property
    def duplicates(self) -> int:
        """Rows that were left out because they stand there twice."""
        return self.told[Kind.DOUBLED_LINE]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind."""
        return {str(kind): count for kind, count in sorted(self.told.items())}

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0

    def as_dict(self, limit: int = 200) -> dict[str, Any]:
        """JSON; at most `limit` findings, the counts are of all."""
        fields = ("key", "of", "rows", "refused", "duplicates", "orders", "inserted", "changed", "unchanged",
                  "already_known", "customers", "products", "header_only", "cancelled_orders", "cancelled_here",
                  "returned", "repeated", "dry_run", "sorted_by")  # fmt: skip
        return {
            **{name: getattr(self, name) for name in fields},
            "total": str(self.total),
            "seconds": round(self.seconds, 2),
            "rows_per_second": round(self.rows_per_second),
            "counts": self.counts,
            "cleaned": dict(sorted(self.cleaned.items())),
            "noticed": dict(sorted(self.noticed.items())),
            "rounded": [{**vars(one), "original": str(one.original)} for one in self.rounded[:limit]],
            "possible_duplicates": dict(list(self.like.items())[:limit]),
            "candidates": [one.as_dict() for one in self.candidates[:limit]],
            "disagreements": [{**vars(one), "values": dict(one.values)} for one in self.disagreements[:limit]],
            "candidates_count": len(self.candidates),
            "disagreements_count": len(self.disagreements),
            "findings": [vars(finding) for finding in self.findings[:limit]],
            "findings_left_out": max(0, sum(self.told.values()) - min(len(self.findings), limit)),
        }
