"""Records from files and folders, one after another: nothing is held but the piece in hand.

Knows no cleaning. Files are taken in the order of their names, so that a run can be repeated.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from llm_server.data.encodings import encoding_of
from llm_server.data.errors import BrokenFile, DataUnusable
from llm_server.data.mail import letters_in
from llm_server.data.markup import text_of_html
from llm_server.data.plan import SourceFiles
from llm_server.data.records import Kind, Record

LONGEST_LINE = 5_000_000  # characters; a longer one is no row of a table
LONGEST_LIST = 200_000_000  # characters of one JSON list, which is read whole
TOLERATED = 0.2  # the share of broken rows with which a file is still used
_LEAST_ROWS = 5  # fewer are looked at one by one, not as a share
_PLAIN = {".txt", ".md", ".rst", ".log", ".text", ""}
_WEB = {".html", ".htm"}
_MAIL = {".eml", ".mbox"}
_ROWS = {".jsonl", ".ndjson", ".json"}
_TABLES = {".csv": ",", ".tsv": "\t"}


@dataclass
class Told:
    """What reading has to say: files by source, and rows that were left out, with examples."""

    files: int = 0
    bytes: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def leave_out(self, why: str, where: str) -> None:
        self.counts[why] += 1
        if len(self.examples) < 50:
            self.examples.append(f"{where}: {why}")


def read(source: SourceFiles, told: Told, piece: int = 200_000) -> Iterator[Record]:
    """All records of a source.

    Args:
        piece: characters after which a long text is cut, at a paragraph's end.

    Raises:
        BrokenFile: more than a fifth of a file's rows can't be used.
        DataUnusable: a file of a kind that can't be read stands for the source itself.
    """
    for path in _files(source):
        reader = _reader(source, path)
        if reader is None:
            told.leave_out("a kind of file that isn't read", _name(source, path))
            continue
        told.files += 1
        told.bytes += path.stat().st_size
        yield from reader(source, path, told, piece)


def _files(source: SourceFiles) -> list[Path]:
    if source.path.is_file():
        if _reader(source, source.path) is None:
            raise DataUnusable(f"{source.path} can't be read as {source.kind}: {_wanted(source.kind)} are.")
        return [source.path]
    return sorted(path for path in source.path.rglob("*") if path.is_file() and not path.name.startswith("."))


def _name(source: SourceFiles, path: Path) -> str:
    """A file as the source sees it: the same wherever the data lies, so that its part stays the same."""
    return path.relative_to(source.path.parent).as_posix()


def _wanted(kind: Kind) -> str:
    names = {
        Kind.TEXT: _PLAIN | _WEB | _MAIL | _ROWS, Kind.PAIR: _ROWS, Kind.LABEL: _ROWS | set(_TABLES),
    }[kind]  # fmt: skip
    return ", ".join(sorted(names - {""}))


Reader = Callable[[SourceFiles, Path, Told, int], Iterator[Record]]


def _reader(source: SourceFiles, path: Path) -> Reader | None:
    suffix = path.suffix.lower()
    if suffix in _ROWS:
        return _rows
    if source.kind is Kind.LABEL:
        return _table if suffix in _TABLES else None
    if source.kind is Kind.PAIR:
        return None
    return _plain if suffix in _PLAIN else _web if suffix in _WEB else _mail if suffix in _MAIL else None


def _plain(source: SourceFiles, path: Path, told: Told, piece: int) -> Iterator[Record]:
    with _open(source, path) as file:
        for number, text in enumerate(_pieces(file, piece), 1):
            yield Record(
                Kind.TEXT,
                text,
                language=source.language,
                group=_name(source, path),
                origin=f"{_name(source, path)}#{number}",
            )


def _web(source: SourceFiles, path: Path, told: Told, piece: int) -> Iterator[Record]:
    name = _name(source, path)
    with _open(source, path) as file:
        text = text_of_html(file.read(LONGEST_LINE))
        if file.read(1):
            told.leave_out(f"what stands behind {LONGEST_LINE:,} characters of a page", name)
    yield Record(Kind.TEXT, text, language=source.language, group=name, origin=name)


def _mail(source: SourceFiles, path: Path, told: Told, piece: int) -> Iterator[Record]:
    for number, letter in enumerate(letters_in(path), 1):
        where = f"{_name(source, path)}#{number}"
        if letter is None:
            told.leave_out("a letter without text", where)
        else:
            yield Record(
                Kind.TEXT, letter.text, language=source.language, group=letter.thread or where, origin=where
            )  # fmt: skip


def _rows(source: SourceFiles, path: Path, told: Told, piece: int) -> Iterator[Record]:
    """JSON lines; a file that is one JSON list is taken too."""
    count = _Usable(path, told)
    with _open(source, path) as file:
        for number, row in _values(file):
            where = f"{_name(source, path)}:{number}"
            record = _record(source, row, where)
            if isinstance(record, str):
                count.broken(record, where)
            else:
                count.good()
                yield record
    count.judge()


def _values(file: TextIO) -> Iterator[tuple[int, object]]:
    """(line, value); the value is an Exception where there is none."""
    start = file.read(64).lstrip("\ufeff \r\n\t")[:1]
    file.seek(0)
    if start == "[":
        yield from enumerate(_list(file), 1)
        return
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            yield number, ValueError("a row longer than 5 million characters")
            while line and not line.endswith("\n"):
                line = file.readline(LONGEST_LINE)
        elif line.strip():
            yield number, _loaded(line)


def _list(file: TextIO) -> list[object]:
    text = file.read(LONGEST_LIST)
    if file.read(1):
        return [ValueError(f"a JSON list of more than {LONGEST_LIST:,} characters; write a row a line, .jsonl")]
    found = _loaded(text)
    return found if isinstance(found, list) else [found]


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        return ValueError(f"no JSON ({problem})")


def _table(source: SourceFiles, path: Path, told: Told, piece: int) -> Iterator[Record]:
    count = _Usable(path, told)
    csv.field_size_limit(LONGEST_LINE)
    with _open(source, path, newline="") as file:
        rows = csv.DictReader(file, delimiter=_TABLES[path.suffix.lower()])
        try:
            for row in rows:
                record = _record(source, row, where := f"{_name(source, path)}:{rows.line_num}")
                if isinstance(record, str):
                    count.broken(record, where)
                else:
                    count.good()
                    yield record
        except csv.Error as problem:
            raise DataUnusable(f"{path}:{rows.line_num}: {problem}") from problem
    count.judge()


def _record(source: SourceFiles, row: object, where: str) -> Record | str:
    """The record that a row says; a sentence where it says none."""
    if isinstance(row, Exception):
        return str(row)
    if not isinstance(row, Mapping):
        return "no object with named values"
    wanted = {Kind.TEXT: ("text",), Kind.PAIR: ("prompt", "text"), Kind.LABEL: ("text", "label")}[source.kind]
    for name in wanted:
        if not isinstance(row.get(name), str) or not row[name].strip():
            return f"`{name}` is missing or no text; it has {', '.join(map(str, row))[:80] or 'nothing'}"
    return Record(
        source.kind, row["text"], prompt=_text(row, "prompt") if source.kind is Kind.PAIR else "",
        system=_text(row, "system"), label=_text(row, "label").strip() if source.kind is Kind.LABEL else "",
        language=_text(row, "language") or source.language, job=_text(row, "job"), facts=_facts(row.get("facts")),
        group=_text(row, "group") or where, origin=where,
    )  # fmt: skip


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _facts(given: object) -> tuple[str, ...]:
    """The values of facts however deep they lie."""
    if isinstance(given, Mapping):
        return tuple(fact for value in given.values() for fact in _facts(value))
    if isinstance(given, list):
        return tuple(fact for value in given for fact in _facts(value))
    return (str(given),) if given not in (None, "") and not isinstance(given, bool) else ()


class _Usable:
    """How much of a file can be used."""

    def __init__(self, path: Path, told: Told) -> None:
        self._path, self._told = path, told
        self._good = self._broken = 0
        self._example = ""

    def good(self) -> None:
        self._good += 1

    def broken(self, why: str, where: str) -> None:
        self._broken += 1
        self._example = self._example or f"{where} ({why})"
        self._told.leave_out("a row that can't be used", f"{where} ({why})")

    def judge(self) -> None:
        rows = self._good + self._broken
        if self._broken and (not self._good or rows >= _LEAST_ROWS and self._broken / rows > TOLERATED):
            raise BrokenFile(self._path, self._broken, rows, self._example)


def _open(source: SourceFiles, path: Path, newline: str | None = None) -> TextIO:
    return path.open(encoding=source.encoding or encoding_of(path), errors="replace", newline=newline)


def _pieces(file: TextIO, longest: int) -> Iterator[str]:
    """A text in pieces of at most `longest` characters, cut at a paragraph's, line's or sentence's end."""
    held = ""
    while more := file.read(1 << 16):
        held += more
        while len(held) > longest:
            cut = _end_of_something(held, longest)
            yield held[:cut]
            held = held[cut:]
    if held.strip():
        yield held


def _end_of_something(text: str, longest: int) -> int:
    for sign in ("\n\n", "\n", "。", ". ", " "):
        found = text.rfind(sign, longest // 2, longest)
        if found > 0:
            return found + len(sign)
    return longest
