"""Whether a packed workbook may be unpacked at all, before anything is: its size, its parts, what they hold.

Every part is unpacked once in pieces, counted, and forgotten; nothing is written. Knows no cells.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from deskhand.erp.sources.content import CHUNK, Content
from deskhand.erp.sources.errors import (
    Bomb,
    DangerousXml,
    Encrypted,
    HasMacros,
    LiesAboutType,
    NameNotAllowed,
    NotATable,
)
from deskhand.erp.sources.model import Limits

_MOST_PARTS = 10_000
_SMALL = 1 << 20  # parts below may be packed as tightly as they like
_EMPTY_FORMULA = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></)"
)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OTHERS = (
    ("word/", "a document (Word)"), ("ppt/", "slides (PowerPoint)"), ("META-INF/MANIFEST.MF", "a program (Java)"),
    ("AndroidManifest.xml", "a program (Android)"), ("Index/Document.iwa", "an Apple Numbers or Pages document"),
)  # fmt: skip
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


@dataclass
class Package:
    """What was found in a workbook."""

    kind: str  # xlsx, xlsb, ods
    empty_formulas: int = 0
    errors: int = 0
    parts: list[str] = field(default_factory=list)


def inspect(content: Content, limits: Limits) -> Package:
    """Raises Bomb, DangerousXml, Encrypted, HasMacros, LiesAboutType, NameNotAllowed, NotATable."""
    try:
        with content.open() as file, zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            check_names(content, infos)
            package = Package(_kind(content, archive, infos), parts=[info.filename for info in infos])
            check_declared(content, infos, limits)
            _unpacked(content, archive, infos, package, limits)
            return package
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise LiesAboutType(f"{content.name} begins like a workbook and is damaged or cut off") from error
    except RuntimeError as error:  # what zipfile raises for parts with a password
        raise Encrypted(f"{content.name} opens with a password only; save it without one") from error


def check_names(content: Content, infos: list[zipfile.ZipInfo]) -> None:
    """Raises Bomb, Encrypted, HasMacros, NameNotAllowed."""
    if len(infos) > _MOST_PARTS:
        raise Bomb(f"{content.name} has {len(infos):,} parts; no workbook has so many")
    for info in infos:
        if (
            info.filename.startswith(("/", "\\"))
            or ".." in re.split(r"[/\\]", info.filename)
            or ":" in info.filename[:3]
        ):
            raise NameNotAllowed(f"{content.name} holds a part whose name leads out of it")
        if info.flag_bits & 1:
            raise Encrypted(f"{content.name} opens with a password only; save it without one")
        if re.search(r"vbaProject|macrosheets/|Basic/.*\.xml$", info.filename):
            raise HasMacros(f"{content.name} carries macros; save it as XLSX or CSV, which have none")


def _kind(content: Content, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> str:
    names = [info.filename for info in infos]
    if any(name.lower() == "xl/workbook.xml" for name in names):
        return "xlsx"
    if any(name.lower() == "xl/workbook.bin" for name in names):
        return "xlsb"
    if (
        "mimetype" in names
        and archive.getinfo("mimetype").file_size < 200
        and archive.read("mimetype").startswith(_ODS)
    ):
        return "ods"
    what = next((what for start, what in _OTHERS if any(name.startswith(start) for name in names)), "")
    raise NotATable(f"{content.name} is {what or 'an archive (ZIP) without tables'}, no workbook")


def check_declared(content: Content, infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Raises Bomb: by what it says of itself."""
    total = sum(info.file_size for info in infos)
    if total > limits.unpacked:
        raise Bomb(f"{content.name} unpacks to {total:,} bytes; at most {limits.unpacked:,} are taken")
    for info in infos:
        if info.file_size > _SMALL and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise Bomb(f"{content.name} holds a part that unpacks to more than {limits.ratio} times its size")


def _unpacked(
    content: Content, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], package: Package, limits: Limits
) -> None:
    total = 0
    for info in infos:
        xml = info.filename.lower().endswith((".xml", ".rels"))
        sheet = "worksheets/" in info.filename.lower()
        first = True  # what is defined is defined before everything else
        for chunk, fresh in _pieces(archive, info):
            total += fresh
            if total > limits.unpacked:
                raise Bomb(f"{content.name} unpacks to more than {limits.unpacked:,} bytes")
            if xml and first and _defines(chunk):
                raise DangerousXml(f"{content.name} defines XML entities, which no workbook needs")
            if sheet and xml:
                package.empty_formulas += len(_EMPTY_FORMULA.findall(chunk)) if _has_formulas(chunk) else 0
                package.errors += chunk.count(b't="e"')
            first = False


def _has_formulas(chunk: bytes) -> bool:
    return b"</f>" in chunk or b"<f" in chunk or b":f>" in chunk


def _defines(chunk: bytes) -> bool:
    """Whether it names a DTD or an entity, in UTF-16 too."""
    return b"<!" in chunk and _DOCTYPE.search(chunk) is not None or b"<\0!\0" in chunk or b"\0<\0!" in chunk


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Pieces that end where a cell ends, so that nothing is met twice or torn; and how much of each is new."""
    rest = b""
    with archive.open(info) as part:
        while fresh := part.read(CHUNK):
            chunk = rest + fresh
            cut = chunk.rfind(b"</c>") + 4 if len(fresh) == CHUNK else len(chunk)
            cut = cut if cut > 3 else len(chunk)
            rest = chunk[cut:] if len(chunk) - cut < CHUNK else b""
            yield chunk[:cut], len(fresh)
    if rest:
        yield rest, 0
