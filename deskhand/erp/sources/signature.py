"""What a file is, by its first bytes; its name is believed only where bytes don't tell. Knows no format beyond that."""

from __future__ import annotations

import re
from enum import StrEnum

from deskhand.erp.sources.content import Content
from deskhand.erp.sources.errors import Encrypted, HasMacros, NotATable


class Format(StrEnum):
    """How a file is to be read."""

    TEXT = "text"
    JSON = "json"
    GZIP = "gzip"  # one packed file
    ZIP = "zip"  # workbooks of today, and everything else that is packed
    OLE = "xls"  # workbooks of before 2007
    HTML = "html"
    SPREADSHEET_XML = "spreadsheet_xml"  # as Excel 2003 wrote it, and many business systems still do


# Beginnings of files that are no tables, and what they are called.
_OTHERS = (
    (b"%PDF", "a PDF document"), (b"\x89PNG", "a picture (PNG)"), (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"), (b"BM", "a picture (BMP)"), (b"RIFF", "a sound, film or picture (RIFF)"),
    (b"II*\0", "a picture (TIFF)"), (b"MM\0*", "a picture (TIFF)"), (b"MZ", "a program (Windows)"),
    (b"\x7fELF", "a program (Linux)"), (b"\xca\xfe\xba\xbe", "a program (Java or Mac)"),
    (b"7z\xbc\xaf", "an archive (7z)"), (b"Rar!", "an archive (RAR)"), (b"BZh", "packed (bzip2)"),
    (b"\xfd7zXZ", "packed (xz)"), (b"(\xb5/\xfd", "packed (zstd)"), (b"SQLite format 3", "a database (SQLite)"),
    (b"PAR1", "a Parquet file"), (b"{\\rtf", "a document (RTF)"), (b"%!PS", "a document (PostScript)"),
    (b"\0\0\0\x18ftyp", "a film"), (b"\0\0\0\x20ftyp", "a film"), (b"OggS", "a sound"), (b"ID3", "a sound"),
    (b"\0\x01\0\0Standard", "a database (Access)"), (b"#!/", "a script"), (b"MIME-Version:", "a web archive (MHTML)"),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY_ANYWAY = (b"BM", b"MZ", b"II*\0", b"MM\0*", b"ID3", b"PAR1", b"RIFF")  # text can begin with these letters
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML = re.compile(rb"(?i)<(?:!doctype\s+html|html|table|head|meta|body|style|tr|div)[\s>/]")


def format_of(content: Content) -> Format:
    """Raises NotATable, Encrypted, HasMacros."""
    start = content.start(8192)
    if start.startswith(b"PK\x03\x04") or start.startswith(b"PK\x05\x06"):
        return Format.ZIP
    if start.startswith(_OLE):
        return _ole(content)
    if start.startswith(b"\x1f\x8b"):
        return Format.GZIP
    for signature, what in _OTHERS:
        if start.startswith(signature) and (signature not in _BINARY_ANYWAY or _CONTROLS.search(start)):
            raise NotATable(f"{content.name} is {what}, no table; export it as CSV or XLSX")
    return _of_text(content, start)


def _of_text(content: Content, start: bytes) -> Format:
    plain = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if plain[:1] in (b"{", b"[") and not content.name.lower().endswith((".csv", ".tsv", ".txt")):
        return Format.JSON
    if plain[:1] in (b"{", b"[") and re.match(rb'[\[{]\s*(?:[\[{]|"[^"]*"\s*:|\]|\})', plain):
        return Format.JSON
    if plain.startswith(b"<?xml") or plain.startswith(b"<"):
        return _of_markup(content, plain)
    return Format.TEXT


def _of_markup(content: Content, plain: bytes) -> Format:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in plain and b"<html" not in plain.lower():
        return Format.SPREADSHEET_XML
    if _HTML.search(plain):
        return Format.HTML
    if plain.startswith(b"<?xml") or re.match(rb"<[\w:]+[\s>]", plain):
        raise NotATable(f"{content.name} is XML of a kind that is not read here; export it as CSV or XLSX")
    return Format.TEXT


def _ole(content: Content) -> Format:
    """A workbook of before 2007, or something else in the same wrapping: the names in its directory tell."""
    with content.open() as file:
        data = file.read(64 << 20)
    names = {name for name in _OLE_NAMES if name.encode("utf-16-le") in data}
    if "EncryptedPackage" in names:
        raise Encrypted(f"{content.name} opens with a password only; save it without one")
    if not names & {"Workbook", "Book"}:
        what = "a document (Word)" if "WordDocument" in names else "no workbook"
        raise NotATable(f"{content.name} is {what}; export it as CSV or XLSX")
    if names & {"_VBA_PROJECT_CUR", "_VBA_PROJECT"}:
        raise HasMacros(f"{content.name} carries macros; save it as XLSX or CSV, which have none")
    return Format.OLE


_OLE_NAMES = ("Workbook", "Book", "EncryptedPackage", "WordDocument", "_VBA_PROJECT_CUR", "_VBA_PROJECT")
