"""Source -> tables: looks at what is there and hands it to the reader of its format. Knows no columns of ours."""

from __future__ import annotations

from deskhand.erp.sources.content import Content
from deskhand.erp.sources.model import FileSource, Limits, Source, Table
from deskhand.erp.sources.text_table import open_text


def open_tables(source: Source, limits: Limits | None = None) -> list[Table]:
    """The tables of a source; at least one.

    Raises:
        FileNotReadable, SourceNotReached: why not, with a stable code.
    """
    limits = limits or Limits()
    if isinstance(source, FileSource):
        return [open_text(Content.of(source, limits), limits)]
    raise NotImplementedError
