"""A sheet as a PDF file. Knows nothing of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fpdf.enums import TableBordersLayout, TableHeadingsDisplay
from fpdf.fonts import FontFace

from deskhand.documents.page import GREY, INK, MARGIN, RULE, TINT, WIDTH, Page
from deskhand.documents.sheet import Sheet


def to_pdf(sheet: Sheet, created: datetime) -> bytes:
    """Renders all pages. The same sheet and moment give the same bytes."""
    return _Document(sheet).rendered(created)


class _Document(Page):
    """One sheet, from top to bottom."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        self.sheet = sheet

    def compose(self) -> None:
        self.add_page()
        self._facts()
        self._table()
        self._totals()
        self._notes()
        self.signature_lines()

    def _facts(self) -> None:
        top = self.get_y()
        self.write_text(9, self.sheet.to[0], color=GREY, width=WIDTH / 2)
        for line in self.sheet.to[1]:
            self.write_text(10, line, width=WIDTH / 2 - 6)
        left = self.get_y()
        self.set_y(top)
        for label, value in self.sheet.details:
            self.set_x(MARGIN + WIDTH / 2)
            self.write_text(9, label, color=GREY, width=WIDTH * 0.18, end=False)
            self.write_text(9.5, value, align="R")
        self.set_y(max(left, self.get_y()) + 6)

    def _table(self) -> None:
        self.style(9.5)
        self.set_draw_color(*RULE)
        self.set_line_width(0.2)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(column.width for column in self.sheet.columns),
            headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=TINT),
            line_height=6.2,
            padding=(0.6, 1.2),
            repeat_headings=TableHeadingsDisplay.ON_TOP_OF_EVERY_PAGE,
            text_align=tuple("RIGHT" if column.right else "LEFT" for column in self.sheet.columns),
            width=WIDTH,
        ) as table:
            for row in ([column.label for column in self.sheet.columns], *self.sheet.rows):
                cells: Any = table.row()
                for text in row:
                    cells.cell(text)

    def _totals(self) -> None:
        self.ln(3)
        for label, value in self.sheet.totals:
            self.room(8)
            self.set_x(MARGIN + WIDTH * 0.35)
            self.write_text(11, label, bold=True, width=WIDTH * 0.2, end=False)
            self.write_text(11, value, bold=True, align="R")

    def _notes(self) -> None:
        self.ln(5)
        for label, value in self.sheet.notes:
            self.room(8)
            self.write_text(9, label, color=GREY, width=WIDTH * 0.2, end=False)
            self.write_text(9.5, value)
