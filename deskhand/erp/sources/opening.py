"""Source -> tables: looks at what is there and hands it to the reader of its format. Knows no columns of ours."""

from __future__ import annotations

import re

from deskhand.erp.sources.content import Content
from deskhand.erp.sources.corrected import as_it_was
from deskhand.erp.sources.errors import NameNotAllowed
from deskhand.erp.sources.http import open_http
from deskhand.erp.sources.json_text import open_json
from deskhand.erp.sources.markup import open_html, open_spreadsheet_xml
from deskhand.erp.sources.model import FileSource, HttpSource, Limits, Note, Source, SqlSource, Table
from deskhand.erp.sources.packages import inspect
from deskhand.erp.sources.signature import Format, format_of
from deskhand.erp.sources.sql import open_sql
from deskhand.erp.sources.text_table import open_text
from deskhand.erp.sources.workbook import open_workbook

_ENDINGS = {
    Format.TEXT: (".csv", ".tsv", ".txt", ".tab", ".dat", ".asc", ".psv"),
    Format.ZIP: (".xlsx", ".xlsb", ".ods"),
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
    tables = [as_it_was(table) for table in _tables(content, found, limits, sheet, header)]
    if "." in source.name and not source.name.lower().endswith(_ENDINGS[found]):
        tables[0].notes.append(Note("not_as_named", str(found)))
    return tables


def _tables(content: Content, found: Format, limits: Limits, sheet: str | None, header: int | None) -> list[Table]:
    match found:
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
