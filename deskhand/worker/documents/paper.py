"""A text of a case as a paper to read and sign: a contract, a report, a letter. Knows nothing of cases or of orders.

The text is one that also reads well as it stands. Line by line:

    ## heading
    - label: value        a fact; left out where the value is empty
    ____ name ____ name   lines to sign on
    anything else         a paragraph
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deskhand.worker.documents.page import GREY, MARGIN, WIDTH, Page
from deskhand.worker.documents.words import Letterhead, head_lines

HEADING, FACT, SIGN = "## ", "- ", "____"
_LABEL = re.compile(r"(.+?)(?:：|:\s|:$)\s*(.*)")


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
    lines: list[str] = []
    signatures: list[str] = []
    for line in (each.strip() for each in text.splitlines()):
        if line.startswith(SIGN):
            signatures.extend(name.strip() for name in line.split(SIGN) if name.strip())
        elif line and not _says_nothing(line):
            lines.append(line)
    return tuple(lines), tuple(signatures)


def paper_pdf(paper: Paper, created: datetime) -> bytes:
    """Renders all pages. The same paper and moment give the same bytes."""
    return _Document(paper).rendered(created)


def _says_nothing(line: str) -> bool:
    """A fact without a value: what punctuation alone is left of counts as none."""
    found = _LABEL.fullmatch(line.removeprefix(FACT)) if line.startswith(FACT) else None
    return found is not None and not re.search(r"\w", found[2])


class _Document(Page):
    """One paper, from top to bottom."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(paper)
        self.paper = paper

    def compose(self) -> None:
        self.add_page()
        for line in self.paper.lines:
            if line.startswith(HEADING):
                self._heading(line.removeprefix(HEADING))
            elif line.startswith(FACT):
                self._fact(line.removeprefix(FACT))
            else:
                self._paragraph(line)
        self.signature_lines()

    def _heading(self, text: str) -> None:
        self.room(24)  # not alone at the foot of a page
        self.ln(4)
        self.write_text(11.5, text, bold=True)
        self.ln(1.5)

    def _fact(self, text: str) -> None:
        found = _LABEL.fullmatch(text)
        if found is None:
            self._paragraph(text)
            return
        self.room(8)
        self.write_text(9.5, found[1], color=GREY, width=WIDTH * 0.25, end=False)
        self.set_x(MARGIN + WIDTH * 0.25)
        self.write_text(10, found[2])
        self.ln(1)

    def _paragraph(self, text: str) -> None:
        self.write_text(10, text)
        self.ln(2)
