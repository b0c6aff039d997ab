"""The orders of a part that are as they should be, all at once, by columns.

An order is plain where its rows stand together and agree in all that is said of the whole order, and each of its lines
has goods, a name, an exact price and something that was ordered. What is not plain is left to who looks at it row by
row; what is, comes out the same. Knows no other part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from deskhand.erp.kinds import Field
from deskhand.erp.sources.framed import Shared
from deskhand.orders.imports import ScaledLine
from deskhand.orders.money import places_of
from deskhand.store.types import PLACES, to_scaled

if TYPE_CHECKING:
    import polars as pl

    from deskhand.erp.wholes import Part

_LARGEST = 4e18  # of a product of two scaled numbers: less than 63 bits
_SCALE = 10**PLACES
_KEPT = 100_000  # numbers whose scaled form is known
_LINE = ("sku", "name", "quantity", "price")
_CUSTOMER = (Field.CUSTOMER_ID, Field.CUSTOMER_NAME)


class Ready(NamedTuple):
    """An order that agrees in what is said of the whole of it.

    Attributes:
        lines: in their order; nothing where they want a closer look, or nobody is its customer.
        doubled: the rows, counted from the part's first, that say a line once more.
    """

    head: dict[Field, Any]
    lines: list[ScaledLine]
    doubled: list[int]


class Run(NamedTuple):
    """Rows that stand together and have one order number: from `start` to the one before `stop`."""

    number: str
    start: int
    stop: int
    ready: Ready | None

    @property
    def wants_a_look(self) -> bool:
        """Whether its rows are to be read one by one; those that nobody has ordered are not."""
        ready = self.ready
        return ready is None or (not ready.lines and any(map(ready.head.get, _CUSTOMER)))


class PlainOrders:
    """Of one import, with what it knows of numbers."""

    def __init__(self, currency: str) -> None:
        self._places = places_of(currency)
        self._scaled: dict[Decimal, int | None] = {}
        self._kept: dict[int, int] = {}

    def runs(self, part: Part) -> list[Run] | None:
        """None: the part was not read in columns, or something else makes its amounts."""
        numbers = part.columns[Field.ORDER_NUMBER]
        if not isinstance(numbers, Shared) or not part.is_plain:
            return None
        import polars as pl  # loaded already, by who read the part

        columns = {field: _shared(part.columns[field]) for field in part.heads}
        skus, names, quantities, prices = (_shared(part.columns[field]) for field in part.plain_fields)
        (sku_of, sku), (name_of, name) = _ranked(skus), _ranked(names)
        rows = _told_apart(
            pl.LazyFrame({
                "sku": sku, "name": name, "quantity": self._numbers(quantities), "price": self._numbers(prices),
                "number": numbers.same(), **{str(field): column.same() for field, column in columns.items()},
            }),
            list(map(str, columns)),
        )  # fmt: skip
        runs = rows.lazy().group_by("run", maintain_order=True).agg(
            pl.col("row").first(), pl.col("differs").any(), pl.col("odd").any()
        ).collect()  # fmt: skip
        starts = runs["row"].to_list()
        heads = _heads(columns, runs["row"], runs["differs"].to_list())
        odd = runs["odd"].to_list()
        wanted = [not one and head is not None and any(map(head.get, _CUSTOMER))
                  for one, head in zip(odd, heads, strict=True)]  # fmt: skip
        found = [None if head is None else Ready(head, [], []) for head in heads]
        self._put_lines(found, rows.filter(pl.Series(wanted, dtype=pl.Boolean).gather(rows["run"])), sku_of, name_of)
        said = map(numbers.values.__getitem__, numbers.codes.gather(runs["row"]).to_list())
        return list(map(Run, said, starts, [*starts[1:], len(numbers)], found))

    def _put_lines(
        self, found: Sequence[Ready | None], rows: pl.DataFrame, sku_of: list[str], name_of: list[str]
    ) -> None:
        """`rows`: of the orders whose lines are as they should be."""
        import polars as pl

        sorted_by = ("run", *_LINE)
        again = pl.all_horizontal(pl.col(one) == pl.col(one).shift(1) for one in sorted_by).fill_null(value=False)
        lines = rows.lazy().sort(*sorted_by, "row").with_columns(again=again, amount=self._amount()).collect()
        doubled = lines.filter(pl.col("again")).sort("row")
        for run, row in doubled.select("run", "row").iter_rows():
            one = found[run]
            one and one.doubled.append(row)
        lines = lines.filter(~pl.col("again"))
        shown = (map(sku_of.__getitem__, lines["sku"].to_list()), map(name_of.__getitem__, lines["name"].to_list()))
        amounts = (self._once(lines[one].to_list()) for one in ("quantity", "price", "amount"))
        made: list[ScaledLine] = list(zip(*shown, *amounts, repeat(0, len(lines)), strict=True))
        at = 0
        for length, run in lines["run"].rle().struct.unnest().iter_rows():
            one = found[run]
            one and one.lines.extend(made[at : at + length])
            at += length

    def _once(self, numbers: list[int]) -> Iterator[int]:
        """The same numbers, each of which is one object: of half a million lines they take a fifth of the room."""
        if len(self._kept) > _KEPT:
            self._kept.clear()
        return map(self._kept.setdefault, numbers, numbers)

    def _amount(self) -> pl.Expr:
        """Half-up to the currency's places; quantity and price are positive."""
        import polars as pl

        coin, worth = 10 ** (2 * PLACES - self._places), 10 ** (PLACES - self._places)
        coins = (pl.col("quantity") * pl.col("price") + coin // 2) // coin
        return pl.Expr.mul(coins, worth)

    def _numbers(self, column: Shared) -> pl.Series:
        """Scaled; nothing where the database could not keep it exactly."""
        import polars as pl

        if len(self._scaled) > _KEPT:
            self._scaled.clear()
        return column.mapped([None if one is None else self._exactly(one) for one in column.values], pl.Int64)

    def _exactly(self, value: Decimal) -> int | None:
        if value not in self._scaled:
            scaled = to_scaled(value)
            exact = abs(scaled) < _LARGEST and Decimal(scaled) == value * _SCALE
            self._scaled[value] = scaled if exact else None
        return self._scaled[value]


def _told_apart(rows: pl.LazyFrame, heads: Sequence[str]) -> pl.DataFrame:
    """With the run of each row, whether it says something else of its order than the row before, and whether its line
    is not as it should be.
    """
    import polars as pl

    quantity, price, run = pl.col("quantity"), pl.col("price"), pl.col("run")
    fine = (pl.all_horizontal(pl.col(one).is_not_null() for one in _LINE) & (quantity > 0) & (price >= 0)
            & (quantity.cast(pl.Float64) * price.cast(pl.Float64) < _LARGEST))  # fmt: skip
    differs = pl.any_horizontal(pl.col(one).ne_missing(pl.col(one).shift(1)) for one in heads)
    inside = (run == run.shift(1)).fill_null(value=False)
    numbered = rows.with_columns(run=pl.col("number").rle_id()).with_row_index("row")
    return numbered.select("row", "run", *_LINE, differs=inside & differs, odd=~fine.fill_null(value=False)).collect()


def _shared(column: Sequence[Any]) -> Shared:
    return column if isinstance(column, Shared) else Shared.of(column)


def _heads(columns: dict[Field, Shared], starts: pl.Series, differs: Sequence[bool]) -> list[dict[Field, Any] | None]:
    fields = list(columns)
    said = [map(one.values.__getitem__, one.codes.gather(starts).to_list()) for one in columns.values()]
    return [
        None if apart else {field: value for field, value in zip(fields, values, strict=True) if value is not None}
        for apart, values in zip(differs, zip(*said, strict=True), strict=True)
    ]


def _ranked(column: Shared) -> tuple[list[Any], pl.Series]:
    """The values in their order, and the place of each row's among them; nothing stands for nothing."""
    import polars as pl

    values = sorted({value for value in column.values if value})
    rank = {value: place for place, value in enumerate(values)}
    return values, column.mapped(list(map(rank.get, column.values)), pl.UInt32)
