"""Forms: what stands above a table as key and value - number, customer, date - belongs to every row of it.

    采购订单
    订单编号: PO-1          日期: 2024-11-05
    客户:     蓝天贸易       ...
    货号    品名    数量    单价        <- the table
    A-1     ...

Several may stand under one another, and one may have no table at all. A sheet that is no form is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from deskhand.erp.header_names import is_header_word, meanings
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.sources.heading import is_blank, why_no_record
from deskhand.erp.sources.model import Batch, Cell, Note, Table

MOST_ROWS = 5_000  # of a sheet in which forms are looked for
Numbered = tuple[int, Sequence[Cell]]  # a row and its line
_COLON = re.compile(r"\s*[:：]\s*$")
_INLINE = re.compile(  # Key: value, and the next key after two spaces, or in Chinese after one
    r"([^\s:：][^:：]{0,30}?)\s*[:：]\s*(\S.*?)(?=\s{2,}[^\s:：][^:：]{0,30}[:：]|\s+[\u4e00-\u9fff]{2,8}[:：]|$)"
)
_LONGEST = 500  # characters of a cell that holds keys
_KEEPS = ("name", "like_name", "weak_name")
_LEAST_WORDS = 3  # of a header


@dataclass
class Form:
    """One of them: what stands above, the names of its columns, its rows."""

    line: int
    said: dict[str, Cell] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    rows: list[Numbered] = field(default_factory=list)


class FormTable(Table):
    """The rows of all forms of a sheet, each with what its form says."""

    def __init__(self, found: Table, forms: Sequence[Form]) -> None:
        keys = tuple(dict.fromkeys(key for form in forms for key in form.said))
        names = tuple(dict.fromkeys(name for form in forms for name in form.header if name and name not in keys))
        notes = [*(note for note in found.notes if note.code != "no_header"), Note("form", count=len(forms))]
        super().__init__(found.name, (*keys, *names), forms[0].line, found.told, notes)
        self._forms = forms

    def batches(self) -> Iterator[Batch]:
        lines: list[int] = []
        rows: list[Sequence[Cell]] = []
        for form in self._forms:
            for line, row in form.rows or [(form.line, ())]:
                values = {**dict(zip(form.header, row, strict=False)), **form.said}
                lines.append(line)
                rows.append([values.get(name) for name in self.header])
        yield Batch(lines, rows)


def with_forms(table: Table, whole: Callable[[], Sequence[Numbered] | None]) -> Table:
    """The forms of a sheet as one table; any other table itself. `whole`: all its rows; None: they are many."""
    rows = None if _is_named(table.header) else whole()
    if rows is None:
        return table
    forms = [form for form in _forms(rows) if form.rows or len(form.said) > 2]
    if not forms or not all(_number_of(form.said) for form in forms):
        return table
    return FormTable(table, forms)


def _is_named(header: Sequence[str]) -> bool:
    """A table that numbers its orders in a column is a list, whatever stands above it."""
    return any(
        meaning.field is Field.ORDER_NUMBER and meaning.how in ("name", "like_name")
        for name in header if name
        for meaning in meanings(name, Kind.ORDERS)[:1]
    )  # fmt: skip


def _number_of(said: dict[str, Cell]) -> Cell:
    """The order's number, which every form has."""
    numbers = (value for key, value in said.items() if _means_number(key))
    return next((value for value in numbers if any(map(str.isdigit, str(value)))), None)


def _means_number(key: str) -> bool:
    found = meanings(key, Kind.ORDERS)[:1]
    return any(meaning.field is Field.ORDER_NUMBER and meaning.how in _KEEPS for meaning in found)


def _forms(rows: Sequence[Numbered]) -> list[Form]:
    """A new one begins where a number is said once more, or where something is said below the rows of the last."""
    forms: list[Form] = []
    inside = False
    for line, row in rows:
        if not any(not is_blank(cell) for cell in row):
            continue
        if _is_header(row):
            forms = forms or [Form(line)]
            forms[-1].header, inside = _names(row), True
            continue
        said = dict(_pairs(row))
        if inside and not _is_said(row, said):
            inside = why_no_record(row, forms[-1].header) is None
            if inside and sum(not is_blank(cell) for cell in row) > 1:
                forms[-1].rows.append((line, row))
            continue
        inside = False
        if said and (not forms or (any(map(_means_number, said)) and _number_of(forms[-1].said) is not None)):
            forms.append(Form(line))
        if forms and not forms[-1].rows:
            forms[-1].said = {**said, **forms[-1].said}
    return forms


def _is_said(row: Sequence[Cell], said: dict[str, Cell]) -> bool:
    """Whether a row below a table says something itself: its keys are written with colons, and fill it."""
    marked = sum(isinstance(cell, str) and (":" in cell or "：" in cell) for cell in row)
    return bool(said) and marked > 0 and 3 * marked >= sum(not is_blank(cell) for cell in row)


def _is_header(row: Sequence[Cell]) -> bool:
    filled = [cell for cell in row if not is_blank(cell)]
    words = sum(isinstance(cell, str) and is_header_word(cell.strip()) for cell in filled)
    marked = any(isinstance(cell, str) and _COLON.search(cell) for cell in filled)
    return words >= _LEAST_WORDS and words >= 0.7 * len(filled) and not marked


def _names(row: Sequence[Cell]) -> tuple[str, ...]:
    return tuple("" if is_blank(cell) else " ".join(str(cell).split()) for cell in row)


def _pairs(row: Sequence[Cell]) -> Iterator[tuple[str, Cell]]:
    """Keys with their values: in two cells side by side, or both in one."""
    filled = [cell for cell in row if not is_blank(cell)]
    waiting, marked = "", False
    for cell in chain(filled, [None]):
        text = cell.strip() if isinstance(cell, str) else ""
        key = _COLON.sub("", text)
        if text and (key != text or (not waiting and is_header_word(key))):
            waiting, marked = key if is_header_word(key) else "", key != text
            continue
        inline = [(name.strip(), value.strip()) for name, value in _INLINE.findall(text[:_LONGEST])] if text else []
        known = [(name, value) for name, value in inline if is_header_word(name)]
        if known:
            yield from known
        elif waiting and cell is not None and (marked or not is_header_word(text)):
            yield waiting, cell
        waiting = ""
