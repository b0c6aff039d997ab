"""Rows kept in a nameless temporary file, so that they can be read twice without filling the memory. Knows no format.

Nobody else can open the file, and it is gone with the process. Each block is a line of JSON: what a broken workbook
made of the process that reads it can write nothing that does anything here.
"""

from __future__ import annotations

import json
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from deskhand.erp.sources.errors import NoSpace, TooLarge
from deskhand.erp.sources.model import Cell, Limits

Block = tuple[Sequence[int], list[list[Cell]]]


def _tagged(value: Any) -> dict[str, str]:
    """What JSON has no word for: moments, days, exact numbers."""
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"n": str(value)} if isinstance(value, Decimal) else {"s": str(value)}


def _untagged(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    ((tag, text),) = found.items()
    return _READERS[tag](text) if tag in _READERS else found


_READERS: dict[str, Callable[[str], Cell]] = {
    "t": datetime.fromisoformat, "d": date.fromisoformat, "n": Decimal, "s": str,
}  # fmt: skip


class _Owner:
    """What all views of one file hold; the file is closed when the last of them is gone."""


class Spool:
    """Blocks of rows, in the order they were put."""

    def __init__(self, name: str, limits: Limits) -> None:
        """Raises NoSpace."""
        self._name = name
        self._limits = limits
        self._lock = threading.Lock()
        self._places: list[int] = []
        try:
            self.file: IO[bytes] = tempfile.TemporaryFile(prefix="deskhand-import-")
        except OSError as error:
            raise NoSpace(f"there is no room to read {name}: {error.strerror}") from error
        self._owner = _Owner()
        weakref.finalize(self._owner, self.file.close)

    def put(self, lines: Sequence[int], rows: list[list[Cell]]) -> None:
        """Raises NoSpace, TooLarge."""
        with self._lock:
            try:
                place = self.file.seek(0, 2)
                self.file.write(json.dumps([list(lines), rows], default=_tagged).encode() + b"\n")
                self.file.flush()
            except OSError as error:
                raise NoSpace(f"there is no room to read {self._name}: {error.strerror}") from error
            if self.file.tell() > self._limits.spool:
                raise TooLarge(f"{self._name} holds more than is taken of one source")
            self._places.append(place)

    def note(self, places: Sequence[int]) -> None:
        """Blocks that another process put into the file."""
        self._places = list(places)

    def blocks(self) -> Iterator[Block]:
        for place in list(self._places):
            yield self.at(place)

    def at(self, place: int) -> Any:
        with self._lock:
            self.file.seek(place)
            return json.loads(self.file.readline(), object_hook=_untagged)

    def view(self, places: Sequence[int]) -> Spool:
        """The same file with some of its blocks: one sheet of several."""
        part = Spool.__new__(Spool)
        part.__dict__ |= self.__dict__ | {"_places": list(places)}
        return part

    def close(self) -> None:
        self.file.close()
