"""A large delimited text in blocks of lines: those that are regular are split into columns at once, by polars.

A block is regular where every line is one row with a value for each column, and quotes enclose whole values of one
line. polars is asked for nothing else; what it would take in another way than the csv module never comes to it.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from deskhand.erp.sources.dialect import Dialect
from deskhand.erp.sources.framed import FramedRows

if TYPE_CHECKING:
    import polars as pl

SMALLEST = 1 << 20  # bytes of a text that is worth it: to load polars takes a tenth of a second, and 40 MB
FIRST, BLOCK = 1 << 16, 1 << 22  # bytes; the first is small, since samples are taken of it
_LONE_RETURN = re.compile(rb"\r(?!\n)")  # half the time of counting what ends lines
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a text. `rows` where they are regular; `lines` where each still is one row, whatever it holds; neither
    where nobody can say without reading on.
    """

    count: int
    rows: FramedRows | None = None
    lines: list[str] | None = None

    @property
    def is_open(self) -> bool:
        """Whether its last line may go on in the next block."""
        return self.rows is None and self.lines is None


def can_be_split(dialect: Dialect) -> bool:
    """Whether rows are written in the way that everybody means."""
    signs = dialect.delimiter + dialect.quote
    return len(dialect.delimiter) == 1 and len(signs) <= 2 and signs.isascii() and not dialect.backslash


def blocks(file: BinaryIO, first_line: int, dialect: Dialect, width: int) -> Generator[Block, None, None]:
    """From a line on, to the end or to a block of which nobody can say what its lines are. While one is looked at, the
    next is split: polars needs no Python for it.
    """
    splitter = _Splitter(dialect, width)
    if not _skipped(file, first_line - 1):
        yield Block(0)
        return
    block = splitter.next(file, FIRST)
    if block is None or block.is_open:
        yield from filter(None, [block])
        return
    yield block  # samples are taken of it alone
    with ThreadPoolExecutor(1, thread_name_prefix="import-reads") as thread:
        coming = thread.submit(splitter.next, file, BLOCK)
        while (block := coming.result()) is not None:
            if not block.is_open:
                coming = thread.submit(splitter.next, file, BLOCK)
            yield block
            if block.is_open:
                return


def _skipped(file: BinaryIO, lines: int) -> bool:
    """Whether so many lines could be passed by; a line may end with a carriage return alone, but not here."""
    start = file.read(len(_BOM))
    if start != _BOM:
        file.seek(0)
    return all(b"\r" not in file.readline().removesuffix(b"\n").removesuffix(b"\r") for _ in range(lines))


class _Splitter:
    """Of one table."""

    def __init__(self, dialect: Dialect, width: int) -> None:
        self._dialect = dialect
        self._width = width
        self._asked: set[int] = set()  # columns that somebody has looked at: of the next blocks they are made ready
        self._delimiter, self._quote = dialect.delimiter.encode(), dialect.quote.encode()
        self._quoted = _quoted(self._quote, self._delimiter)

    def next(self, file: BinaryIO, size: int) -> Block | None:
        """About so many bytes of whole lines; None at the end."""
        data = file.read(size)
        if not data:
            return None
        return self.split(data if data.endswith(b"\n") else data + file.readline())

    def split(self, data: bytes) -> Block:
        """`data`: whole lines."""
        if not data.endswith(b"\n"):
            data += b"\n"
        bare, count = data, data.count(b"\n")
        if self._quote and self._quote in data:
            bare = self._quoted.sub(b"", data)
        if _LONE_RETURN.search(data) or (self._quote and self._quote in bare):
            return Block(count)
        if bare.count(self._delimiter) == count * (self._width - 1):
            frame = self._framed(data)
            if frame is not None and frame.height == count:
                return Block(count, FramedRows(frame, self._asked))
        return Block(count, lines=data.decode().split("\n")[:-1])

    def _framed(self, data: bytes) -> pl.DataFrame | None:
        """None: some line has more values than there are columns, so another has fewer."""
        import polars as pl  # only where a large file comes in: most services never see one

        schema = {str(index): pl.String for index in range(self._width)}
        try:
            return pl.read_csv(
                data, has_header=False, schema=schema, separator=self._dialect.delimiter,
                quote_char=self._dialect.quote or None, empty_string_is_null=False,
            )  # fmt: skip
        except pl.exceptions.PolarsError:
            return None


def _quoted(quote: bytes, delimiter: bytes) -> re.Pattern[bytes]:
    """Values within quotes, in which others are doubled. It begins with the quote itself, which is quickly found; then
    what stands before it is looked at. No sign is looked at twice.
    """
    quote, delimiter = re.escape(quote), re.escape(delimiter)
    within = rb"[^%b\n]*+(?:%b%b[^%b\n]*+)*+" % (*[quote] * 4,)
    return re.compile(rb"%b(?<![^%b\n]%b)%b%b(?=[%b\r\n])" % (quote, delimiter, quote, within, quote, delimiter))
