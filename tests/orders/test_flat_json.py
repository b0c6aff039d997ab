"""What is put into words by hand is what the json module says."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from deskhand.orders.flat_json import flat_items, flat_json
from deskhand.orders.status import OrderStatus

plain = st.text(max_size=6) | st.integers() | st.none()
nested = plain | st.booleans() | st.floats() | st.lists(st.integers(), max_size=2) | st.just(OrderStatus.SETTLED)


def encoded(value: object, ordered: bool) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=ordered)


@given(st.dictionaries(st.text(max_size=6), nested, max_size=4), st.booleans())
def test_a_flat_object_is_written_as_the_json_module_does(value: dict[str, object], ordered: bool) -> None:
    written = flat_json(value, ordered)

    assert written is None or written == encoded(value, ordered)


@given(st.dictionaries(st.text(max_size=6), plain, max_size=4))
def test_texts_whole_numbers_and_nothing_are_flat(value: dict[str, object]) -> None:
    assert flat_json(value) == encoded(value, ordered=False)


def test_what_holds_anything_else_is_left_to_the_module() -> None:
    assert [flat_json(one) for one in ([1], {"a": []}, {"a": True}, {1: "a"}, {1: 2, "a": 3}, "text")] == [None] * 6


@given(st.lists(plain, max_size=4))
def test_items_are_those_of_a_list(values: list[str | int | None]) -> None:
    assert f"[{flat_items(values)}]" == encoded(values, ordered=False)


def test_a_word_that_is_a_member_of_an_enumeration_is_itself() -> None:
    assert flat_items([OrderStatus.SETTLED]) == json.dumps(OrderStatus.SETTLED)
