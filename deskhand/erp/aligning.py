"""Records of several systems about the same -> one: exact by hash, field by field the newest value, ties by rule.

What may be the same but is not sure is told, never merged. Pure; knows no files and no storage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from deskhand.erp.report import Disagreement

EVERY = "*"
LINES = "lines"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Saying:
    """What one system says of one thing, and when; `stamps` of single fields where they differ from `at`.

    Values are as JSON has them: texts and lists of texts.
    """

    source: str
    at: datetime
    said: Mapping[str, Any]
    stamps: Mapping[str, datetime] = field(default_factory=dict)

    def stamp(self, name: str) -> datetime:
        return self.stamps.get(name, self.at)


@dataclass(frozen=True)
class Precedence:
    """Which sources win over newer ones: field (`*`: every other) -> sources, the strongest first."""

    order: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def rank(self, name: str, source: str) -> int:
        """The higher wins."""
        sources = self.order.get(name, self.order.get(EVERY, ()))
        return len(sources) - sources.index(source) if source in sources else 0


def match_hash(number: str, customer: str, day: date) -> str:
    """What makes records of two systems the same order. Amounts are no part of it: they are compared."""
    return hashlib.sha256("\x1f".join((number, customer, day.isoformat())).encode()).hexdigest()


def alike(one: Decimal, other: Decimal, tolerance: Decimal) -> bool:
    return abs(one - other) <= tolerance


def same_source(older: Saying, newer: Saying) -> Saying:
    """All that one system has said: of each field the newest, whichever was read first; of the same time, `newer`."""
    said, stamps = dict(older.said), {name: older.stamp(name) for name in older.said}
    for name, value in newer.said.items():
        if newer.stamp(name) >= stamps.get(name, _NEVER):
            said[name], stamps[name] = value, newer.stamp(name)
    at = max(older.at, newer.at)
    return Saying(newer.source, at, said, {name: stamp for name, stamp in stamps.items() if stamp != at})


def merged(
    key: str, sayings: Sequence[Saying], precedence: Precedence, tolerance: Decimal, amounts: frozenset[str]
) -> tuple[dict[str, Any], dict[str, str], list[Disagreement]]:
    """The value of each field, the source that it is from, and where the sources differ.

    Args:
        amounts: fields of which values within the tolerance do not differ.
    """
    values: dict[str, Any] = {}
    won_by: dict[str, str] = {}
    told = []
    for name in sorted({name for one in sayings for name in one.said}):
        saying = [one for one in sayings if one.said.get(name) is not None]
        if not saying:
            continue
        winner = max(saying, key=lambda one: _strength(name, one, precedence))
        values[name], won_by[name] = winner.said[name], winner.source
        others = [one for one in saying if not _agree(name, one, winner, tolerance, amounts)]
        if others:
            said = {one.source: _text(one.said[name]) for one in (*others, winner)}
            told.append(Disagreement(key, name, said, winner.source, _why(name, winner, others, precedence)))
    return values, won_by, told


def _strength(name: str, one: Saying, precedence: Precedence) -> tuple[Any, ...]:
    """Rank, time; then by name and by value, so that the same always wins."""
    return precedence.rank(name, one.source), one.stamp(name), one.source, _text(one.said[name])


def _agree(name: str, one: Saying, other: Saying, tolerance: Decimal, amounts: frozenset[str]) -> bool:
    mine, theirs = one.said[name], other.said[name]
    if name in amounts:
        return alike(Decimal(mine), Decimal(theirs), tolerance)
    return bool(mine == theirs)


def _why(name: str, winner: Saying, others: Sequence[Saying], precedence: Precedence) -> str:
    rank = precedence.rank(name, winner.source)
    if any(precedence.rank(name, one.source) < rank and one.stamp(name) >= winner.stamp(name) for one in others):
        return "precedence"
    return "newer" if all(one.stamp(name) < winner.stamp(name) for one in others) else "tie"


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)
