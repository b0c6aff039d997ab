"""Files of other systems -> rows of text with their line numbers. Knows encodings and CSV, nothing of orders."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENCODINGS = ("utf-8-sig", "gb18030")
SAMPLE = 64 * 1024
DELIMITERS = ",;\t|"


class FileNotReadable(Exception):
    """The file is no table of text; the message says what it looks like."""


@dataclass(frozen=True)
class Source:
    """One file, whole, under the name that the report uses."""

    name: str
    data: bytes

    @classmethod
    def of(cls, path: Path) -> Source:
        return cls(path.name, path.read_bytes())


@dataclass(frozen=True)
class Row:
    """One row: the file's name, the number of its first line (the header is line 1), the values as written."""

    file: str
    line: int
    values: tuple[str, ...]


def read_rows(source: Source) -> tuple[list[str], Iterator[Row]]:
    """The header and the rows after it; empty rows are left out.

    Raises:
        FileNotReadable: empty, binary, or not decodable.
    """
    text = _decode(source)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:SAMPLE]))
    try:
        header = next(reader)
    except (StopIteration, csv.Error) as problem:
        raise FileNotReadable(f"{source.name} has no header row") from problem
    return [name.strip() for name in header], _rows(source.name, reader)


def _rows(name: str, reader: Iterator[list[str]]) -> Iterator[Row]:
    line = 2
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise FileNotReadable(f"{name}, line {line}: {problem}") from problem
        if any(value.strip() for value in values):
            yield Row(name, line, tuple(values))
        line = reader.line_num + 1  # type: ignore[attr-defined]  # csv.reader has it, Iterator does not say so


def _decode(source: Source) -> str:
    if not source.data.strip():
        raise FileNotReadable(f"{source.name} is empty")
    if b"\0" in source.data[:SAMPLE] and not source.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileNotReadable(f"{source.name} is not a text file; save it as CSV and try again")
    encodings = ("utf-16",) if source.data.startswith((b"\xff\xfe", b"\xfe\xff")) else ENCODINGS
    for encoding in encodings:
        try:
            return source.data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileNotReadable(f"{source.name} is neither UTF-8 nor GB18030 nor UTF-16 text")


def _delimiter(sample: str) -> str:
    """The delimiter that the header has most of, a comma when there is none."""
    header = sample.split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)
