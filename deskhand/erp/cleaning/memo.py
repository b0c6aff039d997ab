"""One column's values, each distinct one read once. Knows no rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deskhand.erp.cleaning.model import Change, Value, Values
from deskhand.erp.cleaning.outcome import Read
from deskhand.erp.cleaning.readers import Reader
from deskhand.erp.sources.framed import Coded, Shared

MOST = 30_000  # distinct values that are kept of a column
MOST_CHARACTERS = 8_000_000  # of them together


@dataclass
class Column:
    """What one batch's cells came to.

    Attributes:
        values: one for each cell.
        has_missing: whether any value is None.
        remarks: by position, what is more than a changed value: faults, warnings, roundings, units.
        changes: how many cells were changed in which way.
    """

    values: Values
    has_missing: bool = False
    remarks: dict[int, Read] = field(default_factory=dict)
    changes: Counter[Change] = field(default_factory=Counter)


class Memo(dict[object, Value | None]):
    """Cell -> value, filled as cells come. Equal cells are one, but for True and 1, which are kept out of it."""

    def __init__(self, read: Reader, plain: Callable[[str], bool] | None = None) -> None:
        """`plain` says of many a text, at little cost, that it reads as itself."""
        self._read = read
        self._plain = plain
        self._notes: dict[object, Read] = {}
        self._of_texts = True  # all that is noted is
        self._telling = False  # some note is a remark
        self._characters = 0
        self._missing = False  # some cell reads as missing

    def column(self, cells: Sequence[object]) -> Column:
        """Reads the cells of one batch."""
        if len(self) > MOST or self._characters > MOST_CHARACTERS:
            self.clear()
            self._notes.clear()
            self._characters = 0
        if isinstance(cells, Coded):
            return self._coded(cells)
        try:
            values = list(map(self.__getitem__, cells))
        except TypeError:  # a cell that can't be a key, a list of JSON say
            cells = [cell if isinstance(cell, str) or is_key(cell) else str(cell) for cell in cells]
            values = list(map(self.__getitem__, cells))
        found = Column(values, self._missing)
        if self._notes:
            self._annotate(found, cells)
        return found

    def _coded(self, cells: Coded) -> Column:
        """The same, by the distinct texts."""
        read = list(map(self.__getitem__, cells.distinct))
        found = Column(Shared(read, cells.codes), self._missing)
        notes = {code: self._notes[text] for code, text in enumerate(cells.distinct) if text in self._notes}
        counts = cells.counts() if notes else Counter()
        for code, note in notes.items():
            for change in note.changes:
                found.changes[change] += counts[cells.distinct[code]]
        telling = [code for code, note in notes.items() if _is_telling(note)]
        if telling:
            places = cells.places(telling)
            found.remarks = dict(zip(places, map(notes.__getitem__, cells.codes.gather(places)), strict=True))
        return found

    def __missing__(self, cell: object) -> Value | None:
        if isinstance(cell, str):
            self._characters += len(cell)
            if self._plain is not None and self._plain(cell):
                self[cell] = cell
                return cell
        read = self._read(cell)
        if read.is_remarkable:
            self._notes[_key(cell)] = read
            self._of_texts = self._of_texts and isinstance(cell, str)
            self._telling = self._telling or _is_telling(read)
        if read.value is None:
            self._missing = True
        if cell.__class__ is str or cell not in (0, 1):
            self[cell] = read.value
        return read.value

    def _annotate(self, found: Column, cells: Sequence[object]) -> None:
        notes = self._notes
        telling = False
        counts = Counter(cells)
        for cell in counts.keys() & notes.keys() if self._of_texts else counts:
            note = notes.get(_key(cell))
            if note is not None:
                for change in note.changes:
                    found.changes[change] += counts[cell]
                telling = telling or _is_telling(note)
        if telling and self._telling:
            at = ((position, notes.get(_key(cell))) for position, cell in enumerate(cells))
            found.remarks = {position: note for position, note in at if note is not None and _is_telling(note)}


def _key(cell: object) -> object:
    return cell if cell.__class__ is str else (cell.__class__, cell)


def is_key(cell: object) -> bool:
    """Whether a cell can be told from others by its value."""
    try:
        hash(cell)
    except TypeError:
        return False
    return True


def _is_telling(read: Read) -> bool:
    return bool(read.reason or read.warning or read.unit or read.original is not None)
