"""JSON and JSON lines as records, one after the other: no more of a file is held than one record takes.

Knows no columns.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TextIO

from deskhand.erp.sources.content import Content
from deskhand.erp.sources.errors import LiesAboutType, NothingThere, TooLarge
from deskhand.erp.sources.model import Limits, Note, Table
from deskhand.erp.sources.records import Flattened, is_record, records_in
from deskhand.erp.sources.scanning import scan

WHOLE = 8 << 20  # characters of a text, or of one record, that are read at once
_MOST_BROKEN = 1000
_DECODER = json.JSONDecoder(parse_float=Decimal)
_BLANK = re.compile(r"[\s,]*")
_LIST = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*(?=\{)')


def open_json(content: Content, limits: Limits) -> Table:
    """Raises FileNotReadable."""
    found = scan(content, Limits(**{**_fields(limits), "line": limits.bytes}))
    flattened = Flattened(content.name, limits)
    with io.TextIOWrapper(content.open(), encoding=found.encoding, errors="replace", newline="\n") as text:
        try:
            window = _Window(text, content.name)
            for line, record in _records(window):
                flattened.add(record, line)
        except RecursionError as error:
            raise TooLarge(f"{content.name} is nested too deep") from error
    table = flattened.table(f"{found.encoding.removesuffix('-sig')}, JSON")
    if window.broken:
        table.notes.append(Note("broken_records", ", ".join(map(str, window.broken[:20])), len(window.broken)))
    return table


def _fields(limits: Limits) -> dict[str, int]:
    return {name: getattr(limits, name) for name in limits.__dataclass_fields__}


def _records(window: _Window) -> Iterator[tuple[int, Any]]:
    if window.all_there:
        whole = _whole(window.text)
        if whole is not None:
            yield from enumerate(records_in(whole[0]), 1)
            return
    start = window.text.lstrip("\ufeff \t\r\n")[:1]
    if start == "{":
        window.by_lines = _is_lines(window.text)
        if not window.by_lines:
            window.go_to_list()
    elif start == "[":
        window.skip(window.text.index("[") + 1)
    yield from window.records()


def _whole(text: str) -> tuple[Any] | None:
    """The one value that a text is; None when it is several, or none."""
    try:
        return (json.loads(text.lstrip("\ufeff"), parse_float=Decimal),)
    except ValueError:
        return None


def _is_lines(text: str) -> bool:
    """Whether the first record ends and another begins."""
    try:
        first, end = _DECODER.raw_decode(text.lstrip("\ufeff \t\r\n"))
    except ValueError:
        return False
    rest = text.lstrip("\ufeff \t\r\n")[end:].lstrip()
    return rest.startswith("{") or (isinstance(first, dict) and is_record(first))


class _Window:
    """The part of a text that is held, moved on as it is read."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._source = text
        self._name = name
        self.text = text.read(WHOLE).lstrip("\ufeff")
        self.all_there = len(self.text) < WHOLE - 1
        self._place = 0
        self._line = 1
        self.by_lines = False
        self.broken: list[int] = []  # lines that hold no record

    def skip(self, count: int) -> None:
        self._place += count

    def go_to_list(self) -> None:
        """To the first record of the first list of records, wherever it is in the answer."""
        found = _LIST.search(self.text)
        if found is None:
            raise LiesAboutType(f"{self._name} is JSON, but no list of records was found in its first part")
        self._place = found.end()

    def records(self) -> Iterator[tuple[int, Any]]:
        """Each with its line."""
        count = 0
        while self._to_record():
            try:
                record, end = _DECODER.raw_decode(self.text, self._place)
            except ValueError as error:
                if self._more():
                    continue
                if self._skip_line():
                    continue
                raise self._fault(count, error) from error
            if end == len(self.text) and not isinstance(record, dict | list) and self._more():
                continue  # a number that may go on
            yield self._line, record
            count += 1
            self._line += self.text.count("\n", self._place, end)
            self._place = end
        if not count:
            raise NothingThere(f"{self._name} holds no records")

    def _skip_line(self) -> bool:
        """Over a line that is none, where each line is a record of its own."""
        end = self.text.find("\n", self._place)
        if not self.by_lines or len(self.broken) >= _MOST_BROKEN:
            return False
        self.broken.append(self._line)
        self._place = end if end >= 0 else len(self.text)
        return True

    def _to_record(self) -> bool:
        """Whether another record begins where we stand, after blanks and commas."""
        while True:
            found = _BLANK.match(self.text, self._place)
            end = found.end() if found else self._place
            self._line += self.text.count("\n", self._place, end)
            self._place = end
            if end < len(self.text):
                return self.text[end] not in "]}"
            if not self._more():
                return False

    def _more(self) -> bool:
        """Reads on; what was read before is let go."""
        if self.all_there:
            return False
        rest = self.text[self._place :]
        if len(rest) > 2 * WHOLE:
            raise TooLarge(f"{self._name} has a record of more than {2 * WHOLE:,} characters", line=self._line)
        fresh = self._source.read(WHOLE)
        self.all_there = not fresh
        self.text, self._place = rest + fresh, 0
        return bool(fresh)

    def _fault(self, count: int, error: ValueError) -> LiesAboutType:
        where = f"record {count + 1}, line {self._line}"
        return LiesAboutType(f"{self._name} is cut off or no JSON at {where}", line=self._line)
