"""A numeral found in a text, before anyone has asked whether it counts, costs or dates something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Numeral:
    """Where a numeral stands and what it is worth; `shape` says how it was written.

    `high` is set when two neighbours were said (三五个) or something between (十几). Shapes: digits, zh, en,
    fraction, half and, for what looks like a number and is none, barred (percent words, ordinals).
    """

    start: int
    end: int
    value: Decimal
    shape: str
    high: Decimal | None = None


def apart(numerals: Iterable[Numeral]) -> list[Numeral]:
    """The numerals from left to right, of those that overlap the one that begins first and is longest."""
    kept: list[Numeral] = []
    for numeral in sorted(numerals, key=lambda n: (n.start, -n.end)):
        if not kept or numeral.start >= kept[-1].end:
            kept.append(numeral)
    return kept
