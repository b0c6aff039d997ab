"""A ZIP of tables, or one that is packed by gzip -> the files in it, each in a temporary file of its own.

What is unpacked is counted while it is, and nothing that is packed inside is unpacked again. Knows no format of tables.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from deskhand.erp.sources.content import CHUNK, Content
from deskhand.erp.sources.errors import Bomb, Encrypted, LiesAboutType, NoSpace, NotATable, TooLarge
from deskhand.erp.sources.model import Limits
from deskhand.erp.sources.packages import check_declared, check_names

MOST_FILES = 500
_NO_TABLES = re.compile(r"(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)|/$")
_WORKBOOK = re.compile(r"xl/workbook\.(?:xml|bin)$|mimetype$|\[Content_Types\]\.xml$|META-INF/|AndroidManifest\.xml$")
_TABLES = (".csv", ".tsv", ".txt", ".tab", ".dat", ".asc", ".psv", ".json", ".jsonl", ".ndjson", ".xlsx", ".xls",
           ".xlsb", ".ods", ".et", ".html", ".htm", ".xml")  # fmt: skip
_MARK = 0x800  # names are UTF-8


class _Part(Protocol):
    def read(self, size: int, /) -> bytes: ...


def is_archive(content: Content) -> bool:
    """Whether a ZIP holds tables, rather than being a workbook or something else of its own. A damaged one is none."""
    try:
        with content.open() as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError):
        return False
    names = [info.filename for info in infos]
    return any(map(_is_table, names)) and not any(map(_WORKBOOK.match, names))


def _is_table(name: str) -> bool:
    return name.lower().endswith(_TABLES) and not _NO_TABLES.search(name)


def of_zip(content: Content, limits: Limits) -> tuple[list[Content], int]:
    """The tables in it by their names, and how many other files it holds.

    Raises:
        Bomb, Encrypted, HasMacros, LiesAboutType, NameNotAllowed, NoSpace, NotATable, TooLarge.
    """
    with _told(content), content.open() as file, zipfile.ZipFile(file) as archive:
        infos = archive.infolist()
        check_names(content, infos)
        check_declared(content, infos, limits)
        wanted = [info for info in infos if _is_table(info.filename)]
        if len(wanted) > MOST_FILES:
            raise Bomb(f"{content.name} holds {len(wanted):,} tables; at most {MOST_FILES:,} are taken together")
        left = limits.unpacked
        found: list[Content] = []
        for info, name in zip(wanted, _names(wanted), strict=True):
            with archive.open(info) as part:
                found.append(_unpacked(f"{content.name}:{name}", part, left, content.name))
            left -= found[-1].size
    others = sum(not _NO_TABLES.search(info.filename) for info in infos) - len(wanted)
    return [one for one in found if one.size], others


def of_gzip(content: Content, limits: Limits) -> Content:
    """What was packed.

    Raises:
        Bomb, LiesAboutType, NoSpace, TooLarge.
    """
    most = min(limits.unpacked, max(limits.ratio * content.size, CHUNK))
    with _told(content), content.open() as file, gzip.GzipFile(fileobj=file) as packed:
        return _unpacked(re.sub(r"(?i)\.gz$", "", content.name), packed, most, content.name)


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """The files' own names; with their folders where two are called alike. No name leads anywhere: none is a path."""
    whole = [_name(info) for info in infos]
    bare = [PurePosixPath(name).name for name in whole]
    return [name if bare.count(name) == 1 else path.replace("/", "-") for name, path in zip(bare, whole, strict=True)]


def _name(info: zipfile.ZipInfo) -> str:
    """Chinese systems write names in GB18030 and don't say so."""
    if info.flag_bits & _MARK or info.filename.isascii():
        return info.filename
    with contextlib.suppress(UnicodeError):
        return info.filename.encode("cp437").decode("gb18030")
    return info.filename


def _unpacked(name: str, part: _Part, most: int, of: str) -> Content:
    """In a temporary file that is gone with what is returned."""
    handle, place = tempfile.mkstemp(prefix="deskhand-unpacked-")
    try:
        with os.fdopen(handle, "wb") as file:
            size = _copied(part, file, most, of)
    except BaseException:
        Path(place).unlink()
        raise
    made = Content(name, size, None, Path(place))
    weakref.finalize(made, Path(place).unlink, missing_ok=True)
    return made


def _copied(part: _Part, file: IO[bytes], most: int, of: str) -> int:
    size = 0
    while chunk := part.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise Bomb(f"{of} unpacks to more than {most:,} bytes")
        try:
            file.write(chunk)
        except OSError as error:
            raise NoSpace(f"there is no room to unpack {of}: {error.strerror}") from error
    return size


@contextmanager
def _told(content: Content) -> Iterator[None]:
    try:
        yield
    except (Bomb, NoSpace, NotATable, TooLarge):
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise LiesAboutType(f"{content.name} is packed, and damaged or cut off") from error
    except RuntimeError as error:  # what zipfile raises for parts with a password
        raise Encrypted(f"{content.name} opens with a password only; pack it without one") from error
