"""One look at all bytes of a text before any of it is read: its encoding, what can't be decoded, and what would harm.

Works on chunks, so that neither a long file nor a long line fills the memory. Knows no columns.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from deskhand.erp.sources import charset
from deskhand.erp.sources.content import CHUNK, Content
from deskhand.erp.sources.errors import EncodingUnknown, LineTooLong, NulBytes
from deskhand.erp.sources.model import Limits

_TELLING = 256 * 1024  # bytes of lines that are not ASCII: enough to know an encoding by
_FROM_A_CHUNK = 300  # such lines of each megabyte
_TOLD = 1000
_HIGH = re.compile(rb"[\x80-\xff]")
_LINE_END = re.compile(rb"[\r\n]")
_APOSTROPHE = re.compile(rb"""'(?<=[,;|\t"\r\n]')[-+=@\d]""")  # '0012, and ="0012": so that Excel reads no number


@dataclass
class Scan:
    """What was found."""

    encoding: str
    wrong: list[int] = field(default_factory=list)  # lines with bytes that are no text
    wrong_count: int = 0
    protected: bool = False  # cells may be written ="0012" or '0012
    tabs: bool = False  # cells may begin or end with a tab
    lines: int = 0


def scan(content: Content, limits: Limits) -> Scan:
    """Raises NulBytes, LineTooLong, EncodingUnknown."""
    start = content.start(CHUNK)
    encoding = charset.bom_encoding(start) or (charset.wide_encoding(start) if b"\0" in start else None)
    if encoding in (None, "utf-8-sig"):
        return _scan_bytes(content, limits)
    found = Scan(str(encoding), protected=True, tabs=True)
    _decode(content, found, limits)
    return found


def _scan_bytes(content: Content, limits: Limits) -> Scan:
    """Of an encoding whose line ends and delimiters are bytes of ASCII."""
    found = Scan("utf-8-sig")
    unbroken = 0
    plain = True
    for chunk in _chunks(content):
        if b"\0" in chunk:
            raise NulBytes(f"{content.name} holds NUL bytes, which text never does", line=found.lines + 1)
        unbroken = _line_checked(chunk, unbroken, found.lines, content.name, limits)
        found.lines += chunk.count(b"\n") or chunk.count(b"\r")
        found.protected = found.protected or b'="' in chunk or _APOSTROPHE.search(chunk) is not None
        found.tabs = found.tabs or b"\t" in chunk
        plain = plain and _is_utf8(chunk)
    if not plain:
        _decide(content, found, limits)
    return found


def _is_utf8(chunk: bytes) -> bool:
    """Of whole lines; what is cut by the end of a chunk is looked at by who decodes all of them."""
    if chunk.isascii():
        return True
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decide(content: Content, found: Scan, limits: Limits) -> None:
    found.encoding = "utf-8-sig"
    _decode(content, found, limits)
    if not found.wrong_count:
        return
    telling = _telling(content)
    if charset.mostly_utf8(telling):
        return
    encoding = charset.narrow_encoding(telling)
    if encoding is None:
        raise EncodingUnknown(
            f"{content.name} is in no encoding that is read here: UTF-8, UTF-16, GB18030, Big5, Windows-1252, Shift-JIS"
        )
    found.encoding, found.wrong, found.wrong_count = encoding, [], 0
    _decode(content, found, limits)


def _decode(content: Content, found: Scan, limits: Limits) -> None:
    """Notes the lines that hold wrong bytes; a sign that is cut by the end of a chunk is none."""
    decoder = codecs.getincrementaldecoder(found.encoding)(errors="strict")
    wide = found.encoding.startswith(("utf-16", "utf-32"))
    line, unbroken = 1, 0
    for chunk in _chunks(content, by_lines=not wide):
        carried = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            text = _lenient(carried + chunk, found, line)
            decoder.reset()
        if wide:
            unbroken = _wide_checked(text, unbroken, line, content.name, limits)
        line += text.count("\n") or text.count("\r")


def _lenient(data: bytes, found: Scan, line: int) -> str:
    """With a sign for each thing that is no text."""
    text = data.decode(found.encoding, errors="replace")
    for position, part in enumerate(text.split("\n" if "\n" in text else "\r")):
        if "\ufffd" in part:
            found.wrong_count += 1
            if len(found.wrong) < _TOLD:
                found.wrong.append(line + position)
    return text


def _chunks(content: Content, by_lines: bool = True) -> Iterator[bytes]:
    """Pieces of about a megabyte; they end where a line ends, so that no sign of several bytes is cut."""
    with content.open() as file:
        while chunk := file.read(CHUNK):
            yield chunk + (file.readline(CHUNK) if by_lines and not chunk.endswith(b"\n") else b"")


def _line_checked(chunk: bytes, unbroken: int, lines: int, name: str, limits: Limits) -> int:
    """How many bytes stand after the chunk's last line end."""
    last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    unbroken = unbroken + len(chunk) if last < 0 else len(chunk) - last - 1
    if unbroken > limits.line:
        raise LineTooLong(f"{name} has a line of more than {limits.line:,} characters", line=lines + 1)
    return unbroken


def _wide_checked(text: str, unbroken: int, line: int, name: str, limits: Limits) -> int:
    if "\0" in text:
        raise NulBytes(f"{name} holds NUL bytes, which text never does", line=line)
    last = max(text.rfind("\n"), text.rfind("\r"))
    unbroken = unbroken + len(text) if last < 0 else len(text) - last - 1
    if unbroken > limits.line:
        raise LineTooLong(f"{name} has a line of more than {limits.line:,} characters", line=line)
    return unbroken


def _telling(content: Content) -> bytes:
    """What is not ASCII, as far as there is room."""
    telling = bytearray()
    for chunk in _chunks(content):
        _keep_telling(chunk, telling)
    return bytes(telling)


def _keep_telling(chunk: bytes, telling: bytearray) -> None:
    """Some lines of the chunk that are not ASCII, as far as there is room."""
    place, taken = 0, 0
    while taken < _FROM_A_CHUNK and len(telling) < _TELLING and (found := _HIGH.search(chunk, place)):
        begin = max(chunk.rfind(b"\n", place, found.start()), chunk.rfind(b"\r", place, found.start())) + 1
        end = _LINE_END.search(chunk, found.start())
        place = end.start() if end else len(chunk)
        telling += chunk[max(begin, found.start() - 2048) : min(place, found.start() + 4096)] + b"\n"
        taken += 1
