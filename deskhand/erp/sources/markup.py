"""Tables in HTML, which many shops save as .xls, and the XML that Excel 2003 wrote. Read in a stream, with no entities
and no network. Knows no columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from deskhand.erp.sources.content import Content
from deskhand.erp.sources.errors import DangerousXml, LiesAboutType, NothingThere, TooLarge, TooManyColumns
from deskhand.erp.sources.grid import grid_table
from deskhand.erp.sources.model import ROWS_A_BATCH, Cell, Limits, Note, Table
from deskhand.erp.sources.scanning import scan
from deskhand.erp.sources.spool import Spool

_NS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass
class _Sheet:
    """One table while it is read: rows with their numbers, and cells that reach into rows below."""

    name: str
    spool: Spool
    limits: Limits
    number: int = 0
    cells: int = 0
    lines: list[int] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    reaching: dict[int, tuple[int, int, Cell]] = field(default_factory=dict)  # column -> first row, last row, value

    def add(self, cells: Iterator[tuple[int | None, int, int, Cell]], number: int | None = None) -> None:
        """`cells`: each with its column if it says so, how many columns and how many rows it covers more, its value."""
        self.number = number if number is not None else self.number + 1
        row: list[Cell] = []
        for column, across, down, value in cells:
            self._reach(row)
            row.extend([None] * ((column or 0) - len(row)))
            for _ in range(min(across, self.limits.columns) + 1):
                if down:
                    self.reaching[len(row)] = (self.number, self.number + down, value)
                row.append(value)
            if len(row) > self.limits.columns * 2:
                raise TooManyColumns(f"{self.name} has more than {self.limits.columns:,} columns")
        self._reach(row)
        self._keep(row)

    def _reach(self, row: list[Cell]) -> None:
        """Cells of rows above that cover the next columns of this one."""
        while len(row) in self.reaching:
            first, last, value = self.reaching[len(row)]
            if not first < self.number <= last:
                return
            row.append(value)

    def _keep(self, row: list[Cell]) -> None:
        self.cells += len(row)
        if self.cells > self.limits.cells:
            raise TooLarge(f"{self.name} spans more cells than are taken of one sheet")
        if any(cell is not None for cell in row):
            self.lines.append(self.number)
            self.rows.append(row)
        if len(self.rows) >= ROWS_A_BATCH:
            self.flush()

    def flush(self) -> None:
        if self.rows:
            width = max(map(len, self.rows))
            self.spool.put(self.lines, [[*row, *[None] * (width - len(row))] for row in self.rows])
        self.lines, self.rows = [], []


def open_html(content: Content, limits: Limits, header: int | None = None) -> list[Table]:
    """The tables of a page that have rows. Raises FileNotReadable."""
    encoding = scan(content, limits).encoding.removesuffix("-sig")
    sheets: list[_Sheet] = []
    open_tables: list[_Sheet] = []
    try:
        with content.open() as file:
            parsed = etree.iterparse(
                file, events=("start", "end"), tag=("table", "tr"), html=True, encoding=encoding, no_network=True,
                huge_tree=False, recover=True,
            )  # fmt: skip
            for event, element in parsed:
                _html_step(event, element, open_tables, sheets, content.name, limits)
    except etree.XMLSyntaxError as error:
        raise LiesAboutType(f"{content.name} is HTML that can't be read to its end") from error
    return _tables(content.name, sheets, f"{encoding}, HTML", limits, header)


def _html_step(event: str, element: Any, opened: list[_Sheet], sheets: list[_Sheet], name: str, limits: Limits) -> None:
    if element.tag == "table" and event == "start":
        opened.append(_Sheet(name, Spool(name, limits), limits))
        sheets.append(opened[-1])
    elif element.tag == "table" and opened:
        opened.pop().flush()
        element.clear(keep_tail=True)
    elif element.tag == "tr" and event == "end":
        if not opened:
            opened.append(_Sheet(name, Spool(name, limits), limits))
            sheets.append(opened[-1])
        opened[-1].add(_html_cells(element))
        element.clear(keep_tail=True)
        while element.getprevious() is not None and element.getprevious().tag == "tr":
            del element.getparent()[0]


def _html_cells(row: Any) -> Iterator[tuple[int | None, int, int, Cell]]:
    for cell in row.iterchildren("td", "th"):
        for line_break in cell.iter("br", "p", "div"):
            line_break.tail = f" {line_break.tail or ''}"
        text = " ".join("".join(cell.itertext()).split())
        yield None, _span(cell.get("colspan")), _span(cell.get("rowspan")), text or None


def _span(said: str | None) -> int:
    """How many more than one."""
    return max(0, min(int(said), 100_000) - 1) if said and said.strip().isdigit() and len(said) < 9 else 0


def open_spreadsheet_xml(content: Content, limits: Limits, header: int | None = None) -> list[Table]:
    """The worksheets of a workbook that is one XML file. Raises FileNotReadable."""
    if _DOCTYPE.search(content.start(1 << 16).replace(b"\0", b"")):
        raise DangerousXml(f"{content.name} defines XML entities, which no workbook needs")
    sheets: list[_Sheet] = []
    try:
        with content.open() as file:
            parsed = etree.iterparse(
                file, events=("start", "end"), tag=(f"{_NS}Worksheet", f"{_NS}Row"), resolve_entities=False,
                no_network=True, load_dtd=False, huge_tree=False,
            )  # fmt: skip
            for event, element in parsed:
                _xml_step(event, element, sheets, content.name, limits)
    except etree.XMLSyntaxError as error:
        raise LiesAboutType(f"{content.name} is XML that is damaged or cut off") from error
    return _tables(content.name, sheets, "spreadsheet XML", limits, header)


def _xml_step(event: str, element: Any, sheets: list[_Sheet], name: str, limits: Limits) -> None:
    if element.tag == f"{_NS}Worksheet" and event == "start":
        title = element.get(f"{_NS}Name") or ""
        sheets.append(_Sheet(f"{name}:{title}" if title else name, Spool(name, limits), limits))
    elif element.tag == f"{_NS}Worksheet":
        sheets[-1].flush()
    elif event == "end" and sheets:
        said = element.get(f"{_NS}Index")
        sheets[-1].add(_xml_cells(element), int(said) if said and said.isdigit() else None)
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _xml_cells(row: Any) -> Iterator[tuple[int | None, int, int, Cell]]:
    for cell in row.iterchildren(f"{_NS}Cell"):
        said = cell.get(f"{_NS}Index")
        column = int(said) - 1 if said and said.isdigit() and len(said) < 7 else None
        data = cell.find(f"{_NS}Data")
        across, down = cell.get(f"{_NS}MergeAcross"), cell.get(f"{_NS}MergeDown")
        yield column, _span(across) + bool(across), _span(down) + bool(down), _xml_value(data)


def _xml_value(data: Any) -> Cell:
    text = "".join(data.itertext()).strip() if data is not None else ""
    kind = data.get(f"{_NS}Type") if data is not None else ""
    if kind == "Error" or not text:
        return None
    if kind == "Number":
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    return text == "1" if kind == "Boolean" else text


def _tables(name: str, sheets: list[_Sheet], told: str, limits: Limits, header: int | None) -> list[Table]:
    tables: list[Table] = []
    notes = []
    for sheet in sheets:
        sheet.flush()
        table = grid_table(sheet.name, sheet.spool, told, [], limits, header)
        if table is not None and len(table.header) > 1:
            tables.append(table)
        else:
            sheet.spool.close()
            notes.append(Note("sheet_empty", sheet.name))
    if not tables:
        raise NothingThere(f"{name} has no table with rows")
    tables[0].notes.extend(notes)
    return tables
