"""Which order is meant, and which number is a parcel's."""

from __future__ import annotations

import pytest

from deskhand.language import read_order_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SO-1001 发顺丰，运单号 SF1234567890", ("SO-1001",)),
        ("SO-1001，单号JD0012345678", ("SO-1001",)),
        ("快递单号 SF1234567890", ()),
    ],
)
def test_a_parcels_number_is_no_order_number(text: str, expected: tuple[str, ...]) -> None:
    assert read_order_numbers(text) == expected
