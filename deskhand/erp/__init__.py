"""Exports of other systems -> clean -> aligned -> orders. Knows files and the store; nothing of HTTP or chat."""

from deskhand.erp.columns import ColumnsNotRecognised
from deskhand.erp.importing import ImportOptions, OptionInvalid, import_file, import_files
from deskhand.erp.reading import FileNotReadable, Source
from deskhand.erp.report import Finding, ImportReport, Kind

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
    "import_files",
]
