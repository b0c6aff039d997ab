"""A business document in words and rows, before any layout. Knows nothing of HTML, PDF or orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from deskhand.documents.words import Letterhead, head_lines


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is relative; numbers are aligned to the right."""

    label: str
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the document, from top to bottom. `page` keeps {page} and {pages}."""

    language: str
    title: str
    number: str
    letterhead: Letterhead
    letterhead_labels: tuple[str, str]  # phone, tax number
    to: tuple[str, tuple[str, ...]]
    details: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    page: str
    totals: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    signatures: tuple[str, ...] = field(default=())

    def head_lines(self) -> list[str]:
        return head_lines(self.letterhead, self.letterhead_labels)

    def texts(self) -> Iterator[str]:
        """Every text on it: the font is made from these."""
        yield from (self.title, self.number, self.letterhead.name, self.page, *self.head_lines())
        yield from (self.to[0], *self.to[1], *self.signatures)
        for pair in (*self.details, *self.totals, *self.notes):
            yield from pair
        yield from (column.label for column in self.columns)
        for row in self.rows:
            yield from row
