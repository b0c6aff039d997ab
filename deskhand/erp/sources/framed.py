"""Rows that lie in columns, and columns of which each distinct text stands there once. Knows no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import polars as pl


class Coded(Sequence[str]):
    """The texts of one column.

    Attributes:
        distinct: each text once, in the order of their first rows.
        codes: of each row, which of them it has.
    """

    def __init__(self, column: pl.Series) -> None:
        import polars as pl  # loaded already, by who made the column

        texts = column.unique(maintain_order=True)
        self.distinct: list[str] = texts.to_list()
        self._codes = column.cast(pl.Enum(texts)).to_physical()
        self.codes: list[int] = self._codes.to_list()

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self.distinct[code] for code in self.codes[at]]
        return self.distinct[self.codes[at]]

    def __iter__(self) -> Iterator[str]:
        return map(self.distinct.__getitem__, self.codes)

    def counts(self) -> Counter[str]:
        """How often each text stands there."""
        codes, counts = self._codes.value_counts(name="count")
        return Counter(dict(zip(map(self.distinct.__getitem__, codes), counts, strict=True)))

    def places(self, wanted: Sequence[int]) -> list[int]:
        """The rows that have one of these."""
        found: list[int] = self._codes.is_in(wanted).arg_true().to_list()
        return found


class FramedRows(Sequence[Sequence[str]]):
    """The rows of a frame, made as they are asked for."""

    def __init__(self, frame: pl.DataFrame, asked: set[int]) -> None:
        """`asked`: the columns that are wanted at once; those that are asked for later are added."""
        self._frame = frame
        self._asked = asked
        self._coded = {index: Coded(frame.to_series(index)) for index in sorted(asked)}

    def __len__(self) -> int:
        return self._frame.height

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[str]]: ...
    def __getitem__(self, at: int | slice) -> list[str] | list[list[str]]:
        if isinstance(at, slice):
            return [list(row) for row in self._frame[at].rows()]
        return list(self._frame.row(at))

    def __iter__(self) -> Iterator[list[str]]:
        return map(list, self._frame.iter_rows())

    def column(self, index: int) -> Coded:
        """One of the columns."""
        if index not in self._coded:
            self._asked.add(index)
            self._coded[index] = Coded(self._frame.to_series(index))
        return self._coded[index]
