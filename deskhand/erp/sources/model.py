"""What a source gives: tables whose rows come in batches, and what was left out of them. Knows no format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from deskhand.erp.sources.framed import FramedRows

Cell = str | int | float | Decimal | datetime | date | bool | None
Row = Sequence[Cell]
ROWS_A_BATCH = 2000  # few enough to stay in a processor's own memory while they are read and cleaned
MOST_TOLD = 10_000  # rows that are told one by one; the counts are of all


@dataclass(frozen=True, slots=True)
class Limits:
    """What we take of one source. Reached limits are told, never cut silently."""

    bytes: int = 2 << 30  # of a file as it lies there
    unpacked: int = 1 << 30  # of a packed file, all its parts together
    ratio: int = 200  # how much larger a packed part may get
    line: int = 1 << 20  # characters of a line, and of a value
    columns: int = 1000
    cells: int = 40_000_000  # of one sheet, the empty ones between counted
    rows: int = 5_000_000
    depth: int = 32  # of nested JSON
    spool: int = 4 << 30  # bytes of a temporary file
    seconds: int = 300  # of processor time for a workbook
    memory: int = 2 << 30  # of the process that reads a workbook
    pages: int = 10_000  # of an HTTP source


class Why(StrEnum):
    """Why a row is not among the rows of its table, or not as it stands there."""

    PREAMBLE = "preamble"  # above the header
    REPEATED_HEADER = "repeated_header"
    TOTALS = "totals"  # a sum of the rows above
    FOOTER = "footer"  # a remark below them
    BLANK = "blank"  # counted, not told one by one
    TOO_SHORT = "too_short"  # kept: filled up with nothing
    WRITTEN_OTHERWISE = "written_otherwise"  # kept: parted by another sign than the rest, or quoted as one value
    TOO_LONG = "too_long"  # left out: more values than columns, it can't be said which is which
    WRONG_BYTES = "wrong_bytes"  # kept: a sign stands for what can't be read


@dataclass(frozen=True, slots=True)
class Skipped:
    """One row that was left out, or mended; `values` as they stood there."""

    line: int
    why: Why
    values: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a whole file or sheet that people should know: a stable code and what it is about."""

    code: str  # not_as_named, sheet_hidden, sheet_empty, no_header, two_row_header, formula_without_value, ...
    about: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows and where each begins. Every row has as many values as the header."""

    lines: Sequence[int]
    rows: Sequence[Row]

    def column(self, index: int) -> Sequence[Cell]:
        """The cells of one column."""
        if isinstance(self.rows, FramedRows):
            return self.rows.column(index)
        return list(map(itemgetter(index), self.rows))


class Leftovers:
    """The rows that one pass left out: all counted, the first ones kept."""

    def __init__(self) -> None:
        self.rows: list[Skipped] = []
        self.counts: Counter[Why] = Counter()

    def add(self, line: int, why: Why, values: Sequence[Cell] = ()) -> None:
        self.counts[why] += 1
        if why is not Why.BLANK and len(self.rows) < MOST_TOLD:
            self.rows.append(Skipped(line, why, tuple(values)))


@dataclass(slots=True)
class Table(ABC):
    """One sheet, one text table, one list of records: a header and the rows below it.

    `leftovers` are of the last pass that `batches` began; they are whole when it ended.
    """

    name: str  # "orders.xlsx:Sheet1"
    header: tuple[str, ...]
    header_line: int  # 0: it has none of its own
    told: str = ""  # encoding and dialect, or the kind of workbook, for people
    notes: list[Note] = field(default_factory=list)
    leftovers: Leftovers = field(default_factory=Leftovers)

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """The rows from the first on, as often as it is called.

        Raises:
            FileNotReadable, SourceNotReached.
        """

    @property
    def skipped(self) -> list[Skipped]:
        return self.leftovers.rows

    @property
    def noticed(self) -> Counter[str]:
        """What was met beside records, by code: rows that were left out or mended in the last pass, and the notes."""
        found = Counter({str(why): count for why, count in self.leftovers.counts.items() if count})
        found.update({note.code: note.count for note in self.notes if note.code != Why.WRONG_BYTES})
        return found

    def sample(self, rows: int = 200) -> list[Row]:
        """The first rows, to see what the columns hold."""
        return list(islice((row for batch in self.batches() for row in batch.rows), rows))


@dataclass(frozen=True)
class Source:
    """Where tables come from. `name` is what reports call it; it is never opened as a path."""

    name: str

    @staticmethod
    def of(path: Path) -> FileSource:
        return FileSource(path.name, path=path)

    @staticmethod
    def held(name: str, data: bytes) -> FileSource:
        return FileSource(name, data=data)


@dataclass(frozen=True)
class FileSource(Source):
    """A file on disk, or its bytes."""

    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SqlSource(Source):
    """A query of another system's database; only read, and never shown with its password."""

    url: str = field(default="", repr=False)
    query: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


class Paging(StrEnum):
    """How an HTTP source says that there is more."""

    NONE = "none"
    LINK = "link"  # Link: <...>; rel="next"
    NEXT = "next"  # an address in the answer
    PAGE = "page"  # ?page=2
    OFFSET = "offset"  # ?offset=100
    CURSOR = "cursor"  # a token in the answer, sent back


@dataclass(frozen=True)
class HttpSource(Source):
    """Records that another system gives as JSON. Its address comes from the administrator's files alone."""

    url: str = ""
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    parameters: dict[str, str] = field(default_factory=dict)
    records: str = ""  # where the list stands in the answer, "data.orders"; looked for when empty
    paging: Paging = Paging.NONE
    page_parameter: str = "page"
    first_page: int = 1
    size_parameter: str = ""
    size: int = 100
    next_at: str = ""  # where the next address or cursor stands in the answer
    allow_http: bool = False
    seconds: float = 30.0
