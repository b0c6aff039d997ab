"""Foreign files, databases and HTTP systems -> tables of rows. Knows formats and encodings, nothing of orders."""

from deskhand.erp.sources.errors import FileNotReadable, SourceNotReached
from deskhand.erp.sources.model import (
    Batch,
    Cell,
    FileSource,
    HttpSource,
    Limits,
    Note,
    Paging,
    Skipped,
    Source,
    SqlSource,
    Table,
    Why,
)
from deskhand.erp.sources.opening import open_tables

__all__ = [
    "Batch",
    "Cell",
    "FileNotReadable",
    "FileSource",
    "HttpSource",
    "Limits",
    "Note",
    "Paging",
    "Skipped",
    "Source",
    "SourceNotReached",
    "SqlSource",
    "Table",
    "Why",
    "open_tables",
]
