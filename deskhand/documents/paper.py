"""A text of a case as a paper to read and sign: a contract, a report, a letter. Knows nothing of cases or of orders.

How its text is written says `deskhand.cases.lines`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deskhand.cases.lines import FACT, HEADING, SIGN, fact, signers, tidied
from deskhand.documents.page import GREY, MARGIN, WIDTH, Page
from deskhand.documents.words import Letterhead, head_lines


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on it, from top to bottom. `page` keeps {page} and {pages}."""

    language: str
    title: str
    number: str
    letterhead: Letterhead
    letterhead_labels: tuple[str, str]  # phone, tax number
    lines: tuple[str, ...]
    page: str
    signatures: tuple[str, ...] = ()

    def head_lines(self) -> list[str]:
        return head_lines(self.letterhead, self.letterhead_labels)

    def texts(self) -> Iterator[str]:
        yield from (self.title, self.number, self.letterhead.name, self.page, *self.head_lines())
        yield from (*self.lines, *self.signatures)


def split(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that say something, and who signs."""
    lines = tidied(text).splitlines()
    return tuple(line for line in lines if not line.startswith(SIGN)), signers(lines)


def paper_pdf(paper: Paper, created: datetime) -> bytes:
    """Renders all pages. The same paper and moment give the same bytes."""
    return _Document(paper).rendered(created)


class _Document(Page):
    """One paper, from top to bottom."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(paper)
        self.paper = paper

    def compose(self) -> None:
        self.add_page()
        headings = [at for at, line in enumerate(self.paper.lines) if line.startswith(HEADING)]
        for at, line in enumerate(self.paper.lines):
            if line.startswith(HEADING):
                self._heading(line.removeprefix(HEADING), self._height_to_keep(at) if at == headings[-1] else 0)
            elif said := fact(line):
                self._fact(*said)
            else:
                self._paragraph(line.removeprefix(FACT))
        self.signature_lines()

    def _height_to_keep(self, last: int) -> float:
        """Of what stands under the last heading, with the signatures: nobody signs a page that says nothing."""
        return 8.0 * len(self.paper.lines[last:]) + (30 if self.paper.signatures else 0)

    def _heading(self, text: str, keep: float) -> None:
        self.room(max(24, keep))  # not alone at the foot of a page
        self.ln(3.5)
        self.write_text(11.5, text, bold=True)
        self.ln(1)

    def _fact(self, label: str, value: str) -> None:
        self.room(8)
        self.write_text(9.5, label, color=GREY, width=WIDTH * 0.25, end=False)
        self.set_x(MARGIN + WIDTH * 0.25)
        self.write_text(10, value)
        self.ln(1)

    def _paragraph(self, text: str) -> None:
        self.write_text(10, text)
        self.ln(2)
