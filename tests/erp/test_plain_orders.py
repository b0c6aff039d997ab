"""Orders that are gathered by columns are those that are gathered row by row, and so is all that is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.erp.kinds import Field
from deskhand.erp.sources.framed import Shared
from deskhand.erp.wholes import Gatherer, Part, Whole

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIELDS = (Field.ORDER_NUMBER, Field.CUSTOMER_ID, Field.SKU, Field.PRODUCT_NAME, Field.QUANTITY, Field.UNIT_PRICE,
          Field.CREATED_AT, Field.TOTAL)  # fmt: skip
PLAIN = ("1", "K", "A", "Lamp", Decimal(1), Decimal("0.5"), NOW, Decimal("7.0"))

usual = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["K", "K", "K", None]),
    st.sampled_from("BA"),
    st.sampled_from(["Mug", "Lamp"]),
    st.sampled_from(["1", "1.0", "2", "3"]).map(Decimal),
    st.sampled_from(["0.5", "2.25", "0"]).map(Decimal),
    st.just(NOW),
    st.sampled_from(["7.0", "7.0", "7"]).map(Decimal),
)
odd = st.tuples(
    st.sampled_from(["1", "C1", "1C"]),
    st.sampled_from(["K", "L", "", None]),
    st.sampled_from(["A", "", None]),
    st.sampled_from(["Lamp", "", None]),
    st.sampled_from(["-1", "0", "0.00005", "0.333", "99999999999"]).map(Decimal),
    st.sampled_from(["-1", "0.005", "0.00015", "1.2345", "99999999999"]).map(Decimal) | st.none(),
    st.sampled_from([NOW, NOW + timedelta(days=1), None]),
    st.sampled_from(["7", "8"]).map(Decimal) | st.none(),
)
rows_of_a_file = st.lists(usual | usual | usual | odd, max_size=14).flatmap(
    lambda rows: st.sampled_from([rows, sorted(rows, key=lambda row: str(row[0]))])
)


def gathered(
    rows: Sequence[tuple[Any, ...]], cuts: Sequence[int], shared: Sequence[bool], currency: str = "GBP"
) -> tuple[list[Whole], list[object]]:
    """Orders by number, and everything that was told. `shared`: which parts come in columns."""
    told: list[object] = []
    gatherer = Gatherer(
        currency, NOW, told.append, lambda *refused: told.append((refused[0], *map(list, refused[1:2])))
    )
    places = [0, *sorted(cuts)]
    for begin, end, in_columns in zip(places, [*sorted(cuts), len(rows)], shared, strict=True):
        columns: dict[Field, Any] = {field: [row[at] for row in rows[begin:end]] for at, field in enumerate(FIELDS)}
        if in_columns:
            columns = {field: Shared.of(values) for field, values in columns.items()}
        gatherer.add(Part("x.csv", "shop", range(begin + 2, end + 2), columns))
    wholes = sorted(gatherer.wholes(), key=lambda whole: whole.number)
    return wholes, [*told, *gatherer.reversals]


def written_out(found: tuple[list[Whole], list[object]]) -> str:
    """1 and 1.0 are equal, but not written alike."""
    return repr(found)


@given(
    rows_of_a_file,
    st.tuples(st.integers(0, 14), st.integers(0, 14)),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
    st.sampled_from(["GBP", "JPY", "KWD"]),
)
def test_any_rows_become_the_same_orders(
    rows: list[tuple[Any, ...]], cuts: tuple[int, int], shared: tuple[bool, ...], currency: str
) -> None:
    cuts = (min(cuts[0], len(rows)), min(cuts[1], len(rows)))

    quick = gathered(rows, cuts, shared, currency)
    slow = gathered(rows, cuts, (False, False, False), currency)

    assert quick == slow
    assert written_out(quick) == written_out(slow)


def test_what_is_plain_is_looked_at_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_plain_lines", "_note_lines"):
        monkeypatch.setattr(Gatherer, name, None)
    rows = [PLAIN, ("1", "K", "B", "Mug", Decimal(3), Decimal("1.115"), NOW, Decimal("7.0")), PLAIN]

    wholes, told = gathered(rows, [], [True])

    assert wholes[0].lines == [("A", "Lamp", 10_000, 5_000, 5_000, 0), ("B", "Mug", 30_000, 11_150, 33_500, 0)]
    assert [finding.line for finding in told] == [4]  # type: ignore[attr-defined]  # the one that stands there twice


def test_an_order_whose_rows_go_on_in_another_part_is_whole() -> None:
    rows = [PLAIN, ("1", "K", "B", "Mug", Decimal(3), Decimal("1.5"), NOW, Decimal("7.0"))]

    for shared in ([True, True], [True, False], [False, True]):
        wholes, _ = gathered(rows, [1], shared)

        assert [line[0] for line in wholes[0].lines] == ["A", "B"]


def test_a_column_is_as_its_list() -> None:
    column = Shared.of(["a", None, "a", "b"])

    assert (column[1], column[-1], column[1:3], list(column), len(column)) == (
        None, "b", [None, "a"], ["a", None, "a", "b"], 4,
    )  # fmt: skip
    assert column == ["a", None, "a", "b"]
    assert list(column.kept([True, False, False, True])) == ["a", "b"]
    assert column.among(column.places(lambda value: value is not None)) == {"a", "b"}
