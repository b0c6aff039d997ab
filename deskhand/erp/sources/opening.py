"""Source -> tables: looks at what is there and hands it to the reader of its format. Knows no columns of ours."""

from __future__ import annotations

from deskhand.erp.sources.model import Limits, Source, Table


def open_tables(source: Source, limits: Limits | None = None) -> list[Table]:
    """The tables of a source; at least one.

    Raises:
        FileNotReadable, SourceNotReached: why not, with a stable code.
    """
    raise NotImplementedError
