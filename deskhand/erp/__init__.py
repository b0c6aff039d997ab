"""Exports of other systems -> clean -> aligned -> orders. Knows files and the store; nothing of HTTP or chat."""

from deskhand.erp.columns import ColumnsNotRecognised
from deskhand.erp.importing import ImportOptions, OptionInvalid, import_file, run
from deskhand.erp.report import Finding, ImportReport, Kind
from deskhand.erp.sources import FileNotReadable, Source

__all__ = [
    "ColumnsNotRecognised",
    "FileNotReadable",
    "Finding",
    "ImportOptions",
    "ImportReport",
    "Kind",
    "OptionInvalid",
    "Source",
    "import_file",
    "run",
]
