"""A sheet as a PDF file on A4, with the Chinese font inside. Knows nothing of orders."""

from __future__ import annotations

import string
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TableHeadingsDisplay, XPos, YPos
from fpdf.fonts import FontFace

from deskhand.worker.documents import fonts
from deskhand.worker.documents.sheet import Sheet

_BLUE, _INK, _GREY, _TINT, _RULE = (36, 82, 122), (27, 36, 48), (82, 96, 109), (234, 240, 246), (213, 221, 229)
_MARGIN = 18.0
_WIDTH = 210 - 2 * _MARGIN
_FONT = "text"
_ALWAYS = string.printable.strip() + "·"


def to_pdf(sheet: Sheet, created: datetime) -> bytes:
    """Renders all pages. The same sheet and moment give the same bytes."""
    with tempfile.TemporaryDirectory(prefix="deskhand-font-") as folder:
        document = _Document(sheet)
        document.set_creation_date(created)
        characters = "".join(sheet.texts()) + _ALWAYS
        for style, weight in (("", fonts.REGULAR), ("B", fonts.BOLD)):
            path = Path(folder) / f"{weight}.ttf"
            fonts.write_font(characters, weight, path)
            document.add_font(_FONT, style, path)
        document.compose()
        return bytes(document.output())


class _Document(FPDF):
    """One document. `header` and `footer` are called by fpdf2 on every page."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self.sheet = sheet
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, 22)
        self.set_title(f"{sheet.title} {sheet.number}")
        self.set_author(sheet.letterhead.name)
        self.set_lang("zh-CN" if sheet.language == "zh" else "en")

    def header(self) -> None:
        if self.page_no() == 1:
            self._letterhead()
        else:
            self._write(9, self.sheet.letterhead.name, color=_GREY, width=_WIDTH / 2, end=False)
            self._write(9, f"{self.sheet.title} {self.sheet.number}", color=_GREY, align="R")
            self.ln(3)

    def footer(self) -> None:
        self.set_y(-15)
        text = self.sheet.page.replace("{page}", str(self.page_no())).replace("{pages}", "{nb}")
        self._write(8, text, color=_GREY, align="C")

    def compose(self) -> None:
        self.add_page()
        self._facts()
        self._table()
        self._totals()
        self._notes()
        self._signatures()

    def _letterhead(self) -> None:
        top = self.get_y()
        self._write(15, self.sheet.letterhead.name, bold=True, color=_BLUE, width=_WIDTH * 0.64)
        for line in self.sheet.head_lines():
            self._write(8.5, line, color=_GREY, width=_WIDTH * 0.64)
        bottom = self.get_y()
        self.set_xy(_MARGIN + _WIDTH * 0.64, top)
        self._write(21, self.sheet.title, bold=True, align="R")
        self._write(10, self.sheet.number, color=_GREY, align="R")
        self.set_y(max(bottom, self.get_y()) + 3)
        self.set_draw_color(*_BLUE)
        self.set_line_width(0.5)
        self.line(_MARGIN, self.get_y(), _MARGIN + _WIDTH, self.get_y())
        self.ln(6)

    def _facts(self) -> None:
        top = self.get_y()
        self._write(9, self.sheet.to[0], color=_GREY, width=_WIDTH / 2)
        for line in self.sheet.to[1]:
            self._write(10, line, width=_WIDTH / 2 - 6)
        left = self.get_y()
        self.set_y(top)
        for label, value in self.sheet.details:
            self.set_x(_MARGIN + _WIDTH / 2)
            self._write(9, label, color=_GREY, width=_WIDTH * 0.18, end=False)
            self._write(9.5, value, align="R")
        self.set_y(max(left, self.get_y()) + 6)

    def _table(self) -> None:
        self._style(9.5)
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(column.width for column in self.sheet.columns),
            headings_style=FontFace(emphasis="BOLD", color=_INK, fill_color=_TINT),
            line_height=6.2,
            padding=(0.6, 1.2),
            repeat_headings=TableHeadingsDisplay.ON_TOP_OF_EVERY_PAGE,
            text_align=tuple("RIGHT" if column.right else "LEFT" for column in self.sheet.columns),
            width=_WIDTH,
        ) as table:
            for row in ([column.label for column in self.sheet.columns], *self.sheet.rows):
                cells: Any = table.row()
                for text in row:
                    cells.cell(text)

    def _totals(self) -> None:
        self.ln(3)
        for label, value in self.sheet.totals:
            self._room(8)
            self.set_x(_MARGIN + _WIDTH * 0.35)
            self._write(11, label, bold=True, width=_WIDTH * 0.2, end=False)
            self._write(11, value, bold=True, align="R")

    def _notes(self) -> None:
        self.ln(5)
        for label, value in self.sheet.notes:
            self._room(8)
            self._write(9, label, color=_GREY, width=_WIDTH * 0.2, end=False)
            self._write(9.5, value)

    def _signatures(self) -> None:
        if not self.sheet.signatures:
            return
        self._room(30)
        self.ln(20)
        self.set_draw_color(*_GREY)
        each = _WIDTH / len(self.sheet.signatures)
        for position, label in enumerate(self.sheet.signatures):
            left, top = _MARGIN + position * each, self.get_y()
            self.line(left, top, left + each - 10, top)
            self._write(9, label, color=_GREY, width=each, end=False)

    def _room(self, height: float) -> None:
        """Starts a page if `height` does not fit: what belongs together is not torn."""
        if self.will_page_break(height):
            self.add_page()

    def _style(self, size: float, bold: bool = False, color: tuple[int, int, int] = _INK) -> None:
        self.set_font(_FONT, style="B" if bold else "", size=size)
        self.set_text_color(*color)

    def _write(
        self,
        size: float,
        text: str,
        *,
        bold: bool = False,
        color: tuple[int, int, int] = _INK,
        width: float = 0,
        align: str = "L",
        end: bool = True,
    ) -> None:
        """A paragraph of `width` (0: to the margin); `end` goes to the next line, else on to the right."""
        self._style(size, bold, color)
        below = (XPos.LMARGIN, YPos.NEXT) if end else (XPos.RIGHT, YPos.TOP)
        self.multi_cell(width, size * 0.53, text, align=align, new_x=below[0], new_y=below[1])
