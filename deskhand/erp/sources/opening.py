"""Source -> tables: looks at what is there and hands it to the reader of its format. Knows no columns of ours."""

from __future__ import annotations

import re

from deskhand.erp.sources.archives import is_archive, of_gzip, of_zip
from deskhand.erp.sources.content import Content
from deskhand.erp.sources.corrected import as_it_was
from deskhand.erp.sources.errors import FileNotReadable, NameNotAllowed, NotATable
from deskhand.erp.sources.forms import with_forms
from deskhand.erp.sources.grid import GridTable
from deskhand.erp.sources.http import open_http
from deskhand.erp.sources.json_text import open_json
from deskhand.erp.sources.markup import open_html, open_spreadsheet_xml
from deskhand.erp.sources.model import FileSource, HttpSource, Limits, Note, Source, SqlSource, Table
from deskhand.erp.sources.packages import inspect
from deskhand.erp.sources.signature import Format, format_of
from deskhand.erp.sources.sql import open_sql
from deskhand.erp.sources.text_table import TextTable, open_text
from deskhand.erp.sources.workbook import open_workbook

_ENDINGS = {
    Format.TEXT: (".csv", ".tsv", ".txt", ".tab", ".dat", ".asc", ".psv"),
    Format.ZIP: (".xlsx", ".xlsb", ".ods", ".zip"),
    Format.GZIP: (".gz",),
    Format.OLE: (".xls", ".et"),
    Format.JSON: (".json", ".jsonl", ".ndjson"),
    Format.HTML: (".html", ".htm"),
    Format.SPREADSHEET_XML: (".xml",),
}
_NOT_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f]|^\.{1,2}$")


def open_tables(
    source: Source, limits: Limits | None = None, *, sheet: str | None = None, header: int | None = None
) -> list[Table]:
    """The tables of a source; at least one.

    Args:
        sheet: the only sheet of a workbook that is taken.
        header: the line of the header; 0: there is none; None: it is found.

    Raises:
        FileNotReadable, SourceNotReached: why not, with a stable code.
    """
    limits = limits or Limits()
    if isinstance(source, FileSource):
        return _open_file(source, limits, sheet, header)
    if isinstance(source, SqlSource):
        return [open_sql(source, limits)]
    if isinstance(source, HttpSource):
        return [open_http(source, limits)]
    raise TypeError(f"{type(source).__name__} is no source that is known")


def _open_file(source: FileSource, limits: Limits, sheet: str | None, header: int | None) -> list[Table]:
    if not source.name or len(source.name) > 255 or _NOT_IN_NAMES.search(source.name):
        raise NameNotAllowed("the file's name is none, or leads somewhere else")
    content = Content.of(source, limits)
    found = format_of(content)
    tables = [_as_it_was(table, header) for table in _tables(content, found, limits, sheet, header)]
    if "." in source.name and not source.name.lower().endswith(_ENDINGS[found]):
        tables[0].notes.append(Note("not_as_named", str(found)))
    return tables


def _as_it_was(table: Table, header: int | None) -> Table:
    """As people made it: a form, or what a file of refused rows was before; where they say no header of their own."""
    if header is None and isinstance(table, TextTable | GridTable):
        table = with_forms(table, table.whole)
    return as_it_was(table)


def _tables(content: Content, found: Format, limits: Limits, sheet: str | None, header: int | None) -> list[Table]:
    match found:
        case Format.GZIP | Format.ZIP if found is Format.GZIP or is_archive(content):
            return _packed(content, found, limits, sheet, header)
        case Format.ZIP:
            return open_workbook(content, limits, inspect(content, limits), sheet, header)
        case Format.OLE:
            return open_workbook(content, limits, None, sheet, header)
        case Format.JSON:
            return [open_json(content, limits)]
        case Format.HTML:
            return open_html(content, limits, header)
        case Format.SPREADSHEET_XML:
            return open_spreadsheet_xml(content, limits, header)
        case Format.TEXT:
            return [open_text(content, limits, header)]


def _packed(content: Content, kind: Format, limits: Limits, sheet: str | None, header: int | None) -> list[Table]:
    """The tables of files that were unpacked; one that can't be read is left out where another can, and told.

    Raises:
        FileNotReadable: none can be read.
    """
    parts, others = of_zip(content, limits) if kind is Format.ZIP else ([of_gzip(content, limits)], 0)
    tables: list[Table] = []
    refused: list[FileNotReadable] = []
    for part in parts:
        try:
            found = format_of(part)
            if found is Format.GZIP or (found is Format.ZIP and is_archive(part)):
                raise NotATable(f"{part.name} is packed once more; unpack it first")
            tables += [_as_it_was(table, header) for table in _tables(part, found, limits, sheet, header)]
        except FileNotReadable as error:
            refused.append(error)
    if not tables:
        raise refused[0] if refused else NotATable("there is no table in it")
    tables[0].notes.extend([Note("not_a_table", count=others)] if others else [])
    tables[0].notes.extend(Note("part_not_read", str(error)) for error in refused)
    return tables
