"""What can be asked of cases: imperative, immutable, complete. Knows nothing of how it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StartCase:
    """`fields` are plain values by the names of the process's fields."""

    process: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecideTask:
    """Approve, reject or complete what waits at `task` (a node's id) of the case with this number."""

    case: str
    task: str
    decision: str
    reason: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class GiveFields:
    """What was not said at the start, or was wrong there; before anybody has decided the case."""

    case: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimTask:
    """Nobody else decides it until it is released."""

    case: str
    task: str


@dataclass(frozen=True, slots=True)
class ReleaseTask:
    """By who has claimed it, or by whoever is accountable for it."""

    case: str
    task: str


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    case: str
    reason: str | None = None
    expected_version: int | None = None


CaseCommand = StartCase | DecideTask | GiveFields | ClaimTask | ReleaseTask | WithdrawCase
