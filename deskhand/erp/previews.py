"""What an import would do, before anything is written. Knows no files and no storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deskhand.erp.report import Finding, ImportReport

REASONS = 10


@dataclass(frozen=True)
class ReadColumn:
    """One column of a table: which of our fields it was taken for, how surely (0 to 1), and why."""

    table: str
    header: str
    field: str | None  # None: not used
    confidence: float
    reason: str = ""


@dataclass(frozen=True)
class Preview:
    """`key` names these very files taken in this very way: `run` with it refuses any others.

    Attributes:
        good, refused: rows; `duplicates` are those left out because they stand there twice.
        changes: how many records would be new, changed, unchanged, cancelled.
        report: the whole of it, with every finding.
    """

    key: str
    kind: str
    columns: tuple[ReadColumn, ...]
    good: int
    refused: int
    duplicates: int
    changes: Mapping[str, int]
    reasons: tuple[Finding, ...] = ()
    report: ImportReport = field(default_factory=ImportReport)

    def as_dict(self) -> dict[str, Any]:
        """JSON."""
        return {
            "key": self.key,
            "kind": self.kind,
            "columns": [vars(column) for column in self.columns],
            "good": self.good,
            "refused": self.refused,
            "duplicates": self.duplicates,
            "changes": dict(self.changes),
            "reasons": [vars(finding) for finding in self.reasons],
            "report": self.report.as_dict(),
        }
