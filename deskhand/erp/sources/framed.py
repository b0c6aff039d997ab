"""Rows that lie in columns, and columns of which each distinct text stands there once. Knows no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import polars as pl

_FEW = 20  # slices of a column, for which it is not worth while to list all of it


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
        self.codes = column.cast(pl.Enum(texts)).to_physical()

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self.distinct[code] for code in self.codes[at]]
        code: int = self.codes[at]
        return self.distinct[code]

    def __iter__(self) -> Iterator[str]:
        return map(self.distinct.__getitem__, self.codes.to_list())

    def counts(self) -> Counter[str]:
        """How often each text stands there."""
        codes, counts = self.codes.value_counts(name="count")
        return Counter(dict(zip(map(self.distinct.__getitem__, codes), counts, strict=True)))

    def places(self, wanted: Sequence[int]) -> list[int]:
        """The rows that have one of these."""
        found: list[int] = self.codes.is_in(wanted).arg_true().to_list()
        return found


class Shared(Sequence[Any]):
    """What the texts of one column came to, each distinct one held once; listed only for who wants it row by row.

    Attributes:
        values: by code. Several may be equal: 7 and 7.0 were read alike.
        codes: of each row, which of them it has.
    """

    def __init__(self, values: list[Any], codes: pl.Series) -> None:
        self.values = values
        self.codes = codes
        self._listed: list[Any] | None = None
        self._slices = 0  # that were asked for before it was listed

    @classmethod
    def of(cls, values: Sequence[Any]) -> Shared:
        """A column of any other kind. What is equal may be written in several ways, so objects are told apart."""
        import polars as pl

        known = {id(value): value for value in values}
        code_of = dict(zip(known, range(len(known)), strict=True))
        codes = list(map(code_of.__getitem__, map(id, values)))
        return cls(list(known.values()), pl.Series(codes, dtype=pl.UInt32))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if self._listed is None and not isinstance(at, slice):
            return self.values[self.codes[at]]
        if self._listed is None and self._slices < _FEW:
            self._slices += 1
            return list(map(self.values.__getitem__, self.codes[at].to_list()))
        return self.listed()[at]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.listed())

    def __eq__(self, other: object) -> bool:
        return self.listed() == list(other) if isinstance(other, (Shared, list)) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as a list has none

    def listed(self) -> list[Any]:
        """One value for each row."""
        if self._listed is None:
            self._listed = list(map(self.values.__getitem__, self.codes.to_list()))
        return self._listed

    def places(self, test: Callable[[Any], bool]) -> pl.Series:
        """Of each row, whether its value is such a one."""
        import polars as pl

        return self.mapped(list(map(test, self.values)), pl.Boolean)

    def among(self, rows: pl.Series) -> set[Any]:
        """The values of those rows for which it is so."""
        return set(map(self.values.__getitem__, self.codes.filter(rows).unique().to_list()))

    def kept(self, good: Sequence[bool]) -> Shared:
        """The rows that are to stay."""
        import polars as pl

        return Shared(self.values, self.codes.filter(pl.Series(good, dtype=pl.Boolean)))

    def at(self, rows: Sequence[int]) -> Shared:
        """These rows, in that order."""
        import polars as pl

        return Shared(self.values, self.codes.gather(pl.Series(rows, dtype=pl.UInt32)))

    def same(self) -> pl.Series:
        """Codes by which equal values are one."""
        import polars as pl

        first: dict[Any, int] = {}
        codes = [first.setdefault(value, code) for code, value in enumerate(self.values)]
        if len(first) == len(codes):
            return self.codes
        return pl.Series(codes, dtype=pl.UInt32).gather(self.codes)

    def mapped(self, made: Sequence[Any], kind: pl.DataType | type[pl.DataType]) -> pl.Series:
        """What was made of each value, in its rows."""
        import polars as pl

        return pl.Series(made, dtype=kind).gather(self.codes)


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
