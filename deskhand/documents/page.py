"""A4 pages under the company's letterhead, with the Chinese font inside. Knows no kind of document."""

from __future__ import annotations

import string
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from deskhand.documents import fonts
from deskhand.documents.words import Letterhead

BLUE, INK, GREY, TINT, RULE = (36, 82, 122), (27, 36, 48), (82, 96, 109), (234, 240, 246), (213, 221, 229)
MARGIN = 18.0
WIDTH = 210 - 2 * MARGIN
_FONT = "text"
_ALWAYS = string.printable.strip() + "·"


class Printed(Protocol):
    """What stands on every page, and every text of the document. `page` keeps {page} and {pages}."""

    @property
    def language(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def letterhead(self) -> Letterhead: ...
    @property
    def page(self) -> str: ...
    @property
    def signatures(self) -> tuple[str, ...]: ...
    def head_lines(self) -> list[str]: ...
    def texts(self) -> Iterator[str]: ...


class Page(FPDF):
    """One document. `header` and `footer` are called by fpdf2 on every page; `compose` is the document's own."""

    def __init__(self, printed: Printed) -> None:
        super().__init__(format="A4")
        self.printed = printed
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, 22)
        self.set_title(f"{printed.title} {printed.number}")
        self.set_author(printed.letterhead.name)
        self.set_lang("zh-CN" if printed.language == "zh" else "en")

    def compose(self) -> None:
        raise NotImplementedError

    def rendered(self, created: datetime) -> bytes:
        """All pages. The same document and moment give the same bytes."""
        with tempfile.TemporaryDirectory(prefix="deskhand-font-") as folder:
            self.set_creation_date(created)
            characters = "".join(self.printed.texts()) + _ALWAYS
            for style, weight in (("", fonts.REGULAR), ("B", fonts.BOLD)):
                path = Path(folder) / f"{weight}.ttf"
                fonts.write_font(characters, weight, path)
                self.add_font(_FONT, style, path)
            self.compose()
            return bytes(self.output())

    def header(self) -> None:
        if self.page_no() == 1:
            self._letterhead()
        else:
            self.write_text(9, self.printed.letterhead.name, color=GREY, width=WIDTH / 2, end=False)
            self.write_text(9, f"{self.printed.title} {self.printed.number}", color=GREY, align="R")
            self.ln(3)

    def footer(self) -> None:
        self.set_y(-15)
        text = self.printed.page.replace("{page}", str(self.page_no())).replace("{pages}", "{nb}")
        self.write_text(8, text, color=GREY, align="C")

    def _letterhead(self) -> None:
        top = self.get_y()
        self.write_text(15, self.printed.letterhead.name, bold=True, color=BLUE, width=WIDTH * 0.64)
        for line in self.printed.head_lines():
            self.write_text(8.5, line, color=GREY, width=WIDTH * 0.64)
        bottom = self.get_y()
        self.set_xy(MARGIN + WIDTH * 0.64, top)
        self.write_text(21, self.printed.title, bold=True, align="R")
        self.write_text(10, self.printed.number, color=GREY, align="R")
        self.set_y(max(bottom, self.get_y()) + 3)
        self.set_draw_color(*BLUE)
        self.set_line_width(0.5)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln(6)

    def signature_lines(self) -> None:
        """Lines to sign on, side by side."""
        if not self.printed.signatures:
            return
        self.room(30)
        self.ln(20)
        self.set_draw_color(*GREY)
        each = WIDTH / len(self.printed.signatures)
        for position, label in enumerate(self.printed.signatures):
            left, top = MARGIN + position * each, self.get_y()
            self.line(left, top, left + each - 10, top)
            self.write_text(9, label, color=GREY, width=each, end=False)

    def room(self, height: float) -> None:
        """Starts a page if `height` does not fit: what belongs together is not torn."""
        if self.will_page_break(height):
            self.add_page()

    def style(self, size: float, bold: bool = False, color: tuple[int, int, int] = INK) -> None:
        self.set_font(_FONT, style="B" if bold else "", size=size)
        self.set_text_color(*color)

    def write_text(
        self,
        size: float,
        text: str,
        *,
        bold: bool = False,
        color: tuple[int, int, int] = INK,
        width: float = 0,
        align: str = "L",
        end: bool = True,
    ) -> None:
        """A paragraph of `width` (0: to the margin); `end` goes to the next line, else on to the right."""
        self.style(size, bold, color)
        below = (XPos.LMARGIN, YPos.NEXT) if end else (XPos.RIGHT, YPos.TOP)
        self.multi_cell(width, size * 0.53, text, align=align, new_x=below[0], new_y=below[1])
