"""What the columns of a table are taken for, shown before anything is written. Knows no header names and no values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deskhand.erp.kinds import Alternatives, Field, Kind, required


@dataclass(frozen=True, slots=True)
class Column:
    """Which column is taken for a field, how sure that is, and why."""

    index: int
    header: str
    confidence: float
    reason: str  # name, name_and_values, like_name, weak_name, values, stands_in, mapping
    rivals: tuple[str, ...] = ()  # headers of columns that would fit too


@dataclass(frozen=True, slots=True)
class Unused:
    """A column that is taken for nothing, and why."""

    index: int
    header: str
    why: str  # unknown, rival, empty, dropped
    field: Field | None = None  # what it could have been


@dataclass(frozen=True)
class Proposal:
    """What the columns are taken for; nothing is written before people agree."""

    kind: Kind
    kind_confidence: float
    columns: Mapping[Field, Column]
    unused: tuple[Unused, ...]
    missing: tuple[Alternatives, ...]  # of every group one field is needed
    absent: tuple[str, ...] = ()  # headers that a mapping names and the table lacks

    @property
    def usable(self) -> bool:
        return not self.missing

    @property
    def confidence(self) -> float:
        """Of the least certain column that is needed."""
        needed = {field for group in required(self.kind, self.columns) for field in group}
        return min((column.confidence for field, column in self.columns.items() if field in needed), default=0.0)
